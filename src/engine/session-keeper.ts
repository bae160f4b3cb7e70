/**
 * Sessions in the store: which one to send on, how many there are, when they go. docs/protocol.md §14.7, §21.
 * @module
 */
import { compare } from '../bytes/bytes.ts';
import { deviceIdOf } from '../identity/device.ts';
import { sessionCodec, type SessionState } from '../protocol/session.ts';
import { ROWS, type SessionRow } from './rows.ts';
import type { Step } from './step.ts';

/** Sessions of one conversation and device pair, at most. */
const MAX_SESSIONS = 8;
/** Frames in other sessions after which the peer is taken to have given one up. */
const MAX_STRAYS = 4;

/** All sessions with a device in a conversation. */
export function sessionsWith(step: Step, conversation: Uint8Array, peer: Uint8Array): Promise<SessionRow[]> {
  return step.list(ROWS.session, [conversation, peer]);
}

/** The session with this id, wherever it belongs. */
export async function sessionById(step: Step, id: Uint8Array): Promise<SessionRow | undefined> {
  const place = await step.get(ROWS.sessionPlace, ['session', id]);
  return place === undefined ? undefined : step.get(ROWS.session, [place.conversation, place.peer, id]);
}

/**
 * The one to send on: the confirmed one with the lowest id, else the newest that this device made; undefined: make one.
 * Retired and released sessions are never chosen.
 */
export function sessionToSendOn(rows: readonly SessionRow[]): SessionRow | undefined {
  const open = rows.filter(({ status }) => status === 'open');
  const confirmed = open.filter((row) => row.confirmed).sort((a, b) => compare(a.id, b.id));
  const own = open.filter((row) => row.initiator).sort((a, b) => b.madeAt - a.madeAt || compare(a.id, b.id));
  return confirmed[0] ?? own[0] ?? open[0];
}

/** The row of a session that was just made. */
export function newSessionRow(state: SessionState, now: number): SessionRow {
  return {
    id: state.id,
    conversation: state.conversation,
    peer: deviceIdOf(state.peerKey),
    state: sessionCodec.encode(state),
    status: 'open',
    initiator: state.initiator,
    confirmed: state.confirmed,
    failures: [],
    transients: [],
    strays: 0,
    wasReset: false,
    madeAt: now,
    lastAt: now,
    asideAt: null,
  };
}

/** The row with an advanced state. */
export function advanced(row: SessionRow, state: SessionState): SessionRow {
  return { ...row, state: sessionCodec.encode(state), confirmed: state.confirmed };
}

/** The row out of use for sending from now on. */
export function aside(row: SessionRow, status: 'released' | 'retired', now: number): SessionRow {
  return { ...row, status, asideAt: row.asideAt ?? now };
}

/** Whether a session made now takes the place of one that the peer has reset: that is limited (§16). */
export function replacesReset(rows: readonly SessionRow[]): boolean {
  const newest = [...rows].sort((a, b) => b.madeAt - a.madeAt)[0];
  return newest?.wasReset === true;
}

/** The state in a row. */
export function stateOf(row: SessionRow): SessionState {
  return sessionCodec.decode(row.state);
}

/** Writes a session; of too many, the oldest unconfirmed and then the longest silent go. */
export async function saveSession(step: Step, row: SessionRow): Promise<void> {
  const key = [row.conversation, row.peer, row.id];
  if ((await step.get(ROWS.session, key)) === undefined) {
    const others = await sessionsWith(step, row.conversation, row.peer);
    const order = others.sort(
      (a, b) => Number(a.confirmed) - Number(b.confirmed) || (a.confirmed ? a.lastAt - b.lastAt : a.madeAt - b.madeAt),
    );
    for (const gone of order.slice(0, Math.max(0, others.length + 1 - MAX_SESSIONS))) await deleteSession(step, gone);
    await step.put(ROWS.sessionPlace, ['session', row.id], { conversation: row.conversation, peer: row.peer });
  }
  await step.put(ROWS.session, key, row);
}

/**
 * Follows the peer: if it keeps to another session than the one that this device sends on, it has given that one up (its state
 * was put back, or a reset was lost), and the epochs of both would stand still for ever (§14.7).
 * @param used the session in which a frame was accepted just now, as saved
 */
export async function followPeer(step: Step, used: SessionRow, now: number): Promise<void> {
  if (used.status !== 'open') return;
  const chosen = sessionToSendOn(await sessionsWith(step, used.conversation, used.peer));
  if (chosen === undefined) return;
  if (compare(chosen.id, used.id) === 0) {
    if (chosen.strays > 0) await saveSession(step, { ...chosen, strays: 0 });
    return;
  }
  const strays = chosen.strays + 1;
  await saveSession(step, strays < MAX_STRAYS ? { ...chosen, strays } : aside(chosen, 'retired', now));
}

/** Forgets a session and all its keys. */
export async function deleteSession(step: Step, row: SessionRow): Promise<void> {
  await step.remove(ROWS.session, [row.conversation, row.peer, row.id]);
  await step.remove(ROWS.sessionPlace, ['session', row.id]);
}

/** Forgets all sessions with a device in a conversation. */
export async function deleteSessionsWith(step: Step, conversation: Uint8Array, peer: Uint8Array): Promise<void> {
  for (const row of await sessionsWith(step, conversation, peer)) await deleteSession(step, row);
}

/** Takes the sessions with a device out of use for sending: released by the customer (§14.3), or retired (§16). */
export async function setAside(
  step: Step,
  conversation: Uint8Array,
  peer: Uint8Array,
  status: 'released' | 'retired',
  now: number,
): Promise<void> {
  for (const row of await sessionsWith(step, conversation, peer)) {
    if (row.status === 'open') await saveSession(step, aside(row, status, now));
  }
}
