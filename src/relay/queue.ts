/**
 * Which conversations of a desk wait and who has claimed which. docs/relay.md §5.7.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { codecOf, mapOf, orNull } from '../bytes/shape.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { conversationIdOf } from '../identity/conversation-id.ts';
import { deviceIdShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import type { QueueEntry } from '../wire/fields.ts';
import { MAX_QUEUE_ENTRIES } from '../wire/limits.ts';
import type { ReplyBody } from '../wire/requests.ts';
import { AddressShares } from './address-shares.ts';
import { isServing, type Directories } from './directories.ts';
import type { Hub } from './hub.ts';
import type { RelayLimits } from './limits.ts';
import { refusalOf, refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Caller, Identity } from './session.ts';
import type { RelayStore } from './store.ts';

const codec = codecOf(
  'queue entry',
  256,
  mapOf({ key: keyShape, salt: idShape, since: timeShape, by: orNull(deviceIdShape), claimedAt: orNull(timeShape) }),
);

/** An entry as it is held: `by` null while it waits. */
interface Held {
  readonly conversation: Uint8Array;
  /** The customer's key. */
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly since: number;
  readonly by: Uint8Array | null;
  readonly claimedAt: number | null;
}

const PAGE = 500;

export class Queue {
  readonly #store: RelayStore;
  readonly #hub: Hub;
  readonly #directories: Directories;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  /** The entries of desks by conversation, as in the store: loaded once, changed after the store was. */
  readonly #desks = new Map<string, Map<string, Held>>();
  readonly #shares = new AddressShares();
  readonly #serial = new Serial();

