/**
 * Opening a vault that has a lock: by PIN or passkey, or by what goes on from before: this tab's ticket, or another open tab.
 * docs/vault.md §9.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { ChatError, codeOf } from '../errors.ts';
import type { Continuation } from '../vault/continuation.ts';
import type { LockRow } from '../vault/lock-row.ts';
import { VaultKeys } from '../vault/vault-keys.ts';
import type * as Handover from './handover.ts';
import { CancelSource } from './cancel-source.ts';
import { isIdle } from './idle-lock.ts';
import { LEADER_LOCK } from './leader.ts';
import type { Unlocked } from './lock-life.ts';
import { changeLockRow, readLockRow, usedRow } from './lock-row.ts';
import type { DevicePorts } from './ports/device.ts';
import type { Ports } from './ports.ts';
import { ROWS } from './rows.ts';
import { openSealedStore } from './sealed-store.ts';
import { OLDEST_TICKET, openTabTicket } from './tab-tickets.ts';
import { within } from './time-limit.ts';
import type { TicketAccess } from './unlock-slot.ts';
import { hireLocksmith } from './vault-keeper.ts';
import { readSlots } from './vault-slots.ts';
import type { Unlocking } from './views.ts';

/** How long another tab that is open may take to answer, ms. */
const HANDOVER_LIMIT = 3_000;
/** How long the relay may take to give its half, before the user is asked instead, ms. */
const TICKET_LIMIT = 6_000;
/** Clocks are corrected by a little: an unlocking so far in the future is not one, ms. */
const CLOCK_PLAY = 60_000;

export interface LockedOptions {
  readonly ports: Ports;
  readonly device: DevicePorts;
  readonly relay: string;
  readonly tickets: TicketAccess;
  /** ms; 0: every page asks */
  readonly lockAfter: number;
  readonly tabTickets: boolean;
}

/** An open vault that has a lock. */
export interface LockedOpened {
  readonly keys: VaultKeys;
  readonly unlocked: Unlocked;
  readonly problem: ChatError | null;
}

/** Opens with what the user shows. @throws ChatError as `PinVault.unlock` and `PasskeyVault.unlock`; `load-failed` */
export async function openBy(unlocking: Unlocking, options: LockedOptions): Promise<LockedOpened> {
  const { ports } = options;
  const { records, clock, random } = ports;
  const smith = await hireLocksmith(options);
  try {
    const { keys, problem } = await smith.unlock(unlocking);
    const since = clock.now();
    const at = { vid: keys.vid, now: since, random };
    try {
      const row = await changeLockRow(records, (now) => usedRow(now, at));
      return { keys, unlocked: { since, locks: (row as LockRow).locks, used: since }, problem };
    } catch (error) {
      // A full disk does not keep the owner out, if there is a row that says how often it was locked.
      const row = await readLockRow(records).catch(() => null);
      if (error instanceof ChatError && row !== null && equal(row.vid, at.vid))
        return { keys, unlocked: { since, locks: row.locks, used: since }, problem: problem ?? error };
      keys.erase();
      throw error;
    }
  } finally {
    smith.close();
  }
}

/**
 * Opens with what goes on from before.
 * @throws ChatError `vault-locked` (`details`: `{pin, passkey, unread}`) when nothing does; `vault-damaged` as `readSlots`
 */
export async function goOn(options: LockedOptions): Promise<LockedOpened> {
  const { ports, device } = options;
  const { records, clock } = ports;
  // What lies there must fit together, whatever opens it.
  await readSlots(records);
  const row = await readLockRow(records);
  if (row === null || isOver(row, options)) {
    // What opens nothing now, never will; the relay's half ends by itself.
    device.memory.clear();
    throw await locked(options, row);
  }
  const opened = await continued(row, options);
  if (opened === null) throw await locked(options, row);
  const { keys, since } = opened;
  try {
    const used = clock.now();
    const isOpen = (now: LockRow | null): boolean => now?.locks === row.locks && !isOver(now, options);
    const change = (now: LockRow | null): LockRow | null => (now !== null && isOpen(now) ? { ...now, used } : null);
    const next = await changeLockRow(records, change).catch((error: unknown) => {
      // A full disk locks nobody out.
      if (codeOf(error) !== 'store-full') throw error;
      return readLockRow(records);
    });
    if (!isOpen(next)) throw await locked(options, next);
    return { keys, unlocked: { since, locks: row.locks, used }, problem: null };
  } catch (error) {
    keys.erase();
    throw error;
  }
}

