/**
 * The administrator's work on one desk, without a relay: making it, inviting, admitting, signing the directory.
 * docs/protocol.md §5, §6.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { nodeClock, nodeRandom } from '../adapters/node/node-clock.ts';
import { compare, equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import type { Clock, Random } from '../engine/ports.ts';
import { ChatError, peerError, usageError } from '../errors.ts';
import { formatDeskKey } from '../identity/desk-key.ts';
import { deviceKeysFrom, type DeviceKeys } from '../identity/device.ts';
import { isFresh } from '../identity/directory-order.ts';
import { checkDirectory } from '../identity/directory-rules.ts';
import { directoryCodec, type Directory, type Member, type Role } from '../identity/directory-shape.ts';
import { encodeBundle, openBundle, signDirectory, type OpenDirectory } from '../identity/directory.ts';
import { encodeInvitation, invitationOf, openEnrolment, type OpenEnrolment } from '../identity/enrolment.ts';
import { isPast } from '../identity/fields.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import {
  readRootSeed,
  readState,
  writeRootSeed,
  writeState,
  type DeskState,
  type KeptInvitation,
} from './desk-files.ts';
import { lockDirectory } from './directory-lock.ts';
import { unusable } from './durable-file.ts';

const HOUR = 3_600_000;
/** The longest that §5.1 allows. */
const FRESH_FOR = 72 * HOUR;
/** A base is signed anew at this age, so that two days of trouble do no harm. */
const RENEW_AFTER = 24 * HOUR;
const LONGEST_INVITATION = 30 * 24 * HOUR;

/** Where a desk is kept, and what the world gives; all but the directory have the machine's own as default. */
export interface DeskPlace {
  /** Made if there is none, readable by its owner alone. One process works in it at a time. */
  readonly directory: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly crypto?: PublicKeyCrypto;
}

/** A request as the administrator judges it. */
export interface CheckedEnrolment extends OpenEnrolment {
  /** It was admitted before: the device is a member already, with this invitation. */
  readonly admitted: boolean;
}

/**
 * Makes a desk: a root key and a state that names nobody.
 * @throws ChatError `desk-exists`, `desk-in-use`, `desk-directory-unusable`, `shape-mismatch` (usage) for a name that is not one (§3)
 */
export async function createDesk(place: DeskPlace, { name }: { name: string }): Promise<DeskOffice> {
  return locked(place, async () => {
    const { directory, random = nodeRandom } = place;
    const seed = await readRootSeed(directory);
    if (seed !== null) throw usageError('desk-exists', 'there is a desk in this directory');
    const root = await deviceKeysFrom(place.crypto ?? nobleCrypto, random(32));
    const state: DeskState = { v: 1, desk: root.key, name, members: [], invitations: [], bundle: null };
    // The state first: only a desk whose root key is there exists.
    await writeState(directory, state);
    await writeRootSeed(directory, root.seed);
    return { root, state, held: null };
  });
}

/**
 * Opens a desk that was made before.
 * @throws ChatError `desk-missing`, `desk-in-use`, `desk-directory-unusable`, `desk-file-exposed`, `desk-file-malformed`
 */
export async function openDesk(place: DeskPlace): Promise<DeskOffice> {
  return locked(place, async () => {
    const { directory, crypto = nobleCrypto } = place;
    const seed = await readRootSeed(directory);
    if (seed === null) throw usageError('desk-missing', 'there is no desk in this directory');
    const root = await deviceKeysFrom(crypto, seed);
    const state = await readState(directory);
    if (state === null || !equal(state.desk, root.key)) {
      throw new ChatError('environment', 'desk-file-malformed', 'the state is not that of the root key', {
        details: { missing: state === null },
      });
    }
    const held = state.bundle === null ? null : await openBundle(crypto, state.bundle, root.key);
    return { root, state, held };
  });
}

interface Contents {
  readonly root: DeviceKeys;
  readonly state: DeskState;
  readonly held: OpenDirectory | null;
}

