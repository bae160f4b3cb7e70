/**
 * A desk's root key as people and attributes write it. docs/protocol.md §4.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../bytes/bytes.ts';
import { fromBase64url, toBase64url } from '../bytes/text.ts';
import { peerError } from '../errors.ts';
import { label } from './label.ts';

const PREFIX = 'dk1_';

/** `dk1_…`: key and checksum in base64url. */
export function formatDeskKey(key: Uint8Array): string {
  return PREFIX + toBase64url(concat(key, checksumOf(key)));
}

/** The 32-byte key. @throws ChatError `desk-key-malformed` */
export function parseDeskKey(text: string): Uint8Array {
  if (!text.startsWith(PREFIX)) throw peerError('desk-key-malformed', `a desk key starts with ${PREFIX}`);
  const bytes = decoded(text.slice(PREFIX.length));
  const key = bytes.slice(0, 32);
  if (bytes.length !== 36 || !equal(bytes.subarray(32), checksumOf(key))) {
    throw peerError('desk-key-malformed', 'the checksum does not fit: a character is wrong or missing');
  }
  return key;
}

function checksumOf(key: Uint8Array): Uint8Array {
  return sha256(concat(label('desk-key'), key)).subarray(0, 4);
}

function decoded(text: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch (cause) {
    throw peerError('desk-key-malformed', 'not base64url', { cause });
  }
}
