/**
 * Rows as views: what a user interface may know of them.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { decodeCbor } from '../bytes/cbor.ts';
import { toHex } from '../bytes/text.ts';
import { fingerprintOf } from '../identity/fingerprint.ts';
import { hasGap } from './conversation-record.ts';
import type { ConversationRow, MessageRow, PartyRow } from './rows.ts';
import type { ConversationView, FileView, MessageView, Party, Progress } from './views.ts';

const MAX_CONTENT = 98_304;

/** Kinds that have a place in a transcript; the others act and are not shown. */
const SHOWN = ['start', 'text', 'file', 'join', 'leave', 'transfer', 'close', 'edit', 'retract'] as const;
type ShownKind = (typeof SHOWN)[number];
/** Kinds that the protocol knows and a transcript does not show. */
const SILENT = new Set([
  'participants',
  'release',
  'identify',
  'history',
  'context',
  'receipt',
  'directory',
  'checkpoint',
]);

/** A party as seen from the device `self` (16 B). */
function partyView(party: PartyRow, self: Uint8Array): Party {
  return {
    device: toHex(party.device),
    name: party.name,
    role: party.role,
    status: party.status,
    self: equal(party.device, self),
  };
}

/** A conversation as seen from the device `self` (16 B). */
export function conversationView(row: ConversationRow, self: Uint8Array): ConversationView {
  const parties = row.parties.map((party) => partyView(party, self));
  const me = parties.find((party) => party.self);
  return {
    id: toHex(row.id),
    topic: row.topic,
    state: row.state,
    startedAt: row.startedAt,
    lastAt: row.lastAt,
    preview: row.preview,
    unread: row.unread,
    parties,
    draft: row.draft,
    joined: me !== undefined && (me.role === 'customer' || me.status === 'joined'),
    customer: toHex(row.parties.find((party) => party.role === 'customer')?.device ?? row.customer),
    customerFingerprint: fingerprintOf(row.customer),
    notices: hasGap(row) ? [...row.notices, 'gap'] : row.notices,
  };
}

/** Whether a message has a place in the transcript. */
export function isShown(row: MessageRow): boolean {
  return (
    (row.state === 'live' || row.state === 'history' || row.state === 'failed') &&
    row.audience !== 'direct' &&
    !SILENT.has(row.kind)
  );
}

/**
 * A message as seen from the device `self`.
 * @param context.fresh whether a fresh directory is held: without one nothing is encrypted (§5.4)
 */
export function messageView(
  row: MessageRow,
  context: { conversation: ConversationRow; self: Uint8Array; fresh: boolean },
): MessageView {
  const { conversation, self, fresh } = context;
  const sender = conversation.parties.find((party) => equal(party.device, row.from));
  const known = (SHOWN as readonly string[]).includes(row.kind);
  return {
    id: toHex(row.id),
    conversation: toHex(row.conversation),
    order: row.order,
    from:
      sender === undefined
        ? { device: toHex(row.from), name: null, role: 'agent', status: 'left', self: row.own }
        : partyView(sender, self),
    own: row.own,
    kind: known ? (row.kind as ShownKind) : 'refused',
    text: known ? textIn(row) : 'newer-version',
    file: fileIn(row),
    at: row.at,
    progress: row.own ? progressOf(row, conversation, fresh) : null,
    history: row.state === 'history',
    unverified: row.unverified,
  };
}

/** How far an own message has come; archives do not count, people do. */
function progressOf(row: MessageRow, conversation: ConversationRow, fresh: boolean): Progress {
  if (row.state === 'failed') return 'failed';
  const people = (devices: readonly Uint8Array[]): boolean =>
    devices.some((device) => conversation.parties.find((party) => equal(party.device, device))?.role !== 'archive');
  if (people(row.read)) return 'read';
  if (people(row.delivered)) return 'delivered';
  if (
    row.frames.some((frame) => frame.accepted) &&
    people(row.frames.filter((frame) => frame.accepted).map((frame) => frame.device))
  )
    return 'sent';
  if (!fresh && row.frames.length === 0) return 'held';
  return 'sending';
}

/** The content map of a row. */
function contentOf(row: MessageRow): Record<string, unknown> {
  return decodeCbor(row.content, MAX_CONTENT) as Record<string, unknown>;
}

function textIn(row: MessageRow): string {
  const content = contentOf(row);
  const text = content['text'] ?? content['topic'];
  return typeof text === 'string' ? text : '';
}

function fileIn(row: MessageRow): FileView | null {
  if (row.kind !== 'file') return null;
  const content = contentOf(row);
  return { name: String(content['name']), type: String(content['type']), size: Number(content['size']) };
}
