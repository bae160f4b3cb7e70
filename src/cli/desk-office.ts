/**
 * The administrator's work on one desk, without a relay: making it, inviting, admitting, revoking, delegating, signing the
 * directory. docs/protocol.md §5, §6.
 * @module
 */
import { nodeClock, nodeRandom } from '../adapters/node/node-clock.ts';
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import type { Clock, Random } from '../engine/ports.ts';
import { peerError, usageError } from '../errors.ts';
import { formatDeskKey } from '../identity/desk-key.ts';
import { deviceIdOf, deviceKeysFrom, type DeviceKeys } from '../identity/device.ts';
import type { Member, Role } from '../identity/directory-shape.ts';
import { encodeBundle, openBundle, signDirectory, type OpenDirectory } from '../identity/directory.ts';
import { encodeInvitation, invitationOf, openEnrolment, type OpenEnrolment } from '../identity/enrolment.ts';
import { isPast } from '../identity/fields.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import { checkRoom, isDue, nextDirectory, sortedByKey } from './desk-directory.ts';
import {
  readLockedSeed,
  removeSeeds,
  writeSeed,
  writeState,
  type DeskState,
  type KeptInvitation,
  type KeptSigner,
  type RootKeyChoice,
} from './desk-files.ts';
import type { DeskPlace } from './desk-place.ts';

const DAY = 24 * 3_600_000;
const LONGEST_INVITATION = 30 * DAY;
/** A base cannot be renewed for longer (§5.1). */
const LONGEST_DELEGATION = 35 * DAY;

/** A request as the administrator judges it. */
export interface CheckedEnrolment extends OpenEnrolment {
  /** It was admitted before: the device is a member already, with this invitation. */
  readonly admitted: boolean;
  /** Whom the invitation was made for, as the administrator wrote it. */
  readonly note: string | null;
}

/** What an open desk begins with. */
export interface DeskContents {
  readonly root: DeviceKeys | null;
  readonly state: DeskState;
  readonly held: OpenDirectory | null;
}

type Change = Partial<Omit<DeskState, 'v' | 'desk'>>;

