/**
 * A relay on the loopback with a desk, devices and clients, for one test.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from '../../src/bytes/bytes.ts';
import { conversationIdOf } from '../../src/identity/conversation-id.ts';
import { deviceKeysFrom, type DeviceKeys } from '../../src/identity/device.ts';
import { encodeBundle, signDirectory, type Role } from '../../src/identity/directory.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import {
  lmdbStore,
  memoryStore,
  createRelay,
  type LogEntry,
  type Relay,
  type RelayOptions,
} from '../../src/relay/main.ts';
import type { RelayStore } from '../../src/relay/store.ts';
import { WireClient } from './wire-client.ts';

export interface WorldOptions extends Partial<Omit<RelayOptions, 'store' | 'data'>> {
  readonly durable?: boolean;
}

export async function newKeys(): Promise<DeviceKeys> {
  return deviceKeysFrom(nobleCrypto, new Uint8Array(randomBytes(32)));
}

export class RelayWorld {
  readonly root: DeviceKeys;
  readonly logged: LogEntry[] = [];
  readonly directory: string;
  origin = '';
  httpOrigin = '';
  relay!: Relay;
  store!: RelayStore;
  readonly #options: WorldOptions;
  readonly #clients: WireClient[] = [];
  #version = 0;
  #port = 0;

  private constructor(root: DeviceKeys, directory: string, options: WorldOptions) {
    this.root = root;
    this.directory = directory;
    this.#options = options;
  }

  static async start(options: WorldOptions = {}): Promise<RelayWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'relay-world-'));
    const world = new RelayWorld(await newKeys(), directory, options);
    await world.run();
    return world;
  }

  get desk(): Uint8Array {
    return this.root.key;
  }

  /** Starts the relay on what there is. */
  async run(wanted = 0): Promise<void> {
    const { durable = false, ...options } = this.#options;
    this.store = durable ? lmdbStore(join(this.directory, 'store')) : memoryStore();
    this.relay = createRelay({
      store: this.store,
      data: this.directory,
      desks: [this.desk],
      log: (entry) => {
        this.logged.push(entry);
      },
      ...options,
    });
    const { port } = await this.relay.listen(wanted);
    this.#port = port;
    this.origin = `ws://127.0.0.1:${port}`;
    this.httpOrigin = `http://127.0.0.1:${port}`;
  }

  /** Stops the relay and starts it again on the same data, which must be durable. */
  async restart(): Promise<void> {
    await this.halt();
    await this.run();
  }

  /** Stops the relay. */
  async halt(): Promise<void> {
    await this.relay.close();
    await this.store.close();
  }

  /** Starts the relay again at its old address. */
  async resume(): Promise<void> {
    await this.run(this.#port);
  }

  async connect(): Promise<WireClient> {
    return this.#keep(await WireClient.connect(this.origin));
  }

  /** A conversation that this device can announce. */
  conversation(
    { key }: DeviceKeys,
    salt: Uint8Array = new Uint8Array(randomBytes(16)),
  ): { conversation: Uint8Array; salt: Uint8Array } {
    return { conversation: conversationIdOf({ desk: this.desk, customerKey: key, salt }), salt };
  }

  /** A new connection of a device; without keys of a new one. @param address as a proxy would tell it */
  async enter(keys?: DeviceKeys, desk = this.desk, address?: string): Promise<WireClient> {
    return this.#keep(await WireClient.enter(this.origin, keys ?? (await newKeys()), desk, address));
  }

  /** A new bundle of the desk with these members, one version up. */
  async bundle(
    members: readonly { keys: DeviceKeys; role: Role }[],
    options: { version?: number; issuedAt?: number; root?: DeviceKeys; retentionDays?: number } = {},
  ): Promise<Uint8Array> {
    const { root = this.root, retentionDays = null } = options;
    const version = options.version ?? ++this.#version;
    this.#version = Math.max(version, this.#version);
    const now = options.issuedAt ?? Date.now();
    const base = await signDirectory(nobleCrypto, root.seed, {
      desk: root.key,
      version,
      issuedAt: now,
      freshUntil: now + 3_600_000,
      renewUntil: now + 86_400_000,
      name: 'Desk',
      members: members
        .map(({ keys, role }) => ({ key: keys.key, role, name: 'Somebody' }))
        .sort((a, b) => compare(a.key, b.key)),
      renewers: [],
      policy: {
        recorded: members.some(({ role }) => role === 'archive'),
        retentionDays,
        notice: null,
        tokenKeys: [],
      },
    });
    return encodeBundle({ base, renewal: null });
  }

  /** Publishes a directory with these members. */
  async publish(...members: readonly { keys: DeviceKeys; role: Role }[]): Promise<void> {
    const root = await this.enter(this.root);
    await root.request('directory-publish', { bundle: await this.bundle(members) });
    await root.close();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.socket.terminate();
    await this.relay.close();
    await this.store.close();
    await rm(this.directory, { recursive: true });
  }

  #keep(client: WireClient): WireClient {
    this.#clients.push(client);
    return client;
  }
}

/** Resolves when the condition holds. @throws Error when it does not within the time */
export async function until(condition: () => boolean | Promise<boolean>, within = 3_000): Promise<void> {
  const end = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
