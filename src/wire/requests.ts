/**
 * The catalogue of requests and of what answers them. docs/relay.md §5.
 * @module
 */
import { bool, bytesOf, listOf, mapOf, oneOf, orNull, uintUpTo, type Shape, type Shaped } from '../bytes/shape.ts';
import { deviceIdShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import { signedOf } from '../identity/signature.ts';
import { SEND_RESULTS } from './codes.ts';
import {
  blobName,
  bundleShape,
  dutyState,
  mailBytes,
  mailKind,
  nothing,
  queueEntry,
  standing,
  ticketId,
} from './fields.ts';
import {
  MAX_BLOB,
  MAX_BLOB_PART,
  MAX_ENROLMENT,
  MAX_ENROLMENTS,
  MAX_MEMBERS,
  MAX_PREKEY,
  MAX_PREKEY_BATCH,
  MAX_QUEUE_ENTRIES,
  MAX_SEND_ITEMS,
  MAX_SIGNAL,
  MAX_VAULT_CALL,
  MAX_VAULT_GUESSES,
} from './limits.ts';

const MAX_AUTH = 512;

const prekey = signedOf(MAX_PREKEY);
const sendItem = mapOf({ to: deviceIdShape, kind: mailKind, bytes: mailBytes });
const deskOnly = mapOf({ desk: keyShape });
const bundleReply = mapOf({ bundle: orNull(bundleShape) });
const conversationOnly = mapOf({ conversation: idShape });
const deviceList = mapOf({ devices: listOf(deviceIdShape, MAX_MEMBERS) });
const enrolmentEntry = mapOf({ id: idShape, at: timeShape, request: signedOf(MAX_ENROLMENT) });
const vaultCall = mapOf({ signed: signedOf(MAX_VAULT_CALL) });
const evaluation = { evaluated: bytesOf(32), proof: bytesOf(64) };
const vaultKey = mapOf({ version: uintUpTo(Number.MAX_SAFE_INTEGER, 1), key: bytesOf(32), ...evaluation });
const blobState = mapOf({ offset: uintUpTo(MAX_BLOB), complete: bool });

/** Every request: the shape of its body and of the body of its reply. */
export const REQUESTS = {
  auth: {
    body: mapOf({ signed: signedOf(MAX_AUTH) }),
    reply: mapOf({ device: deviceIdShape, now: timeShape, member: standing, queued: uintUpTo() }),
  },
  ping: { body: nothing, reply: mapOf({ now: timeShape }) },

  'prekeys-publish': {
    body: mapOf({ signed: orNull(prekey), oneTime: listOf(prekey, MAX_PREKEY_BATCH) }),
    reply: mapOf({ oneTime: uintUpTo() }),
  },
  'prekeys-count': { body: nothing, reply: mapOf({ signed: bool, oneTime: uintUpTo() }) },
  'prekeys-fetch': {
    body: mapOf({ device: deviceIdShape }),
    reply: mapOf({ key: keyShape, signed: orNull(prekey), oneTime: orNull(prekey) }),
  },

  send: {
    body: mapOf({ items: listOf(sendItem, MAX_SEND_ITEMS, 1) }),
    reply: mapOf({ results: listOf(oneOf(...SEND_RESULTS), MAX_SEND_ITEMS, 1) }),
  },
  signal: { body: mapOf({ to: deviceIdShape, bytes: bytesOf(1, MAX_SIGNAL) }), reply: nothing },
  subscribe: { body: nothing, reply: nothing },
  ack: { body: mapOf({ upTo: uintUpTo() }), reply: nothing },

  'directory-fetch': { body: deskOnly, reply: bundleReply },
  'directory-watch': { body: deskOnly, reply: bundleReply },
  'directory-publish': { body: mapOf({ bundle: bundleShape }), reply: nothing },

  enrol: { body: mapOf({ desk: keyShape, request: signedOf(MAX_ENROLMENT) }), reply: nothing },
  enrolments: { body: nothing, reply: mapOf({ requests: listOf(enrolmentEntry, MAX_ENROLMENTS) }) },
  'enrolment-drop': { body: mapOf({ ids: listOf(idShape, MAX_ENROLMENTS, 1) }), reply: nothing },

  duty: { body: mapOf({ state: dutyState }), reply: nothing },
  'duty-list': { body: deskOnly, reply: deviceList },
  'duty-watch': { body: deskOnly, reply: deviceList },

  announce: {
    body: mapOf({ conversation: idShape, salt: idShape }),
    reply: mapOf({ state: oneOf('waiting', 'claimed') }),
  },
  'queue-watch': {
    body: nothing,
    reply: mapOf({ entries: listOf(queueEntry, MAX_QUEUE_ENTRIES), total: uintUpTo() }),
  },
  claim: { body: conversationOnly, reply: nothing },
  assign: { body: mapOf({ conversation: idShape, to: deviceIdShape }), reply: nothing },
  requeue: { body: conversationOnly, reply: nothing },
  finish: { body: conversationOnly, reply: nothing },

  'blob-create': { body: mapOf({ size: uintUpTo(MAX_BLOB, 1) }), reply: mapOf({ blob: blobName }) },
  'blob-write': {
    body: mapOf({ blob: blobName, offset: uintUpTo(MAX_BLOB), bytes: bytesOf(1, MAX_BLOB_PART) }),
    reply: blobState,
  },
  'blob-status': { body: mapOf({ blob: blobName }), reply: blobState },
  'blob-read': {
    body: mapOf({ blob: blobName, offset: uintUpTo(MAX_BLOB), length: uintUpTo(MAX_BLOB_PART, 1) }),
    reply: mapOf({ bytes: bytesOf(1, MAX_BLOB_PART), size: uintUpTo(MAX_BLOB) }),
  },

  'ticket-put': { body: mapOf({ id: ticketId, half: bytesOf(32), expires: timeShape }), reply: nothing },
  'ticket-read': { body: mapOf({ id: ticketId }), reply: mapOf({ half: bytesOf(32) }) },
  'ticket-drop': { body: mapOf({ id: ticketId }), reply: nothing },

  'vault-create': { body: vaultCall, reply: vaultKey },
  'vault-renew': { body: vaultCall, reply: vaultKey },
  'vault-register': { body: vaultCall, reply: nothing },
  'vault-evaluate': {
    body: vaultCall,
    reply: mapOf({ evaluation: idShape, left: uintUpTo(MAX_VAULT_GUESSES), ...evaluation }),
  },
  'vault-prove': { body: vaultCall, reply: nothing },
  'vault-retire': { body: vaultCall, reply: nothing },
  'vault-destroy': { body: vaultCall, reply: nothing },
} as const satisfies Record<string, { body: Shape<unknown>; reply: Shape<unknown> }>;

export type RequestType = keyof typeof REQUESTS;
export type RequestBody<K extends RequestType> = Shaped<(typeof REQUESTS)[K]['body']>;
export type ReplyBody<K extends RequestType> = Shaped<(typeof REQUESTS)[K]['reply']>;

/** Whether a text names a request. */
export function isRequestType(name: string): name is RequestType {
  return Object.hasOwn(REQUESTS, name);
}

/** What may be asked without `auth`. */
export const BEFORE_AUTH: ReadonlySet<RequestType> = new Set<RequestType>([
  'auth',
  'ping',
  'directory-fetch',
  'enrol',
  'ticket-put',
  'ticket-read',
  'ticket-drop',
  'vault-create',
  'vault-renew',
  'vault-register',
  'vault-evaluate',
  'vault-prove',
  'vault-retire',
  'vault-destroy',
]);
