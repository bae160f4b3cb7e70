/**
 * What the left column lists: made anew from the engine's views, no state of its own.
 * @module
 */
import type { ConversationView, QueueEntry } from '../engine/views.ts';

/** What another agent took a moment ago. */
export interface LostClaim {
  readonly conversation: string;
  /** The winner's name, null when nobody can tell it. */
  readonly by: string | null;
  readonly since: number;
  /** What the row was called, and the id its mark was drawn from: what was known of it may be gone. */
  readonly title: string;
  readonly mark: string;
  /** When it is no longer told, on the page's own clock, ms. */
  readonly until: number;
}

export interface WaitingItem {
  readonly id: string;
  readonly since: number;
  /** What this device knows of it; null when its first message did not come here. */
  readonly known: ConversationView | null;
  /** Someone else has it: shown for a moment in place of the button. */
  readonly takenBy: { readonly name: string | null; readonly title: string; readonly mark: string } | null;
}

export interface ConversationLists {
  /** Longest waiting first. */
  readonly waiting: readonly WaitingItem[];
  /** Joined and not ended; last message first. */
  readonly mine: readonly ConversationView[];
  /** Ended, of those this device still holds; last ended first. */
  readonly closed: readonly ConversationView[];
}

export function conversationLists(
  queue: readonly QueueEntry[],
  conversations: readonly ConversationView[],
  lost: readonly LostClaim[],
): ConversationLists {
  const free = queue
    .filter(
      ({ state, conversation }) => state === 'waiting' && !lost.some((loss) => loss.conversation === conversation),
    )
    .map(({ conversation, since, known }): WaitingItem => ({ id: conversation, since, known, takenBy: null }));
  const taken = lost.map(({ conversation, since, by, title, mark }): WaitingItem => {
    return { id: conversation, since, known: null, takenBy: { name: by, title, mark } };
  });
  const newestFirst = [...conversations].sort((a, b) => b.lastAt - a.lastAt || (a.id < b.id ? -1 : 1));
  return {
    waiting: [...free, ...taken].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1)),
    mine: newestFirst.filter(({ joined, state }) => joined && state !== 'ended'),
    closed: newestFirst.filter(({ state }) => state === 'ended'),
  };
}

/** The one to claim next: longest waiting and still free. */
export function longestWaiting(lists: ConversationLists): WaitingItem | null {
  return lists.waiting.find(({ takenBy }) => takenBy === null) ?? null;
}

/** Unread messages of the conversations that are this agent's and last. */
export function unreadTotal(conversations: readonly ConversationView[]): number {
  const mine = conversations.filter(({ joined, state }) => joined && state !== 'ended');
  return mine.reduce((sum, { unread }) => sum + unread, 0);
}
