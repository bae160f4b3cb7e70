/**
 * Transcripts: a conversation that a third party can check with the desk's key alone. docs/protocol.md §15.3.
 * @module
 */
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import type { Head } from './head.ts';
import type { Message } from './message.ts';

/** A transcript's parts; `bundles` are encoded bundles. */
export interface Transcript {
  readonly desk: Uint8Array;
  readonly conversation: Uint8Array;
  readonly customerKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly bundles: readonly Uint8Array[];
  readonly items: readonly Signed[];
  readonly checkpoints: readonly Signed[];
  /** ms */
  readonly exportedAt: number;
}

/** A message of a transcript whose signature is right. */
export interface TranscriptItem {
  readonly message: Message;
  readonly hash: Uint8Array;
  readonly sender:
    { readonly kind: 'customer' } | { readonly kind: 'member'; readonly name: string; readonly role: string };
  /** Time of the first checkpoint that covers it, ms; null: none does. */
  readonly coveredAt: number | null;
}

/** What a verifier found. A transcript is whole when all lists of faults are empty. */
export interface TranscriptReport {
  readonly items: readonly TranscriptItem[];
  /** Items that cannot be relied on: index and code. */
  readonly refused: readonly { readonly index: number; readonly code: string }[];
  /** Messages that others name and that are not there. */
  readonly missing: readonly Pick<Head, 'device' | 'chain' | 'seq'>[];
  /** Places for which two messages or hashes exist. */
  readonly forked: readonly Pick<Head, 'device' | 'chain' | 'seq'>[];
  /** Ids of messages that no checkpoint covers; with `archived` false: all. */
  readonly uncovered: readonly Uint8Array[];
  /** Whether any bundle has an archive; without one there are no checkpoints. */
  readonly archived: boolean;
}

/** @throws ChatError (usage) `shape-mismatch`, `cbor-too-large` */
export declare function encodeTranscript(transcript: Transcript): Uint8Array;

/** @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch` */
export declare function decodeTranscript(bytes: Uint8Array): Transcript;

/**
 * Checks a transcript.
 * @param deskKey the root key that the verifier trusts
 * @throws ChatError `directory-foreign`, `directory-signature`, `directory-invalid`, `directory-renewer`,
 *   `directory-equivocation`, `conversation-foreign`: nothing in it can be relied on
 */
export declare function verifyTranscript(options: {
  crypto: PublicKeyCrypto;
  transcript: Transcript;
  deskKey: Uint8Array;
}): Promise<TranscriptReport>;
