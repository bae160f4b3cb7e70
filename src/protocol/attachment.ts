/**
 * Files, encrypted chunk by chunk: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár.
 * docs/protocol.md §18.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, u32be } from '../bytes/bytes.ts';
import { padmeLength } from '../bytes/padding.ts';
import { peerError, usageError, type ChatError } from '../errors.ts';
import { label } from '../identity/label.ts';

/** Plain bytes of a chunk. */
export const CHUNK = 65_536;
/** Bytes that encryption adds to a chunk. */
const CHUNK_OVERHEAD = 16;
/** The largest file, bytes. */
export const MAX_FILE = 104_857_600;
const SMALLEST = 256;

export interface AttachmentLengths {
  /** Padded plain bytes. */
  readonly padded: number;
  readonly chunks: number;
  /** Bytes of the blob. */
  readonly blob: number;
}

/** Encrypts one file. */
export interface AttachmentEncryptor {
  /**
   * The next bytes of the file, however cut; returns what of the blob is ready.
   * @throws ChatError (usage) `attachment-too-large`: more than `size`
   */
  push(bytes: Uint8Array): Uint8Array;
  /** The rest of the blob, and the hash of all of it. @throws ChatError (usage) `attachment-truncated`: less than `size` */
  finish(): { readonly bytes: Uint8Array; readonly hash: Uint8Array };
}

/** Decrypts one blob. What `push` gave is not complete, nor to be used as such, before `finish` returned. */
export interface AttachmentDecryptor {
  /**
   * The next bytes of the blob, however cut; returns what of the file is ready.
   * @throws ChatError `attachment-corrupt` (a chunk, the padding, or longer than `size` makes it)
   */
  push(bytes: Uint8Array): Uint8Array;
  /** Nothing is missing and the hash is right. @throws ChatError `attachment-truncated`, `attachment-corrupt` */
  finish(): void;
}

/** All lengths of a file of `size` bytes. @throws ChatError `attachment-too-large` */
export function attachmentLengths(size: number): AttachmentLengths {
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_FILE)
    throw peerError('attachment-too-large', 'a file larger than allowed', { details: { size, limit: MAX_FILE } });
  const padded = padmeLength(Math.max(size, SMALLEST));
  const chunks = Math.ceil(padded / CHUNK);
  return { padded, chunks, blob: padded + chunks * CHUNK_OVERHEAD };
}

/**
 * @param key 32 random bytes, new for every attempt: the same key for a changed file would show both
 * @param size bytes of the file
 * @throws ChatError `attachment-too-large`
 */
export function attachmentEncryptor({ key, size }: { key: Uint8Array; size: number }): AttachmentEncryptor {
  const { padded, chunks } = attachmentLengths(size);
  const pieces = new Pieces((i) => plainLength(padded, i));
  const hash = sha256.create();
  let left = size;
  const encrypted = (bytes: Uint8Array): Uint8Array => {
    const out = pieces.cut(bytes).map(({ i, piece }) => cipherOf(key, i, chunks).encrypt(piece));
    for (const chunk of out) hash.update(chunk);
    return concat(...out);
  };
  return {
    push(bytes) {
      if (bytes.length > left) throw usageError('attachment-too-large', 'the file is longer than was said');
      left -= bytes.length;
      return encrypted(bytes);
    },
    finish() {
      if (left > 0) throw usageError('attachment-truncated', 'the file is shorter than was said');
      return { bytes: encrypted(new Uint8Array(padded - size)), hash: hash.digest() };
    },
  };
}

/**
 * @param size of the message's content, as are key and hash
 * @throws ChatError `attachment-too-large`
 */
export function attachmentDecryptor({
  key,
  size,
  hash: expected,
}: {
  key: Uint8Array;
  size: number;
  hash: Uint8Array;
}): AttachmentDecryptor {
  const { padded, chunks, blob } = attachmentLengths(size);
  const pieces = new Pieces((i) => plainLength(padded, i) + CHUNK_OVERHEAD);
  const hash = sha256.create();
  let left = blob;
  let at = 0;
  let failure: ChatError | undefined;
  /** What failed once stays failed: no later call can make it look whole. */
  const fail = (code: string, message: string, cause?: unknown): ChatError => {
    failure = peerError(code, message, { cause });
    return failure;
  };
  const plainOf = ({ i, piece }: Piece): Uint8Array => {
    let plain: Uint8Array;
    try {
      plain = cipherOf(key, i, chunks).decrypt(piece);
    } catch (cause) {
      throw fail('attachment-corrupt', 'a chunk does not decrypt', cause);
    }
    const ofFile = Math.min(plain.length, Math.max(0, size - at));
    at += plain.length;
    if (plain.subarray(ofFile).some((byte) => byte !== 0)) throw fail('attachment-corrupt', 'padding that is not zero');
    return plain.subarray(0, ofFile);
  };
  return {
    push(bytes) {
      if (failure !== undefined) throw failure;
      if (bytes.length > left) throw fail('attachment-corrupt', 'the blob is longer than its size makes it');
      left -= bytes.length;
      hash.update(bytes);
      return concat(...pieces.cut(bytes).map(plainOf));
    },
    finish() {
      if (failure !== undefined) throw failure;
      if (left > 0) throw fail('attachment-truncated', 'the blob ends too early');
      if (!equal(hash.digest(), expected)) throw fail('attachment-corrupt', 'the hash of the blob differs');
    },
  };
}

function plainLength(padded: number, i: number): number {
  return Math.min(CHUNK, padded - i * CHUNK);
}

function cipherOf(key: Uint8Array, i: number, chunks: number) {
  const nonce = concat(new Uint8Array(19), u32be(i), Uint8Array.of(i === chunks - 1 ? 1 : 0));
  return xchacha20poly1305(key, nonce, label('attachment'));
}

interface Piece {
  readonly i: number;
  readonly piece: Uint8Array;
}

/** Cuts a stream into pieces of given lengths. */
class Pieces {
  readonly #lengthOf: (i: number) => number;
  #buffer: Uint8Array;
  #filled = 0;
  #i = 0;

  constructor(lengthOf: (i: number) => number) {
    this.#lengthOf = lengthOf;
    this.#buffer = new Uint8Array(lengthOf(0));
  }

  /** The pieces that these bytes complete. */
  cut(bytes: Uint8Array): Piece[] {
    const out: Piece[] = [];
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#buffer.length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#buffer.length) continue;
      out.push({ i: this.#i++, piece: this.#buffer });
      this.#buffer = new Uint8Array(Math.max(0, this.#lengthOf(this.#i)));
      this.#filled = 0;
    }
    return out;
  }
}
