/**
 * Devices with whom no session could be made: they are left alone for a while, ever longer, lest every change asks the relay
 * for prekeys that are not there. Kept in memory only.
 * @module
 */
import { toHex } from '../bytes/text.ts';
import type { EngineContext } from './context.ts';

const FIRST = 1_000;
/** Who has to rest for longer is come back to by the upkeep alone. */
const LONG = 30_000;
/** A customer waits for somebody of the desk; a desk has many customers and an archive that may be away for long. */
const LONGEST = { customer: 60_000, desk: 600_000 } as const;

interface Rest {
  readonly until: number;
  readonly time: number;
}

const rests = new WeakMap<EngineContext, Map<string, Rest>>();

/** Whether the device is left alone now. */
export function isResting(context: EngineContext, device: Uint8Array): boolean {
  const rest = rests.get(context)?.get(toHex(device));
  const now = context.ports.clock.now();
  // A clock that was put back does not prolong it.
  return rest !== undefined && now < rest.until && rest.until - now <= rest.time;
}

/** Whether it is left alone for long: nothing need be looked at again before the upkeep does. */
export function isAway(context: EngineContext, device: Uint8Array): boolean {
  return isResting(context, device) && (rests.get(context)?.get(toHex(device))?.time ?? 0) >= LONG;
}

/** How long until the first of the devices that do not rest for long is to be tried again, ms; null: there is none. */
export function nextTry(context: EngineContext): number | null {
  const now = context.ports.clock.now();
  const waits = [...(rests.get(context)?.values() ?? [])].filter(({ until, time }) => time < LONG && until > now);
  return waits.length === 0 ? null : Math.min(...waits.map(({ until }) => until - now));
}

/** No session could be made with it. */
export function rest(context: EngineContext, device: Uint8Array): void {
  const all = rests.get(context) ?? new Map<string, Rest>();
  rests.set(context, all);
  const before = all.get(toHex(device));
  const time = before === undefined ? FIRST : Math.min(LONGEST[context.side], 2 * before.time);
  all.set(toHex(device), { until: context.ports.clock.now() + time, time });
}

/** Its prekeys were there. */
export function reached(context: EngineContext, device: Uint8Array): void {
  rests.get(context)?.delete(toHex(device));
}
