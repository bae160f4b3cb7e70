/**
 * Forgetting conversations. docs/protocol.md §14.3.
 * @module
 */
import { readMessage } from '../protocol/message.ts';
import { removeLink } from './chain-keeper.ts';
import { ROWS, type ConversationRow } from './rows.ts';
import { deleteSession } from './session-keeper.ts';
import type { Step } from './step.ts';

/** The notice of a conversation that another member took: it goes as soon as that is acknowledged. */
export const RELEASED = 'released';

/** Whether another member took the conversation and this device is to forget it. */
export function isReleased(row: ConversationRow): boolean {
  return row.notices.includes(RELEASED);
}

/** Deletes a conversation with all that belongs to it. */
export async function forgetConversation(step: Step, row: ConversationRow): Promise<void> {
  for (const message of await step.list(ROWS.message, [row.id])) {
    await step.remove(ROWS.message, [row.id, message.order]);
    await step.remove(ROWS.messagePlace, ['message', message.from, message.id]);
    await step.remove(ROWS.work, ['work', message.order]);
    await step.remove(ROWS.todo, ['todo', message.order]);
    if (message.pair !== null) await removeLink(step, row, readMessage(message.pair));
  }
  for (const session of await step.list(ROWS.session, [row.id])) await deleteSession(step, session);
  await step.remove(ROWS.owe, ['owe', row.id]);
  await step.remove(ROWS.finish, ['finish', row.id]);
  await step.remove(ROWS.conversation, [row.id]);
}
