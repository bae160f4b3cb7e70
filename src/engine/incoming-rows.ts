/**
 * Rows of messages that came from other devices.
 * @module
 */
import { encodeCbor, type CborValue } from '../bytes/cbor.ts';
import type { Signed } from '../identity/signature.ts';
import type { Message } from '../protocol/message.ts';
import { nextOrder, touched } from './outgoing.ts';
import { ROWS, type ConversationRow, type MessageRow } from './rows.ts';
import type { Step } from './step.ts';

/** Where a message came from and how it counts. */
export interface Provenance {
  readonly signed: Signed;
  /** H(pair), 32 B. */
  readonly hash: Uint8Array;
  /** Device id of who wrote it. */
  readonly sender: Uint8Array;
  readonly state: 'live' | 'held' | 'history';
  readonly notInRecord: boolean;
  readonly unverified: boolean;
  readonly own: boolean;
  readonly now: number;
}

/** Stores a message of a conversation; the conversation's row must be written by the caller afterwards. */
export async function keepMessage(
  step: Step,
  row: ConversationRow,
  message: Message,
  from: Provenance,
): Promise<ConversationRow> {
  const order = await nextOrder(step);
  const kept: MessageRow = {
    order,
    id: message.id,
    conversation: row.id,
    from: from.sender,
    own: from.own,
    audience: message.audience,
    kind: message.kind === 'unknown' ? message.name : message.kind,
    content: encodeCbor(message.content as CborValue),
    secrets: [],
    at: message.at,
    pair: from.signed,
    to: message.to,
    pending: [],
    frames: [],
    delivered: [],
    read: [],
    state: from.state,
    unverified: from.unverified,
    notInRecord: from.notInRecord,
  };
  await step.put(ROWS.message, [row.id, order], kept);
  await step.put(ROWS.messagePlace, ['message', from.sender, message.id], {
    conversation: row.id,
    order,
    hash: from.hash,
  });
  if (from.state !== 'live') return row;
  const next = touched(row, message.kind, message.content, from.now);
  return message.kind === 'text' || message.kind === 'file' ? { ...next, unread: next.unread + 1 } : next;
}

/** A message known from history has arrived live: it loses the mark. @returns false: it was live before */
export async function revive(step: Step, place: { conversation: Uint8Array; order: number }): Promise<boolean> {
  const row = await step.get(ROWS.message, [place.conversation, place.order]);
  if (row?.state !== 'history') return false;
  await step.put(ROWS.message, [place.conversation, place.order], { ...row, state: 'live', unverified: false });
  return true;
}