async function locked(place: DeskPlace, work: () => Promise<Contents>): Promise<DeskOffice> {
  try {
    await mkdir(place.directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable('the directory cannot be made', cause);
  }
  const unlock = await lockDirectory(place.directory);
  try {
    return new DeskOffice(place, unlock, await work());
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** An open desk. Every change is on disk before its method resolves. Get one from `createDesk` or `openDesk`. */
export class DeskOffice {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #crypto: PublicKeyCrypto;
  readonly #unlock: () => Promise<void>;
  readonly #root: DeviceKeys;
  #state: DeskState;
  #held: OpenDirectory | null;
  /** The last of the changes, which are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(place: DeskPlace, unlock: () => Promise<void>, { root, state, held }: Contents) {
    this.#directory = place.directory;
    this.#clock = place.clock ?? nodeClock;
    this.#random = place.random ?? nodeRandom;
    this.#crypto = place.crypto ?? nobleCrypto;
    this.#unlock = unlock;
    this.#root = root;
    this.#state = state;
    this.#held = held;
  }

  /** The root key as a device, to authenticate at a relay with. Its seed does not show when it is printed. */
  get root(): DeviceKeys {
    return this.#root;
  }

  /** The public root key, 32 B. */
  get key(): Uint8Array {
    return this.#root.key;
  }

  /** The same for attributes and people: `dk1_…`. */
  get deskKey(): string {
    return formatDeskKey(this.#root.key);
  }

  get name(): string {
    return this.#state.name;
  }

  /** Who was admitted, by key ascending. */
  get members(): readonly Member[] {
    return this.#state.members;
  }

  /** The newest directory that was signed; null: none was. */
  get signed(): OpenDirectory | null {
    return this.#held;
  }

  /**
   * Makes an invitation for one device and keeps it.
   * @param options.life ms until it expires, 30 days at most
   * @returns what goes into the fragment of the link to the desk: a secret
   * @throws ChatError `invitation-lifetime` (usage), `cbor-too-large` (usage) when too many are kept, `desk-directory-unusable`
   */
  async invite({ role, life }: { role: Role; life: number }): Promise<string> {
    if (!(life > 0 && life <= LONGEST_INVITATION)) {
      throw usageError('invitation-lifetime', 'an invitation lives 30 days at most');
    }
    return this.#change(async () => {
      const now = this.#clock.now();
      const expires = Math.floor(now + life);
      const [id, secret] = [this.#random(16), this.#random(32)];
      const invitation = { v: 1 as const, desk: this.key, id, secret, role, expires };
      await this.#save({ invitations: [...this.#lasting(now), { invitation, used: null }] });
      return encodeInvitation(invitation);
    });
  }

  /**
   * What a request says, if it passes every check of §6 but the administrator's own eyes.
   * @throws ChatError as `openEnrolment`; `invitation-unknown`, `member-exists`, `desk-full`
   */
  async check(request: Signed): Promise<CheckedEnrolment> {
    const id = invitationOf(request);
    const kept = this.#state.invitations.find(({ invitation }) => equal(invitation.id, id));
    if (kept === undefined) throw peerError('invitation-unknown', 'no such invitation is kept');
    // Opened as if unused to learn the key: the same device asking again is no second use.
    const record = { invitation: kept.invitation, used: false };
    const open = await openEnrolment(this.#crypto, request, record, this.#clock.now());
    const admitted = kept.used !== null && equal(kept.used, open.key);
    if (kept.used !== null && !admitted) throw peerError('enrolment-used', 'the invitation was used before');
    if (!admitted) this.#checkRoom(open);
    return { ...open, admitted };
  }

  /**
   * Makes a member of the device that asks: the use of its invitation is on disk before anything is signed. Asked again
   * for the same device it changes nothing.
   * @throws ChatError as `check`; `desk-directory-unusable`, and then nothing has changed
   */
  async admit(request: Signed): Promise<CheckedEnrolment> {
    const checked = await this.#change(async () => {
      const open = await this.check(request);
      if (open.admitted) return open;
      const id = invitationOf(request);
      const invitations = this.#state.invitations.map((kept) =>
        equal(kept.invitation.id, id) ? { ...kept, used: open.key } : kept,
      );
      await this.#save({ members: this.#membersWith(open), invitations });
      return open;
    });
    await this.renew();
    return checked;
  }

  /**
   * Signs the next version if the members have changed, a day has passed since the last, or it is not fresh. On disk
   * before it resolves, so that no version is ever signed twice.
   * @returns the newest
   * @throws ChatError `desk-directory-unusable`
   */
  async renew(): Promise<OpenDirectory> {
    return this.#change(async () => {
      const held = this.#held;
      const now = this.#clock.now();
      const isDue = held === null || !isFresh(held, now) || now - held.issuedAt >= RENEW_AFTER || !this.#isSigned(held);
      if (!isDue) return held;
      const directory = this.#nextDirectory(this.#state.members, now);
      const base = await signDirectory(this.#crypto, this.#root.seed, directory);
      const bundle = encodeBundle({ base, renewal: null });
      const opened = await openBundle(this.#crypto, bundle, this.key);
      await this.#save({ bundle, invitations: this.#lasting(now) });
      this.#held = opened;
      return opened;
    });
  }

  /** Waits for what is under way and lets another process work with the desk. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turn.catch(() => undefined); // told to whoever asked for it
    await this.#unlock();
  }

  #nextDirectory(members: Member[], now: number): Directory {
    const freshUntil = now + FRESH_FOR;
    return {
      desk: this.key,
      version: (this.#held?.position.version ?? 0) + 1,
      issuedAt: now,
      freshUntil,
      // Nobody but the root signs: nothing lasts longer than the base itself.
      renewUntil: freshUntil,
      name: this.#state.name,
      members,
      renewers: [],
      policy: {
        recorded: members.some(({ role }) => role === 'archive'),
        retentionDays: null,
        notice: null,
        tokenKeys: [],
      },
    };
  }

  /** Before anything is recorded: a member that no directory can hold would block every later one. */
  #checkRoom(open: OpenEnrolment): void {
    if (this.#state.members.some(({ key }) => equal(key, open.key))) {
      throw peerError('member-exists', 'the device is a member already', { details: { device: toHex(open.deviceId) } });
    }
    try {
      const directory = this.#nextDirectory(this.#membersWith(open), this.#clock.now());
      checkDirectory(directory);
      directoryCodec.encode(directory);
    } catch (cause) {
      throw peerError('desk-full', 'no directory can hold this member', { cause });
    }
  }

  #membersWith({ key, role, name }: OpenEnrolment): Member[] {
    return [...this.#state.members, { key, role, name }].sort((a, b) => compare(a.key, b.key));
  }

  #isSigned({ directory }: OpenDirectory): boolean {
    const { members, name } = this.#state;
    const same = (member: Member, i: number): boolean => {
      const signed = directory.members[i];
      return (
        signed !== undefined &&
        equal(signed.key, member.key) &&
        signed.role === member.role &&
        signed.name === member.name
      );
    };
    return directory.name === name && directory.members.length === members.length && members.every(same);
  }

  /** Past its time an invitation is refused whether or not it is kept. */
  #lasting(now: number): KeptInvitation[] {
    return this.#state.invitations.filter(({ invitation }) => !isPast(invitation.expires, now));
  }

  async #save(change: Partial<Pick<DeskState, 'members' | 'invitations' | 'bundle'>>): Promise<void> {
    const next = { ...this.#state, ...change };
    await writeState(this.#directory, next);
    this.#state = next;
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(usageError('desk-closed', 'the desk was closed'));
    const done = this.#turn.then(work, work);
    this.#turn = done;
    return done;
  }
}
