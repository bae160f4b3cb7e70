/**
 * The kinds of messages: who may send them to whom, and the shape of their content. docs/protocol.md §13, §19.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import {
  bool,
  bytesOf,
  listOf,
  mapOf,
  oneOf,
  orNull,
  sortedBy,
  textOf,
  uintUpTo,
  type Shape,
  type Shaped,
} from '../bytes/shape.ts';
import { peerError } from '../errors.ts';
import type { Role } from '../identity/directory.ts';
import { deviceIdShape, hashShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import { cleanTextOf, nameShape } from '../identity/names.ts';
import { signedOf } from '../identity/signature.ts';
import { headsOf, referenceShape } from './head.ts';

/** Bytes of a message, §21. */
export const MAX_MESSAGE = 98_304;
const MAX_BUNDLE = 81_920;
const MAX_HEADS = 64;
const MAX_IDS = 256;
/** Recipients of a message, §21. */
export const MAX_TO = 24;

/** Whom a message is for: the conversation, the desk's side of it, or one device. */
export type Audience = 'all' | 'desk' | 'direct';

/** What the sender is in the conversation. */
export type Sender = 'customer' | Role;

const heads = headsOf(MAX_HEADS);
const idList = sortedBy(listOf(idShape, MAX_IDS), (id) => id);
const body = textOf(1, 16_384);
const fieldId = textOf(1, 40);
const valueOf = mapOf({ id: fieldId, value: textOf(0, 2_000) });
const nothing = mapOf({});

/** One question of a form. */
const formField = mapOf({
  id: fieldId,
  label: nameShape,
  type: oneOf('text', 'choice', 'date', 'number', 'email'),
  choices: listOf(nameShape, 32),
  required: bool,
});

const shapes = {
  start: mapOf({ topic: orNull(textOf(0, 200)) }),
  text: mapOf({ text: body }),
  file: mapOf({
    blob: bytesOf(32),
    key: bytesOf(32),
    size: uintUpTo(),
    hash: hashShape,
    type: cleanTextOf(0, 100),
    name: cleanTextOf(1, 200),
  }),
  form: mapOf({ title: nameShape, fields: listOf(formField, 32, 1) }),
  answer: mapOf({ form: idShape, values: listOf(valueOf, 32) }),
  context: mapOf({ fields: listOf(valueOf, 64) }),
  sealed: mapOf({
    label: nameShape,
    recipient: deviceIdShape,
    boxHash: hashShape,
    keyHash: hashShape,
    expires: timeShape,
  }),
  edit: mapOf({ target: idShape, text: body }),
  retract: mapOf({ target: idShape }),
  rating: mapOf({ score: uintUpTo(5, 1), comment: textOf(0, 2_000) }),
  participants: mapOf({ devices: sortedBy(listOf(deviceIdShape, MAX_TO), (id) => id), heads }),
  join: mapOf({ how: oneOf('claim', 'transfer', 'supervise'), have: heads }),
  leave: nothing,
  transfer: mapOf({ device: deviceIdShape, history: oneOf('none', 'all') }),
  close: nothing,
  release: mapOf({ joined: deviceIdShape }),
  identify: mapOf({ token: textOf(1, 4_096) }),
  history: mapOf({
    items: listOf(signedOf(MAX_MESSAGE), 128, 1),
    keys: sortedBy(listOf(keyShape, 32, 1), (key) => key),
  }),
  receipt: mapOf({ delivered: idList, read: idList, heads }),
  directory: mapOf({ bundle: bytesOf(1, MAX_BUNDLE) }),
  checkpoint: mapOf({ heads, time: timeShape, directory: referenceShape }),
};

type Shapes = typeof shapes;
/** A kind of §13's table. */
export type KnownKind = keyof Shapes;
/** The content of a kind. */
export type ContentOf<K extends KnownKind> = Shaped<Shapes[K]>;

/** A map whose fields only a newer version of the protocol knows. */
export type OpaqueMap = Readonly<Record<string, unknown>>;

/** Kind and content. `unknown`: shown as "needs a newer version", chained, acknowledged, never acted upon. */
export type Body =
  | { readonly [K in KnownKind]: { readonly kind: K; readonly content: ContentOf<K> } }[KnownKind]
  | { readonly kind: 'unknown'; readonly name: string; readonly content: OpaqueMap };

/** What reaches one device besides the signed message, as decoded; its shape is checked with the message (§19). */
export type PrivatePart = OpaqueMap | null;

