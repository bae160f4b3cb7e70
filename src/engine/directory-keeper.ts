/**
 * The desk's directory as this device holds it: taking newer ones, and what follows for those who are removed.
 * docs/protocol.md §5.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { codeOf } from '../errors.ts';
import { memberById, openBundle, type OpenDirectory } from '../identity/directory.ts';
import { supersedes } from '../identity/directory-order.ts';
import type { Reference } from '../protocol/head.ts';
import { stepOf, type EngineContext } from './context.ts';
import { partyOf, underDirectory } from './conversation-record.ts';
import { enqueue } from './outgoing.ts';
import { ROWS, type ConversationRow } from './rows.ts';
import { deleteSessionsWith, setAside } from './session-keeper.ts';
import type { Step } from './step.ts';

/** Opening checks signatures; what was opened is kept by its bytes, which are the only truth. */
const opened = new WeakMap<EngineContext, OpenDirectory[]>();
const MAX_OPENED = 8;

/** The newest bundle accepted; null before the first. */
export async function heldDirectory(context: EngineContext, step: Pick<Step, 'get'>): Promise<OpenDirectory | null> {
  const row = await step.get(ROWS.directory, ['directory']);
  return row === undefined ? null : open(context, row.bundle);
}

/** The bundle that a message names, if it is still kept; null otherwise. */
export async function namedDirectory(
  context: EngineContext,
  step: Step,
  reference: Reference,
): Promise<OpenDirectory | null> {
  const row = await step.get(ROWS.bundle, [reference.version, reference.renewal]);
  if (row === undefined) return null;
  const directory = await open(context, row.bundle);
  return equal(directory.hash, reference.hash) ? directory : null;
}

/** Every bundle that is still kept, and the newest. */
export async function allDirectories(
  context: EngineContext,
  step: Step,
  newest: OpenDirectory,
): Promise<OpenDirectory[]> {
  const rows = await step.list(ROWS.bundle, []);
  const directories: OpenDirectory[] = [newest];
  for (const row of rows) directories.push(await open(context, row.bundle));
  return directories;
}

/**
 * Takes a bundle if it is newer than the one held; sessions with removed members end, conversations learn who is gone.
 * @throws ChatError as `openBundle` and `supersedes`; an equivocation is remembered as an alarm, what is held stays in force
 */
export async function offerDirectory(context: EngineContext, bundle: Uint8Array): Promise<'newer' | 'same'> {
  const candidate = await open(context, bundle);
  try {
    return await stepOf(context, (step) => take(context, step, candidate));
  } catch (error) {
    if (codeOf(error) === 'directory-equivocation') await stepOf(context, raiseAlarm);
    throw error;
  }
}

/** Asks the relay for the newest bundle. @returns whether one is held that is not older than the relay's */
export async function fetchDirectory(context: EngineContext): Promise<boolean> {
  const { bundle } = await context.relay.request('directory-fetch', { desk: context.desk });
  if (bundle === null) return false;
  await offerDirectory(context, bundle);
  return true;
}

async function take(context: EngineContext, step: Step, candidate: OpenDirectory): Promise<'newer' | 'same'> {
  const now = context.ports.clock.now();
  const held = await heldDirectory(context, step);
  const verdict = supersedes(held, candidate, now);
  if (verdict === 'same') return verdict;
  const { version, renewal } = candidate.position;
  await step.put(ROWS.directory, ['directory'], { bundle: candidate.bytes, alarm: false });
  await step.put(ROWS.bundle, [version, renewal], { version, renewal, bundle: candidate.bytes, at: now });
  const identity = await step.get(ROWS.identity, ['identity']);
  if (identity !== undefined && identity.memberSince === null && memberById(candidate, context.self.id) !== undefined) {
    await step.put(ROWS.identity, ['identity'], { ...identity, memberSince: now, enrolment: null });
  }
  const isRemoved = context.side === 'desk' && memberById(candidate, context.self.id) === undefined;
  for (const row of await step.list(ROWS.conversation, [])) {
    // The others have deleted theirs: should this device come back, it begins anew.
    if (isRemoved) {
      for (const session of await step.list(ROWS.session, [row.id]))
        await setAside(step, row.id, session.peer, 'retired', now);
    }
    const next = await afterReturn(context, step, row, underDirectory(row, candidate));
    if (next !== row) await step.put(ROWS.conversation, [row.id], next);
    if (held === null) continue;
    // Also of members that are no party: they may have written without having joined.
    for (const { id } of held.members) {
      if (memberById(candidate, id) === undefined) await deleteSessionsWith(step, row.id, id);
    }
  }
  return verdict;
}

/**
 * A member that comes back after its removal takes part in nothing until it joins anew. A customer who was away has seen neither,
 * and still counts on it: so it says that it has left.
 */
async function afterReturn(
  context: EngineContext,
  step: Step,
  before: ConversationRow,
  row: ConversationRow,
): Promise<ConversationRow> {
  const [was, is] = [before, row].map((one) => partyOf(one, context.self.id)?.status);
  if (context.side !== 'desk' || row.state === 'ended' || was !== 'removed' || is !== 'left') return row;
  const { conversation } = await enqueue(context, step, row, { kind: 'leave', audience: 'all', content: {} });
  return conversation;
}

async function raiseAlarm(step: Step): Promise<void> {
  const row = await step.get(ROWS.directory, ['directory']);
  if (row !== undefined) await step.put(ROWS.directory, ['directory'], { ...row, alarm: true });
}

async function open(context: EngineContext, bundle: Uint8Array): Promise<OpenDirectory> {
  const cache = opened.get(context) ?? [];
  opened.set(context, cache);
  const known = cache.find((directory) => equal(directory.bytes, bundle));
  if (known !== undefined) return known;
  const directory = await openBundle(context.crypto, bundle, context.desk);
  cache.push(directory);
  if (cache.length > MAX_OPENED) cache.shift();
  return directory;
}
