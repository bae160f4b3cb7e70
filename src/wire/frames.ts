/**
 * Messages of the wire: encoders, and decoders that refuse whatever the catalogue does not hold. docs/relay.md §3.
 * @module
 */
import { decodeCbor, encodeCbor, type CborValue } from '../bytes/cbor.ts';
import { mapOf, oneOf, orNull, uintUpTo, type Shape, type Shaped } from '../bytes/shape.ts';
import { peerError } from '../errors.ts';
import { deviceIdShape } from '../identity/fields.ts';
import { ERROR_CODES } from './codes.ts';
import { MAX_WIRE_MESSAGE } from './limits.ts';
import { isPushType, PUSHES, type PushBody, type PushType } from './pushes.ts';
import { isRequestType, REQUESTS, type ReplyBody, type RequestBody, type RequestType } from './requests.ts';

/** Numbers a client gives its requests; the answer repeats it. Below 2^32. */
export type RequestId = number;
const requestId = uintUpTo(2 ** 32 - 1);

const refusal = mapOf({ code: oneOf(...ERROR_CODES), retryAfter: orNull(uintUpTo()), by: orNull(deviceIdShape) });
/** Why a request was refused; `retryAfter` in ms where waiting helps; `by` who was first (`already-claimed`). */
export type Refusal = Shaped<typeof refusal>;

/** A request as the relay reads it: a union over `type`. */
export type RequestFrame = { [K in RequestType]: { type: K; id: RequestId; body: RequestBody<K> } }[RequestType];

/** A push as the client reads it: a union over `push`. */
export type PushFrame = { [K in PushType]: { is: 'push'; push: K; body: PushBody<K> } }[PushType];

/** What a client receives. The body of an `ok` is that of the request with this id: see `RelayFrame`'s decoder. */
export type RelayFrame =
  | { is: 'ok'; id: RequestId; type: RequestType; body: ReplyBody<RequestType> }
  | { is: 'error'; id: RequestId; refusal: Refusal }
  | PushFrame;

/** `[type, id, body]`. @throws ChatError `shape-mismatch`, `cbor-too-large` when the body breaks its own rules */
export function encodeRequest<K extends RequestType>(type: K, id: RequestId, body: RequestBody<K>): Uint8Array {
  return encoded([type, requestId(id, 'id'), checked(REQUESTS[type].body, body, type)]);
}

/** `["ok", id, body]`. @throws ChatError as `encodeRequest` */
export function encodeReply<K extends RequestType>(type: K, id: RequestId, body: ReplyBody<K>): Uint8Array {
  return encoded(['ok', requestId(id, 'id'), checked(REQUESTS[type].reply, body, type)]);
}

/** `["error", id, refusal]`. */
export function encodeRefusal(id: RequestId, body: Refusal): Uint8Array {
  return encoded(['error', requestId(id, 'id'), checked(refusal, body, 'error')]);
}

/** `[type, body]`. @throws ChatError as `encodeRequest` */
export function encodePush<K extends PushType>(type: K, body: PushBody<K>): Uint8Array {
  return encoded([type, checked(PUSHES[type], body, type)]);
}

/** What a client sent. @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`: close as `malformed` */
export function decodeRequest(bytes: Uint8Array): RequestFrame {
  const [type, id, body, ...rest] = parts(bytes);
  if (typeof type !== 'string' || !isRequestType(type) || rest.length > 0) throw notInCatalogue();
  return { type, id: requestId(id, 'id'), body: REQUESTS[type].body(body, type) } as RequestFrame;
}

/**
 * What a relay sent.
 * @param typeOf the type of the request with this id; undefined: there is none that waits, and an answer to it is refused
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`: close as `malformed`
 */
export function decodeRelayFrame(bytes: Uint8Array, typeOf: (id: RequestId) => RequestType | undefined): RelayFrame {
  const [name, ...rest] = parts(bytes);
  if (typeof name !== 'string') throw notInCatalogue();
  if (name === 'ok' || name === 'error') {
    const id = requestId(rest[0], 'id');
    const type = typeOf(id);
    if (rest.length !== 2 || type === undefined) throw notInCatalogue();
    if (name === 'error') return { is: 'error', id, refusal: refusal(rest[1], 'error') };
    return { is: 'ok', id, type, body: REQUESTS[type].reply(rest[1], type) };
  }
  if (!isPushType(name) || rest.length !== 1) throw notInCatalogue();
  return { is: 'push', push: name, body: PUSHES[name](rest[0], name) } as PushFrame;
}

function parts(bytes: Uint8Array): unknown[] {
  const value = decodeCbor(bytes, MAX_WIRE_MESSAGE);
  if (!Array.isArray(value)) throw notInCatalogue();
  return value;
}

function checked(shape: Shape<unknown>, body: unknown, path: string): CborValue {
  return shape(body, path) as CborValue;
}

function encoded(value: CborValue): Uint8Array {
  const bytes = encodeCbor(value);
  if (bytes.length > MAX_WIRE_MESSAGE) {
    throw peerError('cbor-too-large', 'the message is longer than the wire allows', {
      details: { length: bytes.length },
    });
  }
  return bytes;
}

function notInCatalogue() {
  return peerError('shape-mismatch', 'not a message of the catalogue');
}
