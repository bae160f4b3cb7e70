/**
 * Direct messages that are signed and sent at once, and neither kept nor sent again: receipts and directories.
 * docs/protocol.md §5.3, §15.1.
 * @module
 */
import type { OpenDirectory } from '../identity/directory.ts';
import { referenceOf } from '../protocol/head.ts';
import type { ContentOf } from '../protocol/kinds.ts';
import { signMessage } from '../protocol/message.ts';
import type { EngineContext } from './context.ts';
import { sendInSession } from './fan-out.ts';
import { sessionsWith, sessionToSendOn } from './session-keeper.ts';
import { ROWS, type ConversationRow } from './rows.ts';
import type { Step } from './step.ts';

type Transient =
  { kind: 'receipt'; content: ContentOf<'receipt'> } | { kind: 'directory'; content: ContentOf<'directory'> };

/** Puts it into the outbox. @returns false: there is no session to send it on */
export async function sendTransient(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  to: Uint8Array,
  directory: OpenDirectory,
  body: Transient,
): Promise<boolean> {
  const { crypto, self, desk, ports } = context;
  const session = sessionToSendOn(await sessionsWith(step, row.id, to));
  if (session === undefined) return false;
  const pair = await signMessage({
    crypto,
    device: self,
    message: {
      id: ports.random(16),
      desk,
      conversation: row.id,
      from: self.id,
      to: [to],
      audience: 'direct',
      chain: null,
      seq: null,
      previous: null,
      seen: [],
      directory: referenceOf(directory),
      at: ports.clock.now(),
      ...body,
    },
  });
  const hash = await sendInSession(context, step, session, { pair, private: null, content: false, message: null });
  return hash !== null;
}

/** Sends the own directory to a peer that named an older or another one, once for each position. */
export async function tellDirectory(
  context: EngineContext,
  step: Step,
  row: ConversationRow,
  peer: Uint8Array,
  directory: OpenDirectory,
): Promise<void> {
  const { version, renewal } = directory.position;
  const told = await step.get(ROWS.told, ['told', peer]);
  if (told !== undefined && told.version === version && told.renewal === renewal) return;
  const sent = await sendTransient(context, step, row, peer, directory, {
    kind: 'directory',
    content: { bundle: directory.bytes },
  });
  if (sent) await step.put(ROWS.told, ['told', peer], { version, renewal });
}
