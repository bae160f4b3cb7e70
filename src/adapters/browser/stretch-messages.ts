/**
 * What the page and the worker that stretches PINs say to each other: one question at a time.
 * @module
 */
import type { ErrorDetails, ErrorKind } from '../../errors.ts';

/** The buffer of `pin` is handed over; its digits in ASCII. */
export interface StretchQuestion {
  readonly pin: Uint8Array;
  readonly salt: Uint8Array;
  readonly m: number;
  readonly t: number;
  readonly p: 1;
}

/** `alive` comes every second while it computes. The buffer of `bytes` is handed over. */
export type StretchAnswer =
  | { readonly kind: 'alive' }
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly error: StretchRefusal }
  | { readonly kind: 'failed' };

/** A ChatError on its way between threads. */
export interface StretchRefusal {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
}
