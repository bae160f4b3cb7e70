/**
 * What every part of a running engine is given.
 * @module
 */
import type { DeviceKeys } from '../identity/device.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Ports } from './ports.ts';
import type { RelayConnection } from './relay-connection.ts';
import type { SealedStore } from './sealed-store.ts';
import { runStep, type Step } from './step.ts';

/** Which end of the conversations this device is: a customer, or a member of the desk. */
export type Side = 'customer' | 'desk';

export interface EngineContext {
  readonly ports: Ports;
  readonly store: SealedStore;
  readonly crypto: PublicKeyCrypto;
  readonly self: DeviceKeys;
  /** The desk's root key, 32 B. */
  readonly desk: Uint8Array;
  readonly side: Side;
  readonly relay: RelayConnection;
  /** Whether the sender may be told that something was read. */
  readonly receipts: boolean;
  /** When this client was opened, ms. What was made since then is not of an older state that was put back. */
  readonly openedAt: number;
}

/** Runs a step of this engine: see `runStep`. */
export function stepOf<T>(context: EngineContext, work: (step: Step) => Promise<T>): Promise<T> {
  return runStep({ store: context.store, locks: context.ports.locks }, work);
}
