/**
 * The public key of a signer as people copy it from its machine to that of the root key.
 * @module
 */
import { usageError } from '../errors.ts';
import { checkedText } from './checked-text.ts';

const signerKeyText = checkedText('rn1_', 'renewer-key');

/** `rn1_…` @param key 32 B */
export function formatSignerKey(key: Uint8Array): string {
  return signerKeyText.format(key);
}

/** The 32-byte key. @throws ChatError `signer-key-malformed` (usage) */
export function parseSignerKey(text: string): Uint8Array {
  const key = signerKeyText.parse(text);
  if (key === null) throw usageError('signer-key-malformed', 'a signer key starts with rn1_');
  return key;
}
