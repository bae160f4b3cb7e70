/**
 * Sealing of stored records and blinding of their keys. docs/protocol.md §20, docs/vault.md §3.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { encodeCbor } from '../bytes/cbor.ts';
import { pad, unpad } from '../bytes/padding.ts';
import { peerError, usageError } from '../errors.ts';
import { label } from './label.ts';
import type { VaultKeys } from './vault-keys.ts';

/** Length of a nonce of XChaCha20-Poly1305, bytes. */
export const NONCE_LENGTH = 24;
/** Length of a blinded part of a storage key, bytes. */
const BLIND_LENGTH = 16;

/** Where a record lies: moved to any other place, or to another version of this one, it does not open. */
export interface RecordPlace {
  readonly table: string;
  /** The storage key's bytes. */
  readonly key: Uint8Array;
  /** The row's version, from 1. */
  readonly version: number;
}

/**
 * `nonce ‖ AEAD(key_t, nonce, pad(value), aad)`.
 * @param nonce 24 random bytes
 * @throws ChatError `vault-locked`
 */
export function sealRecord(keys: VaultKeys, place: RecordPlace, value: Uint8Array, nonce: Uint8Array): Uint8Array {
  if (nonce.length !== NONCE_LENGTH) throw usageError('nonce-malformed', `a nonce has ${NONCE_LENGTH} bytes`);
  const cipher = xchacha20poly1305(keys.tableKey(place.table), nonce, placeBytes(place));
  return concat(nonce, cipher.encrypt(pad(value)));
}

/** The value of a sealed record. @throws ChatError `record-damaged`, `vault-locked` */
export function openRecord(keys: VaultKeys, place: RecordPlace, sealed: Uint8Array): Uint8Array {
  const nonce = sealed.subarray(0, NONCE_LENGTH);
  const key = keys.tableKey(place.table);
  const aad = placeBytes(place);
  try {
    const cipher = xchacha20poly1305(key, nonce, aad);
    return unpad(cipher.decrypt(sealed.subarray(NONCE_LENGTH)));
  } catch (cause) {
    throw peerError('record-damaged', 'a stored record is not what was sealed for its place', {
      cause,
      details: { table: place.table, version: place.version },
    });
  }
}

/** A text or byte string of a storage key as the store may see it, 16 B. @throws ChatError `vault-locked` */
export function blindPart(keys: VaultKeys, table: string, part: string | Uint8Array): Uint8Array {
  return hmac(sha256, keys.blindKey(), encodeCbor([table, part])).slice(0, BLIND_LENGTH);
}

function placeBytes({ table, key, version }: RecordPlace): Uint8Array {
  return concat(label('record'), encodeCbor([table, key, version]));
}
