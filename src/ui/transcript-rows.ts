/**
 * A list of messages as the rows a transcript shows: days, system lines, the mark before what is new, and bubbles in groups.
 * @module
 */
import type { MessageView } from '../engine/views.ts';
import { startOfDay, type Phrases } from './strings.ts';

/** Whose eyes: for a customer, `own` is the right side; for an agent, all of the desk is. */
export type Perspective = 'customer' | 'agent';

export interface BubbleRow {
  readonly type: 'bubble';
  readonly key: string;
  readonly message: MessageView;
  readonly side: 'own' | 'other';
  /** First and last of a group of one sender. */
  readonly first: boolean;
  readonly last: boolean;
}

export type TranscriptRow =
  | BubbleRow
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | { readonly type: 'marker'; readonly key: string }
  | { readonly type: 'history'; readonly key: string }
  | { readonly type: 'line'; readonly key: string; readonly message: MessageView };

/** Messages of one sender closer than this stand together. */
const GROUP_MS = 5 * 60_000;

const BUBBLES: ReadonlySet<MessageView['kind']> = new Set(['text', 'file', 'edit', 'retract']);

/** Whether the message is something said, not something that happened. */
export function isBubble(message: MessageView): boolean {
  return BUBBLES.has(message.kind);
}

/** The rows, oldest first. @param marker id of the first new message, or null */
export function transcriptRows(
  messages: readonly MessageView[],
  options: { marker: string | null; perspective: Perspective },
): TranscriptRow[] {
  const rows: TranscriptRow[] = [];
  let day = -Infinity;
  let previous: MessageView | null = null;
  for (const message of messages) {
    // A start without a topic has nothing to say.
    if (message.kind === 'start' && message.text === '') continue;
    const today = startOfDay(message.at);
    // Order is that of arrival; a sender whose clock is behind does not bring yesterday back.
    if (today > day) rows.push({ type: 'day', key: `day-${message.id}`, at: message.at });
    day = Math.max(day, today);
    if (message.id === options.marker) rows.push({ type: 'marker', key: 'marker' });
    if (message.history && !previous?.history) rows.push({ type: 'history', key: `history-${message.id}` });
    if (isBubble(message)) rows.push(bubble(message, rows.at(-1), options.perspective));
    else rows.push({ type: 'line', key: message.id, message });
    previous = message;
  }
  return rows.map((row, at) => (row.type === 'bubble' ? { ...row, last: !continues(row, rows[at + 1]) } : row));
}

function bubble(message: MessageView, before: TranscriptRow | undefined, perspective: Perspective): BubbleRow {
  const ours = message.own || (perspective === 'agent' && message.from.role !== 'customer');
  const row = {
    type: 'bubble',
    key: message.id,
    message,
    side: ours ? 'own' : 'other',
    first: true,
    last: true,
  } as const;
  return { ...row, first: !(before?.type === 'bubble' && continues(before, row)) };
}

function continues(row: BubbleRow, next: TranscriptRow | undefined): boolean {
  if (next?.type !== 'bubble') return false;
  const gap = next.message.at - row.message.at;
  return next.message.from.device === row.message.from.device && gap >= -GROUP_MS && gap < GROUP_MS;
}

/** A sender's name as shown: signed by the desk, or what a customer is called here. */
export function senderName(message: MessageView, phrases: Phrases, customerName: string): string {
  if (message.own) return phrases.say('you');
  return message.from.name ?? (message.from.role === 'customer' ? customerName : phrases.say('anAgent'));
}

/** What happened, as a sentence; for a bubble, what was said. */
export function sentenceOf(message: MessageView, phrases: Phrases, customerName: string): string {
  const name = senderName(message, phrases, customerName);
  const { own, from, text } = message;
  switch (message.kind) {
    case 'text':
    case 'edit':
      return text;
    case 'file':
      return phrases.say('fileMessage', {
        name: message.file?.name ?? '',
        size: phrases.size(message.file?.size ?? 0),
      });
    case 'retract':
      return phrases.say('retracted');
    case 'start':
      return phrases.say('started', { topic: text });
    case 'join':
      if (own) return phrases.say('youJoined');
      return phrases.say(
        from.role === 'supervisor' ? 'joinedSupervisor' : from.role === 'bot' ? 'joinedBot' : 'joined',
        { name },
      );
    case 'leave':
      return own ? phrases.say('youLeft') : phrases.say('left', { name });
    case 'transfer':
      return own ? phrases.say('youTransferring') : phrases.say('transferring', { name });
    case 'close':
      return own ? phrases.say('youEnded') : phrases.say('endedBy', { name });
    case 'refused':
      return phrases.say('refused', { name, code: text });
  }
}

/** What to say about a conversation's notice code (docs/protocol.md §12, §15.3). */
export function noticeSentence(code: string, phrases: Phrases): string {
  if (code === 'gap' || code === 'message-chain') return phrases.say('noticeGap');
  if (code === 'message-fork') return phrases.say('noticeFork');
  if (code === 'archive-silent') return phrases.say('noticeArchiveSilent');
  return phrases.say('noticeOther', { code });
}