/** An open desk. Every change is on disk before its method resolves. Get one from `createDesk` or `openDesk` (desk-opening.ts). */
export class DeskOffice {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #crypto: PublicKeyCrypto;
  readonly #unlock: () => Promise<void>;
  #root: DeviceKeys | null;
  #state: DeskState;
  #held: OpenDirectory | null;
  /** The last of the changes, which are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(place: DeskPlace, unlock: () => Promise<void>, { root, state, held }: DeskContents) {
    this.#directory = place.directory;
    this.#clock = place.clock ?? nodeClock;
    this.#random = place.random ?? nodeRandom;
    this.#crypto = place.crypto ?? nobleCrypto;
    this.#unlock = unlock;
    this.#root = root;
    this.#state = state;
    this.#held = held;
  }

  /** The root key as a device, to authenticate at a relay with. Its seed does not show when it is printed. @throws ChatError `desk-locked` (usage) */
  get root(): DeviceKeys {
    if (this.#root === null) throw usageError('desk-locked', 'this needs the root key');
    return this.#root;
  }

  get unlocked(): boolean {
    return this.#root !== null;
  }

  get rootKeyPlace(): RootKeyChoice['place'] {
    return this.#state.rootKey;
  }

  /** The public root key, 32 B. */
  get key(): Uint8Array {
    return this.#state.desk;
  }

  /** The same for attributes and people: `dk1_…`. */
  get deskKey(): string {
    return formatDeskKey(this.key);
  }

  get name(): string {
    return this.#state.name;
  }

  get relay(): string | null {
    return this.#state.relay;
  }

  /** Who was admitted, by key ascending. */
  get members(): readonly Member[] {
    return this.#state.members;
  }

  /** Who may renew the directory, by key ascending; also those whose time is over. */
  get signers(): readonly KeptSigner[] {
    return this.#state.signers;
  }

  /** Invitations that are kept, used ones too. */
  get invitations(): readonly KeptInvitation[] {
    return this.#state.invitations;
  }

  get retired(): boolean {
    return this.#state.retired;
  }

  /** The desk key that customers' pages name instead of this one; null: none. */
  get successor(): string | null {
    const { successor } = this.#state;
    return successor === null ? null : formatDeskKey(successor);
  }

  /** The newest directory that was signed; null: none was. */
  get signed(): OpenDirectory | null {
    return this.#held;
  }

  /** Whether `renew` would sign, for which it needs the root key. */
  get due(): boolean {
    return isDue(this.#state, this.#held, this.#clock.now());
  }

  /**
   * Brings the root key: by the passphrase of its file, or the key itself.
   * @throws ChatError `passphrase-wrong`, `root-key-other`, `root-key-needed` (usage: the passphrase of a key that is not
   *   here), `desk-file-exposed`, `desk-file-malformed`
   */
  async unlock(secret: { readonly passphrase: string } | { readonly seed: Uint8Array }): Promise<void> {
    const seed = 'seed' in secret ? secret.seed : await readLockedSeed(this.#directory, secret.passphrase);
    if (seed === null) throw usageError('root-key-needed', 'there is no root key under a passphrase here');
    const root = await deviceKeysFrom(this.#crypto, seed);
    if (!equal(root.key, this.key)) throw usageError('root-key-other', 'this is the root key of another desk');
    this.#root = root;
  }

  /** Puts the root key somewhere else, or under another passphrase; after a crash it is here or there. @throws ChatError `desk-locked`, `passphrase-weak` (usage), `desk-directory-unusable` */
  async moveRootKey(choice: RootKeyChoice): Promise<void> {
    return this.#change(async () => {
      await writeSeed(this.#directory, this.root.seed, choice);
      await this.#save({ rootKey: choice.place });
      await removeSeeds(this.#directory, { plain: choice.place !== 'plain', locked: choice.place !== 'passphrase' });
    });
  }

  /** @throws ChatError `shape-mismatch` (usage), `desk-directory-unusable` */
  async setRelay(relay: string): Promise<void> {
    return this.#change(() => this.#save({ relay }));
  }

  /**
   * Makes an invitation for one device and keeps it.
   * @param options.life ms until it expires, 30 days at most
   * @param options.note whom it is for; only kept
   * @returns what goes into the fragment of the link to the desk: a secret
   * @throws ChatError `invitation-lifetime` (usage), `desk-retired`, `cbor-too-large` (usage) when too many are kept, `desk-directory-unusable`
   */
  async invite(options: { role: Role; life: number; note?: string | null }): Promise<string> {
    const { role, life, note = null } = options;
    if (!(life > 0 && life <= LONGEST_INVITATION)) {
      throw usageError('invitation-lifetime', 'an invitation lives 30 days at most');
    }
    return this.#change(async () => {
      this.#refuseRetired();
      const now = this.#clock.now();
      const expires = Math.floor(now + life);
      const [id, secret] = [this.#random(16), this.#random(32)];
      const invitation = { v: 1 as const, desk: this.key, id, secret, role, expires };
      await this.#save({ invitations: [...this.#lasting(now), { invitation, used: null, note }] });
      return encodeInvitation(invitation);
    });
  }

  /** Forgets an invitation: a request with it is refused from now on. @throws ChatError `invitation-unknown` */
  async withdraw(id: Uint8Array): Promise<void> {
    return this.#change(async () => {
      const rest = this.#state.invitations.filter(({ invitation }) => !equal(invitation.id, id));
      if (rest.length === this.#state.invitations.length) {
        throw peerError('invitation-unknown', 'no such invitation is kept');
      }
      await this.#save({ invitations: rest });
    });
  }

  /**
   * What a request says, if it passes every check of §6 but the administrator's own eyes.
   * @throws ChatError as `openEnrolment`; `invitation-unknown`, `member-exists`, `desk-full`, `desk-retired`
   */
  async check(request: Signed): Promise<CheckedEnrolment> {
    this.#refuseRetired();
    const id = invitationOf(request);
    const kept = this.#state.invitations.find(({ invitation }) => equal(invitation.id, id));
    if (kept === undefined) throw peerError('invitation-unknown', 'no such invitation is kept');
    // Opened as if unused to learn the key: the same device asking again is no second use.
    const record = { invitation: kept.invitation, used: false };
    const open = await openEnrolment(this.#crypto, request, record, this.#clock.now());
    const admitted = kept.used !== null && equal(kept.used, open.key) && this.#isMember(open.key);
    if (kept.used !== null && !admitted) throw peerError('enrolment-used', 'the invitation was used before');
    if (!admitted) this.#checkRoom(open);
    return { ...open, admitted, note: kept.note };
  }

  /**
   * Makes a member of the device that asks: the use of its invitation is on disk before anything is signed. Asked again
   * for the same device it changes nothing.
   * @throws ChatError as `check`; `desk-locked` (usage), `desk-directory-unusable`, and then nothing has changed
   */
  async admit(request: Signed): Promise<CheckedEnrolment> {
    const checked = await this.#change(async () => {
      const open = await this.check(request);
      if (open.admitted) return open;
      const id = invitationOf(request);
      const invitations = this.#state.invitations.map((kept) =>
        equal(kept.invitation.id, id) ? { ...kept, used: open.key } : kept,
      );
      // What cannot be signed must not be recorded.
      void this.root;
      await this.#save({ members: this.#membersWith(open), invitations });
      return open;
    });
    await this.renew();
    return checked;
  }

  /**
   * Takes a member out. It is recorded at once, and in force when the next directory is signed (`renew`) and published.
   * @throws ChatError `member-unknown`, `desk-directory-unusable`
   */
  async revoke(deviceId: Uint8Array): Promise<Member> {
    return this.#change(async () => {
      const member = this.#state.members.find(({ key }) => equal(deviceIdOf(key), deviceId));
      if (member === undefined) throw peerError('member-unknown', 'no member has this device id');
      await this.#save({ members: this.#state.members.filter((one) => one !== member) });
      return member;
    });
  }

  /**
   * Lets a key renew the directory until a time; a key that may already gets the new time. In force with the next directory.
   * @throws ChatError `delegation-lifetime` (usage: past, or more than 35 days ahead), `desk-retired`, `shape-mismatch` (usage: more than eight)
   */
  async delegate(key: Uint8Array, until: number): Promise<void> {
    return this.#change(async () => {
      this.#refuseRetired();
      const now = this.#clock.now();
      if (!(until > now && until <= now + LONGEST_DELEGATION)) {
        throw usageError('delegation-lifetime', 'a signer is trusted for 35 days at most');
      }
      const others = this.#state.signers.filter((one) => !equal(one.key, key) && one.until > now);
      const signers = sortedByKey([...others, { key, until: Math.floor(until) }]);
      checkRoom({ ...this.#state, signers }, this.#held, now);
      await this.#save({ signers });
    });
  }

  /** Ends a delegation with the next directory. @throws ChatError `signer-unknown` */
  async undelegate(key: Uint8Array): Promise<void> {
    return this.#change(async () => {
      const signers = this.#state.signers.filter((one) => !equal(one.key, key));
      if (signers.length === this.#state.signers.length) throw peerError('signer-unknown', 'no such signer');
      await this.#save({ signers });
    });
  }

  /**
   * Learns from a published bundle that is not later than our own newest whom a signer has removed, so that no later base
   * of ours brings them back.
   * @returns who that was
   */
  async absorb({ directory, renewal }: OpenDirectory): Promise<readonly Member[]> {
    return this.#change(async () => {
      if (renewal === null || directory.version > (this.#held?.position.version ?? 0)) return [];
      const isGone = ({ key }: Member): boolean => renewal.removed.some((id) => equal(id, deviceIdOf(key)));
      const gone = this.#state.members.filter(isGone);
      if (gone.length > 0) await this.#save({ members: this.#state.members.filter((one) => !isGone(one)) });
      return gone;
    });
  }

  /**
   * Takes a published bundle of this desk for its own newest: after a backup was restored, or when two copies of this
   * directory have signed. Members, name and signers are those of the bundle.
   * @throws ChatError `directory-older` when this desk has signed a later version; as `openBundle`
   */
  async adopt(bundle: Uint8Array): Promise<OpenDirectory> {
    return this.#change(async () => {
      const open = await openBundle(this.#crypto, bundle, this.key);
      const known = this.#held?.position.version ?? 0;
      if (open.position.version < known) {
        throw peerError('directory-older', 'this desk has signed a later directory', { details: { known } });
      }
      const { directory } = open;
      const members = open.members.map(({ key, role, name }) => ({ key, role, name }));
      await this.#save({ bundle: open.bytes, members, name: directory.name, signers: directory.renewers });
      this.#held = open;
      return open;
    });
  }

  /** Names the desk that takes this one's place. @param key its root key, 32 B */
  async succeed(key: Uint8Array): Promise<void> {
    return this.#change(() => this.#save({ successor: key }));
  }

  /** Ends the desk: its next directory names nobody, and it admits nobody any more. Cannot be undone. */
  async retire(): Promise<void> {
    return this.#change(() => this.#save({ retired: true, members: [], signers: [], invitations: [] }));
  }

  /**
   * Signs the next version if the members or signers have changed, a day has passed since the last, or it is not fresh. On
   * disk before it resolves, so that no version is ever signed twice.
   * @returns the newest
   * @throws ChatError `desk-locked` (usage) when it has to sign, `desk-directory-unusable`
   */
  async renew(): Promise<OpenDirectory> {
    return this.#change(async () => {
      const held = this.#held;
      const now = this.#clock.now();
      if (held !== null && !isDue(this.#state, held, now)) return held;
      const directory = nextDirectory(this.#state, held, now);
      const base = await signDirectory(this.#crypto, this.root.seed, directory);
      const bundle = encodeBundle({ base, renewal: null });
      const opened = await openBundle(this.#crypto, bundle, this.key);
      await this.#save({ bundle, invitations: this.#lasting(now), signers: directory.renewers });
      this.#held = opened;
      return opened;
    });
  }

  /** Waits for what is under way and gives the directory back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turn.catch(() => undefined); // told to whoever asked for it
    await this.#unlock();
  }

  /** Before anything is recorded: a member that no directory can hold would block every later one. */
  #checkRoom(open: OpenEnrolment): void {
    if (this.#isMember(open.key)) {
      throw peerError('member-exists', 'the device is a member already', { details: { device: toHex(open.deviceId) } });
    }
    checkRoom({ ...this.#state, members: this.#membersWith(open) }, this.#held, this.#clock.now());
  }

  #isMember(key: Uint8Array): boolean {
    return this.#state.members.some((member) => equal(member.key, key));
  }

  #membersWith({ key, role, name }: OpenEnrolment): Member[] {
    return sortedByKey([...this.#state.members, { key, role, name }]);
  }

  #refuseRetired(): void {
    if (this.#state.retired) throw usageError('desk-retired', 'this desk was retired');
  }

  /** Past its time an invitation is refused whether or not it is kept. */
  #lasting(now: number): KeptInvitation[] {
    return this.#state.invitations.filter(({ invitation }) => !isPast(invitation.expires, now));
  }

  async #save(change: Change): Promise<void> {
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
