/**
 * A conversation as data: who takes part, who receives what, and how far the chains are known. Pure functions that
 * return a new row. docs/protocol.md §12.1, §14.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { deviceIdOf } from '../identity/device.ts';
import { memberById, type DeskMember, type OpenDirectory } from '../identity/directory.ts';
import { sortedHeads, type Head } from '../protocol/head.ts';
import { includes, union } from './byte-sets.ts';
import type { Side } from './context.ts';
import type { ConversationRow, PartyRow } from './rows.ts';

const MAX_SEEN = 32;
const MAX_HEADS = 64;
const MAX_NOTICES = 32;
/** Acknowledgements owed to one device. */
const MAX_OWED = 4_096;

/** A conversation in which nothing was said yet; its customer is its first party. */
export function newConversation(about: {
  id: Uint8Array;
  customer: Uint8Array;
  salt: Uint8Array;
  topic: string | null;
  now: number;
}): ConversationRow {
  return {
    id: about.id,
    customer: about.customer,
    salt: about.salt,
    topic: about.topic,
    state: 'waiting',
    startedAt: about.now,
    lastAt: about.now,
    preview: '',
    unread: 0,
    readUpTo: 0,
    parties: [
      { device: deviceIdOf(about.customer), key: about.customer, role: 'customer', name: null, status: 'joined' },
    ],
    participants: null,
    selected: false,
    own: [],
    disowned: [],
    chains: [],
    baseline: [],
    owes: [],
    draft: '',
    notices: [],
  };
}

/** The party with this device id. */
export function partyOf(row: ConversationRow, device: Uint8Array): PartyRow | undefined {
  return row.parties.find((party) => equal(party.device, device));
}

/** The row with a member as party of this status; its name and role are the directory's. */
export function withMember(row: ConversationRow, member: DeskMember, status: PartyRow['status']): ConversationRow {
  const party: PartyRow = { device: member.id, key: member.key, role: member.role, name: member.name, status };
  const others = row.parties.filter(({ device }) => !equal(device, member.id));
  return { ...row, parties: [...others, party] };
}

/** The row with another status for a party that it has. */
export function withStatus(row: ConversationRow, device: Uint8Array, status: PartyRow['status']): ConversationRow {
  return { ...row, parties: row.parties.map((party) => (equal(party.device, device) ? { ...party, status } : party)) };
}

/**
 * Whether a message is no longer owed to a device: it was removed, or left or was released (§14.3, §14.4), after which
 * only the `release` itself is sent to it.
 */
export function isGone(row: ConversationRow, message: { kind: string }, device: Uint8Array): boolean {
  const status = partyOf(row, device)?.status;
  return status === 'removed' || (status === 'left' && message.kind !== 'release');
}

/** Devices of members that have joined and are in force. */
export function joinedMembers(row: ConversationRow): Uint8Array[] {
  return row.parties.filter(({ role, status }) => isPerson(role) && status === 'joined').map(({ device }) => device);
}

/** Devices of members that were asked, and have neither joined nor been let go. */
function askedMembers(row: ConversationRow): Uint8Array[] {
  return row.parties.filter(({ role, status }) => isPerson(role) && status === 'asked').map(({ device }) => device);
}

/** Device ids of the archives in force. */
function archivesOf(directory: OpenDirectory): Uint8Array[] {
  return directory.members.filter(({ role }) => role === 'archive').map(({ id }) => id);
}

/**
 * The row after a new directory: names and roles as signed, who is no longer in force marked as removed, archives present.
 * A conversation whose last member is gone waits again (§14.1). The same row if nothing changes.
 */
export function underDirectory(row: ConversationRow, directory: OpenDirectory): ConversationRow {
  const parties = row.parties.map((party) => (party.role === 'customer' ? party : partyUnder(party, directory)));
  let next = parties.every((party, i) => party === row.parties[i]) ? row : { ...row, parties };
  if (next.state !== 'ended') {
    for (const archive of archivesOf(directory)) {
      const member = memberById(directory, archive);
      if (member !== undefined && partyOf(next, archive)?.status !== 'joined')
        next = withMember(next, member, 'joined');
    }
  }
  return settled(next);
}

/** A member as the directory has it; who comes back after a removal has to join again. */
function partyUnder(party: PartyRow, directory: OpenDirectory): PartyRow {
  const member = memberById(directory, party.device);
  if (member === undefined) return party.status === 'removed' ? party : { ...party, status: 'removed' };
  const status = party.status === 'removed' ? 'left' : party.status;
  const { name, role } = member;
  return party.name === name && party.role === role && party.status === status
    ? party
    : { ...party, name, role, status };
}

