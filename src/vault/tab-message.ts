/**
 * What open tabs of a profile say to each other. docs/vault.md §9.
 * @module
 */
import { bytesOf, codecOf, mapOf, oneOf, type Codec } from '../bytes/shape.ts';
import { ChatError } from '../errors.ts';
import { VID_LENGTH } from './vault-keys.ts';

const PUBLIC_KEY = 32;
/** Nonce, tag, and a continuation with the shortest and the longest numbers. */
const SEALED = [24 + 16 + 32, 24 + 16 + 128] as const;

/** A tab without keys asks those that have them. */
export interface AskMessage {
  readonly v: 1;
  readonly kind: 'ask';
  /** The vault's id, 16 B. */
  readonly vid: Uint8Array;
  /** The asker's X25519 key of this one question, 32 B. */
  readonly key: Uint8Array;
}

/** An open tab's answer. */
export interface GiveMessage {
  readonly v: 1;
  readonly kind: 'give';
  /** The asker's key. */
  readonly to: Uint8Array;
  /** The giver's X25519 key of this one answer, 32 B. */
  readonly key: Uint8Array;
  /** A continuation, sealed for the asker. */
  readonly sealed: Uint8Array;
}

/** The vault was locked, and could not be said to be by the lock row. */
export interface LockMessage {
  readonly v: 1;
  readonly kind: 'lock';
  readonly vid: Uint8Array;
}

export type TabMessage = AskMessage | GiveMessage | LockMessage;

const MAX = 512;
const vid = bytesOf(VID_LENGTH);
const key = bytesOf(PUBLIC_KEY);

export const askCodec: Codec<AskMessage> = codecOf('ask', MAX, mapOf({ v: oneOf(1), kind: oneOf('ask'), vid, key }));
export const giveCodec: Codec<GiveMessage> = codecOf(
  'give',
  MAX,
  mapOf({ v: oneOf(1), kind: oneOf('give'), to: key, key, sealed: bytesOf(...SEALED) }),
);
export const lockCodec: Codec<LockMessage> = codecOf('lock', MAX, mapOf({ v: oneOf(1), kind: oneOf('lock'), vid }));

/** The message that bytes on the channel are; null for anything else, which is nobody's error: other versions may be open. */
export function readTabMessage(bytes: Uint8Array): TabMessage | null {
  for (const codec of [askCodec, giveCodec, lockCodec]) {
    try {
      return codec.decode(bytes);
    } catch (error) {
      if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
    }
  }
  return null;
}
