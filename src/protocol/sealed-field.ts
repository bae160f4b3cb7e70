/**
 * Sealed fields: what one recipient alone may read. docs/protocol.md §19.
 * @module
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, fromUtf8, utf8 } from '../bytes/bytes.ts';
import { pad, unpad } from '../bytes/padding.ts';
import { peerError, usageError } from '../errors.ts';
import { isPast } from '../identity/fields.ts';
import { label } from '../identity/label.ts';
import type { RandomBytes } from '../identity/public-key-crypto.ts';
import type { ContentOf, SealedPrivate } from './kinds.ts';

/** UTF-8 bytes of a sealed text. */
export const MAX_SEALED_TEXT = 7_000;
const NONCE = 24;

/**
 * Seals a text for the content of a `sealed` and its recipient's private part. Draws 32 B, then 24 B.
 * @throws ChatError (usage) `sealed-too-large`
 */
export function sealField({
  random,
  conversation,
  messageId,
  text,
}: {
  random: RandomBytes;
  conversation: Uint8Array;
  messageId: Uint8Array;
  text: string;
}): { readonly boxHash: Uint8Array; readonly keyHash: Uint8Array; readonly private: SealedPrivate } {
  const bytes = utf8(text);
  if (bytes.length > MAX_SEALED_TEXT) throw usageError('sealed-too-large', 'the text is too long for a sealed field');
  const boxKey = random(32);
  const nonce = random(NONCE);
  const cipher = xchacha20poly1305(boxKey, nonce, associatedData(conversation, messageId));
  const box = concat(nonce, cipher.encrypt(pad(bytes)));
  return { boxHash: sha256(box), keyHash: keyHashOf(boxKey), private: { box, boxKey } };
}

/**
 * Opens a sealed field; it is to be shown once.
 * @throws ChatError `sealed-mismatch` (hashes, box, padding or text), `sealed-expired`
 */
export function openSealedField({
  content,
  private: { box, boxKey },
  conversation,
  messageId,
  now,
}: {
  content: ContentOf<'sealed'>;
  private: SealedPrivate;
  conversation: Uint8Array;
  messageId: Uint8Array;
  now: number;
}): string {
  if (!equal(sha256(box), content.boxHash) || !equal(keyHashOf(boxKey), content.keyHash))
    throw peerError('sealed-mismatch', 'not the box or key that was signed for');
  if (isPast(content.expires, now)) throw peerError('sealed-expired', 'the sealed field has expired');
  try {
    const aad = associatedData(conversation, messageId);
    const text = unpad(xchacha20poly1305(boxKey, box.subarray(0, NONCE), aad).decrypt(box.subarray(NONCE)));
    if (text.length > MAX_SEALED_TEXT) throw peerError('sealed-mismatch', 'the text is too long');
    return fromUtf8(text);
  } catch (cause) {
    throw peerError('sealed-mismatch', 'the box does not open', { cause });
  }
}

function keyHashOf(boxKey: Uint8Array): Uint8Array {
  return sha256(concat(label('sealed-key'), boxKey));
}

function associatedData(conversation: Uint8Array, messageId: Uint8Array): Uint8Array {
  return concat(label('sealed'), conversation, messageId);
}
