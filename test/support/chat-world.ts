/**
 * Customers and agents with the real engine against a real relay, each with a store of its own, for scenario tests.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { compare, equal } from '../../src/bytes/bytes.ts';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { nodeClock, nodeRandom } from '../../src/adapters/node/node-clock.ts';
import { nodeTransport } from '../../src/adapters/node/node-socket.ts';
import { openCustomerClient } from '../../src/engine/customer.ts';
import { openDeskClient } from '../../src/engine/desk.ts';
import type { DevicePorts } from '../../src/engine/ports/device.ts';
import type { Ports, Table } from '../../src/engine/ports.ts';
import type {
  ChatClient,
  ConversationView,
  CustomerClient,
  DeskClient,
  Live,
  MessageView,
  Party,
  Unlocking,
} from '../../src/engine/views.ts';
import { toHex } from '../../src/bytes/text.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { deviceIdOf } from '../../src/identity/device.ts';
import { encodeBundle, signDirectory, type Directory, type Member, type Role } from '../../src/identity/directory.ts';
import { openEnrolment, type Invitation } from '../../src/identity/enrolment.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { DeviceDouble } from './device-double.ts';
import { RawDevice, type Talk } from './raw-device.ts';
import { RelayWorld, type WorldOptions } from './relay-world.ts';
import type { WireClient } from './wire-client.ts';

const HOUR = 3_600_000;
/** Idle time of tabs that say nothing else. */
const LOCK_AFTER = HOUR / 4;

/** One page of a customer's. */
export interface CustomerTab {
  readonly receipts?: boolean;
  readonly ports?: Ports;
  /** What it has for a lock. */
  readonly page?: DevicePorts;
  readonly lockAfter?: number;
  readonly unlock?: Unlocking;
  readonly kind?: 'guest' | 'memory';
}

/** What lies on one device: it outlives the clients opened on it. */
export class Device {
  readonly disk: MemoryDisk;
  readonly double = new DeviceDouble();
  readonly #locks = memoryLocks();

  constructor(disk = new MemoryDisk()) {
    this.disk = disk;
  }

  /** How many rows a table holds. */
  rows(table: Table): Promise<number> {
    return this.disk.open().count(table, { from: '', to: 'g' });
  }

  /** What a client in one more tab of this device is opened with. */
  opening(): { ports: Ports; device: DevicePorts; lockAfter: number } {
    return { ports: this.tab(), device: this.double.page(), lockAfter: LOCK_AFTER };
  }

  /** Ports of one more tab of this device. */
  tab(): Ports {
    return {
      records: this.disk.open(),
      locks: this.#locks,
      clock: nodeClock,
      random: nodeRandom,
      transport: nodeTransport(),
    };
  }
}

export class ChatWorld {
  readonly relay: RelayWorld;
  readonly #clients: ChatClient[] = [];
  readonly #invitations: Invitation[] = [];
  #members: Member[] = [];
  #version = 0;
  #admin: WireClient | null = null;

  private constructor(relay: RelayWorld) {
    this.relay = relay;
  }

  static async start(options: WorldOptions = {}): Promise<ChatWorld> {
    const world = new ChatWorld(await RelayWorld.start(options));
    await world.publish();
    return world;
  }

  get deskKey(): string {
    return formatDeskKey(this.relay.desk);
  }

  async customer(device = new Device(), options: CustomerTab = {}): Promise<CustomerClient> {
    const { receipts = true, ports = device.tab(), page = device.double.page(), ...rest } = options;
    const at = { relay: this.relay.origin, deskKey: this.deskKey };
    const client = await openCustomerClient({ ...at, ports, device: page, receipts, lockAfter: LOCK_AFTER, ...rest });
    this.#clients.push(client);
    return client;
  }

  /** An agent that was invited, has asked, and was approved. */
  async agent(
    name: string,
    device = new Device(),
    role: Role = 'agent',
    ports: Ports = device.tab(),
  ): Promise<DeskClient> {
    const invitation = this.invite(role);
    const relay = this.relay.origin;
    const client = await openDeskClient({ ...device.opening(), ports, relay, invitation, name });
    this.#clients.push(client);
    await this.approveAll(1);
    await first(client.membership, ({ state }) => state === 'member');
    if (role !== 'archive') await client.setDuty('on');
    return client;
  }

  /** A member without the engine, approved and connected. */
  async raw(name: string, role: Role = 'agent'): Promise<RawDevice> {
    const device = await RawDevice.make(this.relay);
    await this.admit({ key: device.keys.key, role, name });
    return device.enter();
  }

  /** Many members without the engine, by one directory. */
  async raws(names: readonly string[]): Promise<RawDevice[]> {
    const devices = await Promise.all(names.map(() => RawDevice.make(this.relay)));
    await this.admit(...devices.map(({ keys }, i): Member => ({ key: keys.key, role: 'agent', name: names[i] ?? '' })));
    return Promise.all(devices.map((device) => device.enter()));
  }

  /** What the relay tells members of a conversation that waits or is claimed; `device` is the customer's. */
  async talkOf(conversation: string): Promise<Talk & { device: Uint8Array }> {
    const watcher = await this.raw(`Watcher ${this.#members.length}`, 'supervisor');
    const { entries } = await watcher.client.request('queue-watch', {});
    const entry = entries.find((one) => toHex(one.conversation) === conversation);
    if (entry === undefined) throw new Error('the relay knows no such conversation');
    await watcher.client.close();
    return { id: entry.conversation, customer: entry.key, salt: entry.salt, device: deviceIdOf(entry.key) };
  }

