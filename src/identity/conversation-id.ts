/**
 * Ids of conversations. docs/protocol.md §7.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../bytes/bytes.ts';
import { label } from './label.ts';

/**
 * The id (16 B) of a conversation: nobody can open one under another's.
 * @param desk root key, 32 B
 * @param customerKey key of the customer's device, 32 B
 * @param salt 16 random bytes
 */
export function conversationIdOf({
  desk,
  customerKey,
  salt,
}: {
  desk: Uint8Array;
  customerKey: Uint8Array;
  salt: Uint8Array;
}): Uint8Array {
  return sha256(concat(label('conversation'), desk, customerKey, salt)).slice(0, 16);
}
