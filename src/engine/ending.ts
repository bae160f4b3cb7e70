/**
 * The end of a conversation on this device. docs/protocol.md §14.6.
 * @module
 */
import { ROWS, type ConversationRow } from './rows.ts';
import type { Step } from './step.ts';

/** The row of a conversation that has ended; the relay is told by the next pump. The row must be written by the caller. */
export async function ended(step: Step, row: ConversationRow): Promise<ConversationRow> {
  if (row.state !== 'ended') await step.put(ROWS.finish, ['finish', row.id], { conversation: row.id });
  return { ...row, state: 'ended' };
}