  /** The key of a member. */
  keyOf(name: string): Uint8Array {
    const member = this.#members.find((one) => one.name === name);
    if (member === undefined) throw new Error(`no member ${name}`);
    return member.key;
  }

  /** The device id of a member. */
  idOf(name: string): Uint8Array {
    return deviceIdOf(this.keyOf(name));
  }

  /** The device id of a conversation's customer. */
  deviceOf(talk: Talk): Uint8Array {
    return deviceIdOf(talk.customer);
  }

  /** Puts members into the directory. */
  async admit(...members: Member[]): Promise<void> {
    this.#members.push(...members);
    await this.publish();
  }

  /** Opens again what an agent's device holds. */
  async reopen(device: Device, unlock?: Unlocking): Promise<DeskClient> {
    const client = await openDeskClient({
      ...{ ...device.opening(), relay: this.relay.origin, invitation: null, name: null },
      ...(unlock === undefined ? {} : { unlock }),
    });
    this.#clients.push(client);
    return client;
  }

  invite(role: Role = 'agent'): Invitation {
    const invitation: Invitation = {
      v: 1,
      desk: this.relay.desk,
      id: new Uint8Array(randomBytes(16)),
      secret: new Uint8Array(randomBytes(32)),
      role,
      expires: Date.now() + HOUR,
    };
    this.#invitations.push(invitation);
    return invitation;
  }

  /** Approves waiting requests until so many were approved. */
  async approveAll(count: number): Promise<void> {
    const admin = await this.#office();
    for (let approved = 0; approved < count;) {
      const { requests } = await admin.request('enrolments', {});
      for (const { id, request } of requests) {
        for (const invitation of this.#invitations) {
          const open = await openEnrolment(nobleCrypto, request, { invitation, used: false }, Date.now()).catch(
            () => null,
          );
          if (open === null) continue;
          // Asked again before it had heard of the approval.
          if (this.#members.some(({ key }) => equal(key, open.key))) continue;
          this.#members.push({ key: open.key, role: open.role, name: open.name });
          approved++;
        }
        await admin.request('enrolment-drop', { ids: [id] });
      }
      if (requests.length > 0) await this.publish();
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Takes a member out of the directory. @returns what was taken out */
  async revoke(name: string): Promise<Member[]> {
    const gone = this.#members.filter((member) => member.name === name);
    this.#members = this.#members.filter((member) => member.name !== name);
    await this.publish();
    return gone;
  }

  /** The version of the directory in force. */
  get version(): number {
    return this.#version;
  }

  /** Signs and publishes the next directory. @returns its bundle */
  async publish(changes: Partial<Directory> = {}): Promise<Uint8Array> {
    const bundle = await this.bundle({ ...changes, version: ++this.#version });
    await (await this.#office()).request('directory-publish', { bundle });
    return bundle;
  }

  /** A bundle like the one in force; `changes` are what is other about it. */
  async bundle(changes: Partial<Directory> = {}, root = this.relay.root): Promise<Uint8Array> {
    const now = Date.now();
    const members = [...this.#members].sort((a, b) => compare(a.key, b.key));
    const base = await signDirectory(nobleCrypto, root.seed, {
      desk: root.key,
      version: this.#version,
      issuedAt: now,
      freshUntil: now + 48 * HOUR,
      renewUntil: now + 30 * 24 * HOUR,
      name: 'Bank Example',
      members,
      renewers: [],
      policy: {
        recorded: members.some(({ role }) => role === 'archive'),
        retentionDays: null,
        notice: null,
        tokenKeys: [],
      },
      ...changes,
    });
    return encodeBundle({ base, renewal: null });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.relay.stop();
  }

  async #office(): Promise<WireClient> {
    this.#admin ??= await this.relay.enter(this.relay.root);
    return this.#admin;
  }
}

/** The first value of a live query that satisfies. */
export function first<T>(live: Live<T>, wanted: (value: T) => boolean, within = 8_000): Promise<T> {
  return new Promise((resolve, reject) => {
    let last: T | undefined;
    const late = setTimeout(() => {
      stop();
      reject(new Error(`nothing satisfied within ${within} ms; last: ${JSON.stringify(last)?.slice(0, 2_000)}`));
    }, within);
    let stop = (): void => undefined;
    stop = live.subscribe(
      (value) => {
        last = value;
        if (!wanted(value)) return;
        clearTimeout(late);
        queueMicrotask(() => stop());
        resolve(value);
      },
      (error) => {
        clearTimeout(late);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** The members that take part, as a client shows them: names by status. */
export function named(view: ConversationView | undefined, status: Party['status']): (string | null)[] {
  return (view?.parties ?? [])
    .filter((party) => party.status === status && party.role !== 'customer' && party.role !== 'archive')
    .map(({ name }) => name)
    .sort();
}

/** The texts of a conversation as a client shows them, once a text is among them. */
export async function textsWith(
  client: ChatClient,
  conversation: string,
  text: string,
  within?: number,
): Promise<string[]> {
  const isThere = (views: readonly MessageView[]): boolean => views.some((view) => view.text === text);
  return texts(await first(client.messages(conversation, 500), isThere, within));
}

/** The texts among messages. */
export function texts(messages: readonly MessageView[]): string[] {
  return messages.filter(({ kind }) => kind === 'text').map(({ text }) => text);
}