/** The row with the state that its parties give it. */
export function settled(row: ConversationRow): ConversationRow {
  if (row.state === 'ended') return row;
  const attended = joinedMembers(row).length > 0;
  if (attended) return row.state === 'active' ? row : { ...row, state: 'active' };
  if (row.state !== 'waiting') return { ...row, state: 'waiting', selected: false };
  // Everybody who was asked is gone: others are.
  return row.selected && askedMembers(row).length === 0 ? { ...row, selected: false } : row;
}

/**
 * Whom a message of the audience goes to, sorted, without the own device (§14.1–14.3). Empty: there is nobody yet.
 */
export function recipientsOf(
  row: ConversationRow,
  audience: 'all' | 'desk',
  about: { side: Side; self: Uint8Array; directory: OpenDirectory },
): Uint8Array[] {
  const { side, self, directory } = about;
  const inForce = (device: Uint8Array): boolean => memberById(directory, device) !== undefined;
  const archives = archivesOf(directory);
  if (side === 'customer') {
    const joined = joinedMembers(row).filter(inForce);
    const people = joined.length > 0 ? joined : askedMembers(row).filter(inForce);
    return people.length === 0 ? [] : union(people, archives);
  }
  const colleagues = (row.participants ?? []).filter(inForce);
  const customer = audience === 'all' ? [deviceIdOf(row.customer)] : [];
  return union(customer, colleagues, archives).filter((device) => !equal(device, self));
}

/** The last known message of every chain of the audience, as a set; `own`: with the own chain. */
export function knownHeads(row: ConversationRow, audience: 'all' | 'desk', own: { self: Uint8Array } | null): Head[] {
  const mine =
    own === null
      ? []
      : row.own
          .filter((link) => link.audience === audience)
          .map(({ chain, seq, hash }) => ({ device: own.self, chain, seq, hash }));
  return sortedHeads([...mine, ...headsHeld(row, audience).slice(-MAX_HEADS + mine.length)]);
}

/**
 * What a joiner says it holds (§14.2): of the chains that are here from their beginning, since a head stands for all that is
 * before it.
 */
export function headsToJoinWith(row: ConversationRow): Head[] {
  const whole = headsHeld(row, 'all').filter(
    (head) => !row.baseline.some((other) => equal(other.device, head.device) && equal(other.chain, head.chain)),
  );
  return sortedHeads(whole.slice(-MAX_HEADS));
}

/** What `seen` of the next message of the audience says: the most recent heads, as a set. */
export function seenBy(row: ConversationRow, audience: 'all' | 'desk'): Head[] {
  return sortedHeads(headsHeld(row, audience).slice(-MAX_SEEN));
}

/** Heads of others' chains, the most recently advanced last. */
function headsHeld(row: ConversationRow, audience: 'all' | 'desk'): Head[] {
  return row.chains
    .filter((chain) => chain.audience === audience && chain.hash !== null)
    .map(({ device, chain, next, hash }) => ({ device, chain, seq: next - 1, hash: hash as Uint8Array }));
}

/** The row owing an acknowledgement to a device. */
export function owing(
  row: ConversationRow,
  device: Uint8Array,
  what: 'delivered' | 'read',
  ids: readonly Uint8Array[],
): ConversationRow {
  const before = row.owes.find((owed) => equal(owed.device, device)) ?? { device, delivered: [], read: [] };
  const fresh = ids.filter((id) => !includes(before[what], id));
  if (fresh.length === 0 && row.owes.includes(before)) return row;
  // What is too much is acknowledged when it comes again.
  const after = { ...before, [what]: [...before[what], ...fresh].slice(0, MAX_OWED) };
  return { ...row, owes: [...row.owes.filter((owed) => !equal(owed.device, device)), after] };
}

/** The row with something the user must be told, by code. */
export function withNotice(row: ConversationRow, code: string): ConversationRow {
  if (row.notices.includes(code) || row.notices.length >= MAX_NOTICES) return row;
  return { ...row, notices: [...row.notices, code] };
}

/** Whether messages that others know of are not here. */
export function hasGap(row: ConversationRow): boolean {
  return row.chains.some(({ next, ahead }) => ahead > next);
}

function isPerson(role: PartyRow['role']): boolean {
  return role === 'agent' || role === 'supervisor' || role === 'bot';
}
