/**
 * What is remembered as long as a page is loaded, also while the vault is locked; never stored.
 * @module
 */
import type { DevicePorts, StretchCost } from './ports/device.ts';

/** PINs that were wrong in this page, by salt, and how many tries the relay had left then: it is not asked twice. */
export const wrongPins = new Map<string, number>();

/** What was found out of a device. */
export interface DeviceState {
  /** No worker can run here. */
  workerless: boolean;
  /** What stretching a new PIN is to cost; null: not measured yet. */
  cost: StretchCost | null;
}

const states = new WeakMap<DevicePorts, DeviceState>();

/** Of these ports. */
export function deviceState(device: DevicePorts): DeviceState {
  let state = states.get(device);
  if (state === undefined) {
    state = { workerless: false, cost: null };
    states.set(device, state);
  }
  return state;
}
