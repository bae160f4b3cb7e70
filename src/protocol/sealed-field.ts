/**
 * Sealed fields: what one recipient alone may read. docs/protocol.md §19.
 * @module
 */
import type { RandomBytes } from '../identity/public-key-crypto.ts';
import type { ContentOf, SealedPrivate } from './kinds.ts';

/** UTF-8 bytes of a sealed text. */
export const MAX_SEALED_TEXT = 7_000;

/**
 * Seals a text for the content of a `sealed` and its recipient's private part. Draws 32 B, then 24 B.
 * @throws ChatError (usage) `sealed-too-large`
 */
export declare function sealField(options: {
  random: RandomBytes;
  conversation: Uint8Array;
  messageId: Uint8Array;
  text: string;
}): { readonly boxHash: Uint8Array; readonly keyHash: Uint8Array; readonly private: SealedPrivate };

/**
 * Opens a sealed field; it is to be shown once.
 * @throws ChatError `sealed-mismatch` (hashes, box, padding or text), `sealed-expired`
 */
export declare function openSealedField(options: {
  content: ContentOf<'sealed'>;
  private: SealedPrivate;
  conversation: Uint8Array;
  messageId: Uint8Array;
  now: number;
}): string;
