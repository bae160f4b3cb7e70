/**
 * Frames: what travels between two devices. docs/protocol.md §10.4, §11.
 * @module
 */
import type { DeviceKeys } from '../identity/device.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import type { SessionState } from './session.ts';

/** Bytes of a frame, §21. */
export const MAX_FRAME = 131_072;

/** A frame whose form alone was checked. */
export interface Frame {
  readonly session: Uint8Array;
  readonly epoch: number;
  readonly n: number;
  /** The signed hello (epoch 0) or epoch header; null once the sender knows that the receiver has it. */
  readonly header: Signed | null;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** What reaches one device besides the signed message; its shape is checked with the message (§19). */
export type PrivatePart = Readonly<Record<string, unknown>> | null;

/** @throws ChatError `frame-malformed` whatever is wrong, the form's error being the cause */
export declare function decodeFrame(bytes: Uint8Array): Frame;

/** SHA-256(L("frame-hash") ‖ frame), 32 B: what a reset names (§16). */
export declare function frameHashOf(bytes: Uint8Array): Uint8Array;

/**
 * Encrypts a message for the session's peer, in a new epoch when §10.2 says so. Draws 96 B when it opens one, then 24 B.
 * @param content whether the kind is marked *content* (`isContent` of kinds.ts)
 * @returns the state to store together with the frame before the frame leaves (§15.2)
 * @throws ChatError `kem-failed`; usage: `cbor-too-large`, `shape-mismatch`
 */
export declare function encryptFrame(options: {
  crypto: PublicKeyCrypto;
  random: RandomBytes;
  self: DeviceKeys;
  session: SessionState;
  message: Signed;
  private: PrivatePart;
  content: boolean;
  now: number;
}): Promise<{ readonly session: SessionState; readonly frame: Uint8Array }>;

/**
 * Decrypts a frame of the session's peer. It is not accepted yet: the caller checks the message (`openMessage` and what
 * only a store knows) and stores the new state with what the message causes, or keeps the old one (§11.3).
 * @throws ChatError `session-mismatch`, `frame-malformed`, `frame-duplicate`, `frame-undecryptable`, `ratchet-fork`,
 *   `ratchet-epoch-unexpected`, `ratchet-jump-too-far`, `ratchet-header-signature`, `kem-failed`, `padding-malformed`
 */
export declare function decryptFrame(options: {
  crypto: PublicKeyCrypto;
  self: DeviceKeys;
  session: SessionState;
  frame: Frame;
  now: number;
}): Promise<{ readonly session: SessionState; readonly message: Signed; readonly private: PrivatePart }>;
