/**
 * Files, encrypted chunk by chunk. docs/protocol.md §18.
 * @module
 */

/** Plain bytes of a chunk. */
export const CHUNK = 65_536;
/** Bytes that encryption adds to a chunk. */
export const CHUNK_OVERHEAD = 16;
/** The largest file, bytes. */
export const MAX_FILE = 104_857_600;

export interface AttachmentLengths {
  /** Padded plain bytes. */
  readonly padded: number;
  readonly chunks: number;
  /** Bytes of the blob. */
  readonly blob: number;
}

/** All lengths of a file of `size` bytes. @throws ChatError `attachment-too-large` */
export declare function attachmentLengths(size: number): AttachmentLengths;

/** Encrypts one file. `key`: 32 random bytes, new for every attempt. */
export interface AttachmentEncryptor {
  /** The next bytes of the file, however cut; returns what of the blob is ready. @throws ChatError (usage) `attachment-too-large`: more than `size` */
  push(bytes: Uint8Array): Uint8Array;
  /** The rest of the blob, and the hash of all of it. @throws ChatError (usage) `attachment-truncated`: less than `size` */
  finish(): { readonly bytes: Uint8Array; readonly hash: Uint8Array };
}
export declare function attachmentEncryptor(options: { key: Uint8Array; size: number }): AttachmentEncryptor;

/** Decrypts one blob. Nothing is complete before `finish` returned. */
export interface AttachmentDecryptor {
  /** The next bytes of the blob, however cut; returns what of the file is ready. @throws ChatError `attachment-corrupt`, `attachment-too-large` (longer than `size` makes it) */
  push(bytes: Uint8Array): Uint8Array;
  /** The rest of the file. @throws ChatError `attachment-truncated`, `attachment-corrupt` */
  finish(): Uint8Array;
}
export declare function attachmentDecryptor(options: {
  key: Uint8Array;
  size: number;
  hash: Uint8Array;
}): AttachmentDecryptor;
