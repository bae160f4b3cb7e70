/**
 * Sizes and counts that bind both sides of the wire. docs/relay.md §2.
 * @module
 */

/** A frame of docs/protocol.md §11, bytes. */
export const MAX_FRAME = 131_072;
/** A signed reset of §16 as a CBOR pair, bytes. */
export const MAX_RESET = 2_688;
/** A signal of §17, bytes. */
export const MAX_SIGNAL = 256;
/** A WebSocket message in either direction, bytes: a frame, or two chunks of a blob, and what is around them. */
export const MAX_WIRE_MESSAGE = MAX_FRAME + 8_192;

/** A prekey's signed bytes (§8). */
export const MAX_PREKEY = 1_536;
/** One-time prekeys in one request, and in a device's stock. */
export const MAX_PREKEY_BATCH = 50;
export const MAX_PREKEY_STOCK = 100;

/** Items of one `send`; a message reaches 24 devices (§21). */
export const MAX_SEND_ITEMS = 24;
/** Mail pushed to a consumer and not acknowledged. */
export const MAIL_WINDOW = 64;

/** A directory bundle (§5), bytes. */
export const MAX_BUNDLE = 81_920;
/** Members of a directory. */
export const MAX_MEMBERS = 400;
/** An enrolment's signed bytes (§6). */
export const MAX_ENROLMENT = 1_024;
/** Enrolments waiting for one desk. */
export const MAX_ENROLMENTS = 64;

/** One encrypted chunk of an attachment (§18), bytes. */
const BLOB_CHUNK = 65_552;
/** Most bytes of a blob in one request or reply: two chunks. */
export const MAX_BLOB_PART = 2 * BLOB_CHUNK;
/** A blob: 100 MiB in 1,600 chunks. */
export const MAX_BLOB = 1_600 * BLOB_CHUNK;

/** Queue entries in one reply or push. */
export const MAX_QUEUE_ENTRIES = 512;

/** How long a ticket may live, ms. */
export const MAX_TICKET_LIFE = 7 * 24 * 3_600_000;

/** A call of a vault: its signed bytes. */
export const MAX_VAULT_CALL = 512;
/** Evaluations of a vault that were not proven to be right, until its keys are destroyed. */
export const MAX_VAULT_GUESSES = 10;

/** The path of the WebSocket. */
export const WIRE_PATH = '/v1';
