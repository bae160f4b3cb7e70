/**
 * Which members are ready for new conversations. Known only while it lasts, never stored. docs/relay.md §5.6.
 * @module
 */
import { fromHex, toHex } from '../bytes/text.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import type { DutyState } from '../wire/fields.ts';
import type { Clock } from './clock.ts';
import { isServing } from './directories.ts';
import type { Hub } from './hub.ts';
import type { Caller } from './session.ts';

interface Presence {
  state: DutyState;
  /** Stops the grace that runs since its last connection ended. */
  cancelGrace: (() => void) | null;
}

export class Duty {
  readonly #hub: Hub;
  readonly #clock: Clock;
  readonly #grace: number;
  readonly #desks = new Map<string, Map<string, Presence>>();

  constructor(options: { hub: Hub; clock: Clock; grace: number }) {
    this.#hub = options.hub;
    this.#clock = options.clock;
    this.#grace = options.grace;
  }

  /** A member says how it is. */
  set({ identity }: Caller, state: DutyState): void {
    const { deskName, deviceName } = identity;
    this.#change(deskName, () => {
      const desk = this.#of(deskName);
      desk.get(deviceName)?.cancelGrace?.();
      if (state === 'off') desk.delete(deviceName);
      else desk.set(deviceName, { state, cancelGrace: null });
    });
  }

  /** The device ids of a desk that are on duty, ascending. */
  list(deskName: string): Uint8Array[] {
    return this.#namesOn(deskName).map(fromHex);
  }

  /** A device has come (again). */
  entered({ identity }: Caller): void {
    const presence = this.#desks.get(identity.deskName)?.get(identity.deviceName);
    presence?.cancelGrace?.();
    if (presence !== undefined) presence.cancelGrace = null;
  }

  /** A session has ended and is no longer in the hub. */
  left({ identity }: Caller): void {
    const { deskName, deviceName } = identity;
    const presence = this.#desks.get(deskName)?.get(deviceName);
    const isHere = this.#hub.sessionsOf(deviceName).some((other) => other.identity.deskName === deskName);
    if (presence === undefined || isHere) return;
    presence.cancelGrace?.();
    presence.cancelGrace = this.#clock.after(this.#grace, () => {
      this.#change(deskName, () => this.#desks.get(deskName)?.delete(deviceName));
    });
  }

  /** Who is no longer a member that serves is not on duty. */
  apply({ directory, membersById }: OpenDirectory): void {
    const deskName = toHex(directory.desk);
    this.#change(deskName, () => {
      for (const [name, presence] of this.#desks.get(deskName) ?? []) {
        if (isServing(membersById.get(name)?.role ?? null)) continue;
        presence.cancelGrace?.();
        this.#desks.get(deskName)?.delete(name);
      }
    });
  }

  /** Stops all that is timed. */
  close(): void {
    for (const desk of this.#desks.values()) for (const presence of desk.values()) presence.cancelGrace?.();
    this.#desks.clear();
  }

  #change(deskName: string, change: () => void): void {
    const before = this.#namesOn(deskName).join();
    change();
    if (this.#desks.get(deskName)?.size === 0) this.#desks.delete(deskName);
    if (this.#namesOn(deskName).join() === before) return;
    this.#hub.publish(`duty/${deskName}`, 'duty', { desk: fromHex(deskName), devices: this.list(deskName) });
  }

  #namesOn(deskName: string): string[] {
    const desk = this.#desks.get(deskName) ?? new Map<string, Presence>();
    return [...desk].flatMap(([name, { state }]) => (state === 'on' ? [name] : [])).sort();
  }

  #of(deskName: string): Map<string, Presence> {
    let desk = this.#desks.get(deskName);
    if (desk === undefined) this.#desks.set(deskName, (desk = new Map<string, Presence>()));
    return desk;
  }
}
