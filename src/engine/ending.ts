/**
 * The end of a conversation on this device. docs/protocol.md §14.6.
 * @module
 */
import { ROWS, type ConversationRow } from './rows.ts';
import type { Step } from './step.ts';

/** The row of a conversation that has ended; what is due then is for the pump. The row must be written by the caller. */
export async function ended(step: Step, row: ConversationRow): Promise<ConversationRow> {
  if (row.state !== 'ended') await step.put(ROWS.finish, ['finish', row.id], { conversation: row.id, told: false });
  return { ...row, state: 'ended' };
}