  constructor(options: {
    store: RelayStore;
    hub: Hub;
    directories: Directories;
    limits: RelayLimits;
    now: () => number;
  }) {
    this.#store = options.store;
    this.#hub = options.hub;
    this.#directories = options.directories;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /**
   * A customer's conversation waits. One that is there stays where it is; a claim older than a minute ends, since its claimer has
   * never joined or has left. @throws ChatError `forbidden`, `quota`
   */
  async announce(
    { identity, address }: Caller,
    conversation: Uint8Array,
    salt: Uint8Array,
  ): Promise<ReplyBody<'announce'>> {
    // Whoever has heard of an id could otherwise keep its customer out of the queue.
    if (!equal(conversation, conversationIdOf({ desk: identity.desk, customerKey: identity.key, salt }))) {
      throw refused('forbidden', "another device's conversation");
    }
    return this.#of(identity, async (entries) => {
      const entry = entries.get(toHex(conversation));
      if (entry !== undefined) {
        const isClaimed = entry.claimedAt !== null && this.#now() - entry.claimedAt < this.#limits.claimPatience;
        if (entry.by !== null && !isClaimed) await this.#put(identity.deskName, waiting(entry));
        return { state: isClaimed ? 'claimed' : 'waiting' };
      }
      const own = [...entries.values()].filter(({ key }) => equal(key, identity.key));
      const { queueEntriesPerDevice, queueEntriesPerAddress, queueEntriesPerDesk } = this.#limits;
      if (own.length >= queueEntriesPerDevice) throw refused('quota', 'too many open conversations of this device');
      if (this.#shares.of(address) >= queueEntriesPerAddress) throw refused('quota', 'too many of this address');
      if (entries.size >= queueEntriesPerDesk) throw refused('quota', 'the queue of the desk is full');
      await this.#put(identity.deskName, {
        conversation,
        key: identity.key,
        salt,
        since: this.#now(),
        by: null,
        claimedAt: null,
      });
      this.#shares.add(`${identity.deskName}/${toHex(conversation)}`, address, 1);
      return { state: 'waiting' };
    });
  }

  /**
   * All entries, longest waiting first: as many as a reply holds; the others are pushed. The session hears of changes
   * from here on.
   */
  async watch(session: Caller): Promise<ReplyBody<'queue-watch'>> {
    const { identity } = session;
    return this.#of(identity, async (entries) => {
      // Asked here, in turn: `apply` may have been, and have found nobody who watches.
      if (!(await this.#isServing(identity.desk, identity.deviceName))) throw refused('forbidden', 'not a member');
      const all = [...entries.values()].sort((a, b) => a.since - b.since).map(entryOf);
      this.#hub.join(`queue/${identity.deskName}`, session, Infinity);
      // After the reply, and as they are then: a change pushed in between must not be undone.
      setImmediate(() => {
        const names = all.slice(MAX_QUEUE_ENTRIES).map(({ conversation }) => toHex(conversation));
        const rest = names.flatMap((name) => this.#desks.get(identity.deskName)?.get(name) ?? []).map(entryOf);
        for (let at = 0; at < rest.length; at += MAX_QUEUE_ENTRIES) {
          session.push('queue', { entries: rest.slice(at, at + MAX_QUEUE_ENTRIES) });
        }
      });
      return { entries: all.slice(0, MAX_QUEUE_ENTRIES), total: all.length };
    });
  }

  /** One claim wins. @throws ChatError `already-claimed`, `conversation-unknown`, `forbidden` */
  async claim({ identity }: Caller, conversation: Uint8Array): Promise<void> {
    await this.#of(identity, async (entries) => {
      const entry = known(entries, conversation);
      // Asked here, in turn: after `apply` took a member's claims away it can make no new one.
      if (!(await this.#isServing(identity.desk, identity.deviceName))) throw refused('forbidden', 'not a member');
      if (entry.by !== null && !equal(entry.by, identity.device)) {
        throw refused('already-claimed', 'another member was first', { by: entry.by });
      }
      if (entry.by === null) {
        await this.#put(identity.deskName, { ...entry, by: identity.device, claimedAt: this.#now() });
      }
    });
  }

  /** The claimer hands over to another member. @throws ChatError `forbidden`, `conversation-unknown` */
  async assign({ identity }: Caller, conversation: Uint8Array, to: Uint8Array): Promise<void> {
    await this.#of(identity, async (entries) => {
      const entry = known(entries, conversation);
      if (!(await this.#isServing(identity.desk, toHex(to)))) throw refused('forbidden', 'assigned to no member');
      if (!(await this.#isClaimer(entry, identity))) throw refused('forbidden', 'not the claimer');
      await this.#put(identity.deskName, { ...entry, by: to, claimedAt: this.#now() });
    });
  }

  /** It waits again, at its old place. @throws ChatError `forbidden`, `conversation-unknown` */
  async requeue({ identity }: Caller, conversation: Uint8Array): Promise<void> {
    await this.#of(identity, async (entries) => {
      const entry = known(entries, conversation);
      await this.#allow(entry, identity);
      if (entry.by !== null) await this.#put(identity.deskName, waiting(entry));
    });
  }

  /** It leaves the queue. @throws ChatError `forbidden` */
  async finish({ identity }: Caller, conversation: Uint8Array): Promise<void> {
    await this.#of(identity, async (entries) => {
      const entry = entries.get(toHex(conversation));
      if (entry === undefined) return;
      await this.#allow(entry, identity);
      const key = `${identity.deskName}/${toHex(conversation)}`;
      await this.#store.commit([{ table: 'queue', key, expects: 'any', put: null }]);
      this.#forget(identity.deskName, entry);
    });
  }

  /** What somebody claimed who is no longer a member waits again; who is no longer a member hears no more. */
  async apply(directory: OpenDirectory): Promise<void> {
    const deskName = toHex(directory.directory.desk);
    const isMember = (name: string): boolean => isServing(directory.membersById.get(name)?.role ?? null);
    this.#hub.retain(`queue/${deskName}`, ({ identity }) => isMember(identity.deviceName));
    await this.#of({ desk: directory.directory.desk, deskName }, async (entries) => {
      for (const entry of [...entries.values()]) {
        if (entry.by !== null && !isMember(toHex(entry.by))) await this.#put(deskName, waiting(entry));
      }
    });
  }

  /** A row of the queue was removed because it expired. */
  async expired(key: string): Promise<void> {
    const [deskName = '', conversation = ''] = key.split('/');
    await this.#serial.run(deskName, async () => {
      if ((await this.#store.get('queue', key)) === undefined) this.#shares.remove(key);
      const entry = this.#desks.get(deskName)?.get(conversation);
      // It may have been announced again since.
      if (entry !== undefined && (await this.#store.get('queue', key)) === undefined) this.#forget(deskName, entry);
    });
  }

  /** Changes of one desk's queue are made one after the other. */
  async #of<T>(
    { desk, deskName }: Pick<Identity, 'desk' | 'deskName'>,
    work: (entries: Map<string, Held>) => Promise<T>,
  ): Promise<T> {
    return this.#serial.run(deskName, async () => {
      const entries = this.#desks.get(deskName) ?? (await this.#load(desk, deskName));
      try {
        const result = await work(entries);
        // Of a desk without any nothing is kept: there may be very many desks.
        if (entries.size === 0) this.#desks.delete(deskName);
        return result;
      } catch (error) {
        // After a failed write nobody knows what the store holds: it is read again.
        if (refusalOf(error) === null) this.#desks.delete(deskName);
        throw error;
      }
    });
  }

  async #isServing(desk: Uint8Array, deviceName: string): Promise<boolean> {
    const directory = await this.#directories.of(desk);
    return isServing(directory?.membersById.get(deviceName)?.role ?? null);
  }

  /** A removed member's claims last until `apply` has had its turn; its rights do not. */
  async #isClaimer({ by }: Held, { desk, device, deviceName }: Identity): Promise<boolean> {
    return by !== null && equal(by, device) && (await this.#isServing(desk, deviceName));
  }

  async #allow(entry: Held, identity: Identity): Promise<void> {
    if (equal(entry.key, identity.key) || (await this.#isClaimer(entry, identity))) return;
    throw refused('forbidden', 'neither the claimer nor the customer');
  }

  async #load(desk: Uint8Array, deskName: string): Promise<Map<string, Held>> {
    const entries = new Map<string, Held>();
    let after: string | undefined;
    do {
      const prefix = `${deskName}/`;
      const rows = await this.#store.list('queue', { prefix, limit: PAGE, ...(after === undefined ? {} : { after }) });
      for (const { key, value } of rows) {
        const name = key.slice(prefix.length);
        entries.set(name, { conversation: fromHex(name), ...codec.decode(value) });
      }
      after = rows.length < PAGE ? undefined : rows.at(-1)?.key;
    } while (after !== undefined);
    this.#desks.set(deskName, entries);
    // A claimer may have been removed and the relay have died before it took the claim away.
    for (const entry of [...entries.values()]) {
      if (entry.by !== null && !(await this.#isServing(desk, toHex(entry.by)))) {
        await this.#put(deskName, waiting(entry));
      }
    }
    return entries;
  }

  async #put(deskName: string, entry: Held): Promise<void> {
    const { conversation, key, salt, since, by, claimedAt } = entry;
    const name = toHex(conversation);
    const put = {
      value: codec.encode({ key, salt, since, by, claimedAt }),
      expires: this.#now() + this.#limits.queueLife,
    };
    await this.#store.commit([{ table: 'queue', key: `${deskName}/${name}`, expects: 'any', put }]);
    this.#desks.get(deskName)?.set(name, entry);
    this.#hub.publish(`queue/${deskName}`, 'queue', { entries: [entryOf(entry)] });
  }

  #forget(deskName: string, entry: Held): void {
    this.#shares.remove(`${deskName}/${toHex(entry.conversation)}`);
    this.#desks.get(deskName)?.delete(toHex(entry.conversation));
    this.#hub.publish(`queue/${deskName}`, 'queue', { entries: [{ ...entryOf(entry), state: 'gone', by: null }] });
  }
}

function waiting(entry: Held): Held {
  return { ...entry, by: null, claimedAt: null };
}

function entryOf({ conversation, key, salt, since, by }: Held): QueueEntry {
  return { conversation, key, salt, since, state: by === null ? 'waiting' : 'claimed', by };
}

function known(entries: ReadonlyMap<string, Held>, conversation: Uint8Array): Held {
  const entry = entries.get(toHex(conversation));
  if (entry === undefined) throw refused('conversation-unknown', 'no such conversation in the queue');
  return entry;
}
