/**
 * Stretching PINs with what the device has, and finding out how much it can bear. docs/vault.md §7.2, §9.
 * @module
 */
import { codeOf } from '../errors.ts';
import { LEAST_STRETCH, SALT_LENGTH } from '../vault/pin-parameters.ts';
import { stretchPin } from '../vault/pin-stretch.ts';
import type { DevicePorts, StretchCost } from './ports/device.ts';
import type { Clock, Random } from './ports.ts';
import { deviceState } from './tab-state.ts';
import type { StretchPin } from './unlock-pin.ts';

/** How long a user may wait for it, ms. */
const PATIENCE = 1_000;

/** From what nothing may go below to what phones bear; each costs m · t. */
const LADDER: readonly StretchCost[] = [
  LEAST_STRETCH,
  { m: 32_768, t: 2, p: 1 },
  { m: 47_104, t: 2, p: 1 },
  { m: 65_536, t: 2, p: 1 },
  { m: 65_536, t: 3, p: 1 },
];

/** A of a PIN, in the device's worker or, where none can run, on the page's thread. @throws ChatError as `stretchPin` */
export function stretchOn(device: DevicePorts): StretchPin {
  return async (pin, salt, cost) => {
    const state = deviceState(device);
    if (device.stretcher !== null && !state.workerless) {
      try {
        return await device.stretcher.stretch(pin, salt, cost);
      } catch (error) {
        if (codeOf(error) !== 'worker-unavailable') throw error;
      }
    }
    state.workerless = true;
    return stretchPin(pin, salt, cost);
  };
}

/** What stretching a new PIN is to cost on this device: the most that takes no longer than a second, measured once in a page. */
export async function affordableCost(device: DevicePorts, { clock, random }: { clock: Clock; random: Random }) {
  const state = deviceState(device);
  if (state.cost !== null) return state.cost;
  const stretch = stretchOn(device);
  const measure = async (): Promise<number> => {
    const start = clock.now();
    await stretch('0000', random(SALT_LENGTH), LEAST_STRETCH);
    return clock.now() - start;
  };
  const first = await measure();
  // The first one also started the worker; one so slow has no second to spare.
  const isClear = costWithin(first) === LADDER.at(-1) || first > 2 * PATIENCE;
  state.cost = costWithin(isClear ? first : Math.min(first, await measure()));
  return state.cost;
}

/** The highest rung that is quick enough. @param least what `LEAST_STRETCH` takes, ms */
function costWithin(least: number): StretchCost {
  const perUnit = least / (LEAST_STRETCH.m * LEAST_STRETCH.t);
  return LADDER.findLast(({ m, t }) => perUnit * m * t <= PATIENCE) ?? LEAST_STRETCH;
}