function isOver({ used }: LockRow, { ports, lockAfter }: LockedOptions): boolean {
  return lockAfter === 0 || isIdle(ports.clock.now(), used, lockAfter);
}

/** Asks the relay for the ticket's half and the other tabs at once; whoever is first. */
async function continued(row: LockRow, options: LockedOptions): Promise<{ keys: VaultKeys; since: number } | null> {
  const { ports, device, tickets, tabTickets } = options;
  const { clock, random } = ports;
  const { vid } = row;
  const isCurrent = ({ locks }: Continuation): boolean => locks === row.locks;
  const isYoung = ({ since }: Continuation): boolean => {
    const age = clock.now() - since;
    return age < OLDEST_TICKET && age >= -CLOCK_PLAY;
  };
  const asking = new CancelSource();
  const asked = loadHandover().then((handover) =>
    handover === null
      ? null
      : handover.askOtherTabs({
          ...{ channel: device.channel, clock, random, vid, accept: isCurrent },
          within: HANDOVER_LIMIT,
          isUseless: isAlone(ports.locks, asking),
        }),
  );
  const ways: Promise<Continuation | null>[] = [asked.finally(() => asking.abort())];
  if (tabTickets) {
    let isLate = false;
    const ticket = openTabTicket({ memory: device.memory, tickets }, vid).then((held) => {
      if (held === null || (!isLate && isCurrent(held) && isYoung(held))) return held;
      held.vmk.fill(0);
      return null;
    });
    ways.push(within(clock, TICKET_LIMIT, ticket, null).finally(() => (isLate = true)));
  }
  const held = await firstToOpen(ways);
  if (held === null) return null;
  const keys = new VaultKeys({ vmk: held.vmk, vid });
  held.vmk.fill(0);
  if (await opensWhatIsStored(options, keys)) return { keys, since: held.since };
  keys.erase();
  return null;
}

/** A key that another tab made up would have this device begin anew, under a key that somebody knows. */
async function opensWhatIsStored({ ports }: LockedOptions, keys: VaultKeys): Promise<boolean> {
  try {
    return (await openSealedStore(ports, keys).get(ROWS.identity, ['identity'])) !== undefined;
  } catch (error) {
    if (codeOf(error) !== 'record-damaged') throw error;
    return false;
  }
}

async function locked({ ports }: LockedOptions, row: LockRow | null): Promise<ChatError> {
  const { pin, passkey } = await readSlots(ports.records);
  const details = { pin: pin !== null, passkey: passkey !== null, unread: row?.unread ?? 0 };
  return new ChatError('environment', 'vault-locked', 'this vault has a lock', { details });
}

/** The first that opens; null when none does. What comes later is erased. */
async function firstToOpen(ways: readonly Promise<Continuation | null>[]): Promise<Continuation | null> {
  return new Promise((resolve, reject) => {
    let open = ways.length;
    let isOpened = false;
    for (const way of ways) {
      way.then((held) => {
        open--;
        if (isOpened) held?.vmk.fill(0);
        else if (held !== null || open === 0) resolve(held);
        isOpened ||= held !== null;
      }, reject);
    }
  });
}

/** Whether no other tab of the profile is open: one of them would lead. Answers no when it is given up. */
async function isAlone(locks: Ports['locks'], giveUp: CancelSource): Promise<boolean> {
  let isFree = false;
  await locks.hold(LEADER_LOCK, giveUp.signal, () => {
    isFree = true;
    giveUp.abort();
  });
  return isFree;
}

/** Null when its script cannot be loaded: then PIN or passkey are asked for. */
function loadHandover(): Promise<typeof Handover | null> {
  return import('./handover.ts').catch(() => null);
}