/** Any map: its fields are checked by kind, or not known to this version. */
export const opaqueMap: Shape<OpaqueMap> = (value, path) => {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  if (!isMap) throw peerError('shape-mismatch', `${path} must be a map`, { details: { path } });
  return value as OpaqueMap;
};

const sealedPrivate = mapOf({ box: bytesOf(296, 8_192), boxKey: bytesOf(32) });
/** The private part of a `sealed` for its recipient (§19): the shortest box holds a padded text, nonce and tag. */
export type SealedPrivate = Readonly<Shaped<typeof sealedPrivate>>;

/** Sets of senders: C, M and A of §13. */
type Group = 'C' | 'M' | 'A';

interface Rule {
  readonly from: readonly Group[];
  /** Who may send to `desk`; empty: nobody. */
  readonly desk: readonly Group[];
  /** Set for direct kinds: the groups that one device may be of. */
  readonly direct: readonly Group[] | null;
  readonly content: boolean;
}

const all = (...from: Group[]): Rule => ({ from, desk: [], direct: null, content: true });
const allOrDesk: Rule = { from: ['C', 'M'], desk: ['M'], direct: null, content: true };
const direct = (from: Group[], to: Group[], content: boolean): Rule => ({ from, desk: [], direct: to, content });

const rules: Readonly<Record<KnownKind, Rule>> = {
  start: all('C'),
  text: allOrDesk,
  file: allOrDesk,
  form: all('M'),
  answer: all('C'),
  context: all('C'),
  sealed: all('C'),
  edit: allOrDesk,
  retract: allOrDesk,
  rating: all('C'),
  participants: all('C'),
  join: all('M'),
  leave: all('M'),
  transfer: all('M'),
  close: all('C', 'M'),
  release: direct(['C'], ['M'], true),
  identify: direct(['C'], ['M'], true),
  history: direct(['C', 'M', 'A'], ['M', 'A'], true),
  receipt: direct(['C', 'M', 'A'], ['C', 'M', 'A'], false),
  directory: direct(['C', 'M', 'A'], ['C', 'M', 'A'], false),
  checkpoint: direct(['A'], ['C', 'M'], false),
};

/** Whether a kind is in §13's table. */
export function isKnownKind(name: string): name is KnownKind {
  return Object.hasOwn(shapes, name);
}

/** Whether frames with this kind open epochs whenever they may (§10.2). */
export function isContent(kind: KnownKind): boolean {
  return rules[kind].content;
}

/** Whether the receiver answers with `receipt.delivered` (§15.1). */
export function isAcknowledged(kind: Body['kind']): boolean {
  return kind !== 'receipt' && kind !== 'directory' && kind !== 'checkpoint';
}

/**
 * Whether the sender may send this kind in this audience. An archive sends direct kinds only, also unknown ones.
 * @param recipient what the one device of a `direct` message is; ignored otherwise; undefined: nothing of this conversation
 */
export function maySend(options: {
  kind: Body['kind'];
  sender: Sender;
  audience: Audience;
  recipient: Sender | undefined;
}): boolean {
  const { kind, sender, audience, recipient } = options;
  const from = groupOf(sender);
  if (kind === 'unknown') return audience === 'direct' || (from !== 'A' && (audience === 'all' || from === 'M'));
  const rule = rules[kind];
  if (!rule.from.includes(from)) return false;
  if (rule.direct === null) return audience === 'all' || (audience === 'desk' && rule.desk.includes(from));
  return audience === 'direct' && recipient !== undefined && rule.direct.includes(groupOf(recipient));
}

/**
 * Kind and content of a decoded message, typed.
 * @throws ChatError `shape-mismatch`
 */
export function bodyOf(kind: string, content: unknown): Body {
  if (!isKnownKind(kind)) return { kind: 'unknown', name: kind, content: content as OpaqueMap };
  const shape: Shape<unknown> = shapes[kind];
  return { kind, content: shape(content, kind) } as Body;
}

/**
 * The private part of a kind for this device; what comes with an unknown kind is left alone.
 * @throws ChatError `shape-mismatch` when there is one where none belongs, or the reverse
 */
export function privateOf(body: Body, part: PrivatePart, self: Uint8Array): SealedPrivate | null {
  if (body.kind === 'unknown') return null;
  if (body.kind === 'sealed' && equal(body.content.recipient, self)) return sealedPrivate(part, 'private');
  if (part !== null) throw peerError('shape-mismatch', 'private must be null', { details: { path: 'private' } });
  return null;
}

function groupOf(sender: Sender): Group {
  if (sender === 'customer') return 'C';
  return sender === 'archive' ? 'A' : 'M';
}
