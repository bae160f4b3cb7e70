/**
 * Who is asked while a conversation waits, and telling the relay that it does. docs/protocol.md §14.1.
 * @module
 */
import { codeOf } from '../errors.ts';
import type { DeskMember, OpenDirectory } from '../identity/directory.ts';
import { includes } from './byte-sets.ts';
import { stepOf, type EngineContext } from './context.ts';
import { underDirectory, withMember } from './conversation-record.ts';
import { tellHistory } from './history-keeper.ts';
import type { Random } from './ports.ts';
import { ROWS, type ConversationRow } from './rows.ts';

const MAX_ASKED = 20;

/** For a customer's waiting conversations that have asked nobody yet: asks the members on duty, or all. @returns whether any */
export async function askMembers(context: EngineContext, directory: OpenDirectory): Promise<boolean> {
  if (context.side !== 'customer') return false;
  const waiting = (await waitingRows(context)).filter(({ selected }) => !selected);
  if (waiting.length === 0 || directory.members.every(({ role }) => !isAble(role))) return false;
  const { devices } = await context.relay.request('duty-list', { desk: context.desk });
  for (const { id } of waiting) {
    await stepOf(context, async (step) => {
      const row = await step.get(ROWS.conversation, [id]);
      if (row === undefined || row.state !== 'waiting' || row.selected) return;
      const chosen = choose(directory, devices, context.ports.random);
      if (chosen.length === 0) return;
      const before = row.own.length > 0;
      let next: ConversationRow = { ...row, selected: true };
      for (const member of chosen) {
        next = withMember(next, member, 'asked');
        // What was said before another member left is told to those who are asked now.
        if (before) next = await tellHistory(context, step, next, { to: member.id, have: [], newest: directory });
      }
      // The record takes part from the start.
      await step.put(ROWS.conversation, [id], underDirectory(next, directory));
    });
  }
  return true;
}

/** Tells the relay which conversations wait. To be called when the mailbox was drained, and every minute. */
export async function announceWaiting(context: EngineContext): Promise<void> {
  if (context.side !== 'customer') return;
  for (const row of (await waitingRows(context)).filter(({ selected }) => selected)) {
    try {
      await context.relay.request('announce', { conversation: row.id, salt: row.salt });
    } catch (error) {
      // Too many at once for the relay's taste: the next minute will do.
      if (codeOf(error) !== 'quota') throw error;
    }
  }
}

/** The members to ask: those on duty by the relay's word, else all; 20 by chance of more. */
function choose(directory: OpenDirectory, onDuty: readonly Uint8Array[], random: Random): DeskMember[] {
  const able = directory.members.filter(({ role }) => isAble(role));
  const ready = able.filter(({ id }) => includes(onDuty, id));
  const pool = [...(ready.length > 0 ? ready : able)];
  const chosen: DeskMember[] = [];
  while (pool.length > 0 && chosen.length < MAX_ASKED) {
    const [high = 0, low = 0] = random(2);
    chosen.push(...pool.splice((high * 256 + low) % pool.length, 1));
  }
  return chosen;
}

function isAble(role: DeskMember['role']): boolean {
  return role === 'agent' || role === 'bot';
}

async function waitingRows(context: EngineContext): Promise<ConversationRow[]> {
  const rows = await context.store.list(ROWS.conversation, { prefix: [] });
  return rows.map(({ value }) => value).filter(({ state }) => state === 'waiting');
}
