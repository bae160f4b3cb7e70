/**
 * The directory that a desk's state amounts to. docs/protocol.md §5.1.
 * @module
 */
import { compare, equal } from '../bytes/bytes.ts';
import { peerError } from '../errors.ts';
import { checkDirectory } from '../identity/directory-rules.ts';
import { directoryCodec, type Directory, type Member } from '../identity/directory-shape.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import { isFresh } from '../identity/directory-order.ts';
import type { DeskState, KeptSigner } from './desk-files.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The longest that §5.1 allows. */
const FRESH_FOR = 72 * HOUR;
const RENEWABLE_FOR = 35 * DAY;
/** A base is signed anew at this age, so that two days of trouble do no harm. */
const RENEW_AFTER = 24 * HOUR;

/** The base that is to be signed next. Signers whose time is over are left out. */
export function nextDirectory(state: DeskState, held: OpenDirectory | null, now: number): Directory {
  const freshUntil = now + FRESH_FOR;
  const signers = lastingSigners(state, now);
  // Without a signer nobody but the root signs, and nothing lasts longer than the base itself.
  const lastSigner = Math.max(freshUntil, ...signers.map(({ until }) => until));
  return {
    desk: state.desk,
    version: (held?.position.version ?? 0) + 1,
    issuedAt: now,
    freshUntil,
    renewUntil: Math.min(lastSigner, now + RENEWABLE_FOR),
    name: state.name,
    members: state.members,
    renewers: signers,
    policy: {
      recorded: state.members.some(({ role }) => role === 'archive'),
      retentionDays: null,
      notice: null,
      tokenKeys: [],
    },
  };
}

/**
 * Whether the next base must be signed: none was, the newest says otherwise than the state, a day has passed, or it is
 * not fresh.
 */
export function isDue(state: DeskState, held: OpenDirectory | null, now: number): boolean {
  return held === null || !isFresh(held, now) || now - held.issuedAt >= RENEW_AFTER || !isSigned(state, held, now);
}

/** Whether a directory of this state can be signed at all. @throws ChatError `desk-full` */
export function checkRoom(state: DeskState, held: OpenDirectory | null, now: number): void {
  try {
    const directory = nextDirectory(state, held, now);
    checkDirectory(directory);
    directoryCodec.encode(directory);
  } catch (cause) {
    throw peerError('desk-full', 'no directory can hold this member', { cause });
  }
}

export function sortedByKey<T extends { readonly key: Uint8Array }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => compare(a.key, b.key));
}

function isSigned(state: DeskState, { directory }: OpenDirectory, now: number): boolean {
  return (
    directory.name === state.name &&
    areSame(state.members, directory.members, sameMember) &&
    areSame(lastingSigners(state, now), lastingOf(directory.renewers, now), (a, b) => a.until === b.until)
  );
}

function lastingSigners({ signers }: DeskState, now: number): KeptSigner[] {
  return lastingOf(signers, now);
}

function lastingOf(signers: readonly KeptSigner[], now: number): KeptSigner[] {
  return signers.filter(({ until }) => until > now);
}

function sameMember(a: Member, b: Member): boolean {
  return a.role === b.role && a.name === b.name;
}

function areSame<T extends { readonly key: Uint8Array }>(
  ours: readonly T[],
  signed: readonly T[],
  same: (a: T, b: T) => boolean,
): boolean {
  return (
    ours.length === signed.length &&
    ours.every((one, i) => {
      const other = signed[i];
      return other !== undefined && equal(one.key, other.key) && same(one, other);
    })
  );
}
