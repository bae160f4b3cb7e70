/**
 * Everything behind the connections, put together.
 * @module
 */
import { join } from 'node:path';
import { toHex } from '../bytes/text.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { Blobs } from './blobs.ts';
import type { Clock } from './clock.ts';
import { Devices } from './devices.ts';
import { Directories, type ServedDesks } from './directories.ts';
import { Duty } from './duty.ts';
import { Enrolments } from './enrolments.ts';
import { Hub } from './hub.ts';
import type { RelayLimits } from './limits.ts';
import { describeFault, type Log } from './log.ts';
import { Mailboxes } from './mailboxes.ts';
import { Metrics } from './metrics.ts';
import { Prekeys } from './prekeys.ts';
import { Queue } from './queue.ts';
import { Rates } from './rates.ts';
import { Serial } from './serial.ts';
import type { RelayStore } from './store.ts';
import { Tickets } from './tickets.ts';
import { Vaults } from './vaults.ts';

export interface ServicesOptions {
  readonly store: RelayStore;
  /** The directory in which the relay keeps its blobs. */
  readonly data: string;
  /** The origins under which clients know this relay. */
  readonly origins: ReadonlySet<string>;
  readonly desks: ServedDesks;
  readonly limits: RelayLimits;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  readonly crypto: PublicKeyCrypto;
  readonly log: Log;
}

/** What requests are served with. */
export type Services = ReturnType<typeof servicesOf>;

/** Makes the services; `start()` is still to be awaited. */
export function servicesOf(options: ServicesOptions) {
  const { store, data, origins, desks, limits, clock, random, crypto, log } = options;
  const now = (): number => clock.now();
  const metrics = new Metrics();
  const onFault = (error: unknown): void => {
    metrics.add('faults', 1);
    log({ level: 'error', event: 'fault', request: null, ...describeFault(error) });
  };
  const hub = new Hub();
  /** Bytes that all connections were given to send and that have not left. */
  const outgoing = { unsent: 0 };
  const rates = new Rates(limits.rates, now);
  /** Members' looks at whose devices they write to, in the order they were asked. */
  const ownDevices = new Serial();
  const devices = new Devices({ store, rates, limits, now });
  const directories = new Directories({ store, crypto, desks, limits, now });
  const mailboxes = new Mailboxes({ store, limits, now, metrics, onFault });
  const prekeys = new Prekeys({ store, devices, rates, limits, now });
  const duty = new Duty({ hub, clock, grace: limits.dutyGrace });
  const queue = new Queue({ store, hub, directories, limits, now });
  const enrolments = new Enrolments({ store, hub, rates, limits, now });
  const retentionOf = async (desk: Uint8Array): Promise<number | null> =>
    (await directories.of(desk))?.directory.policy.retentionDays ?? null;
  const blobs = new Blobs({ store, directory: join(data, 'blobs'), limits, now, random, retentionOf });
  const tickets = new Tickets({ store, rates, limits, now });
  const vaults = new Vaults({ store, crypto, origins, limits, now, random });

  directories.onChange(async (directory) => {
    duty.apply(directory);
    const { desk } = directory.directory;
    // Before what can fail: the bundle is in force, and the next time it is published nothing changes.
    hub.publish(`directory/${toHex(desk)}`, 'directory', { desk, bundle: directory.bytes });
    await blobs.apply(directory);
    await queue.apply(directory);
  });

  /** Counts what is stored. Before anything is served. */
  const start = async (): Promise<void> => {
    await blobs.start();
    await devices.start();
    await prekeys.start();
  };

  return {
    start,
    ...{ store, origins, limits, clock, random, crypto, log, onFault, metrics, hub, rates, outgoing },
    ...{ ownDevices, devices, directories, mailboxes, prekeys, duty, queue, enrolments, blobs, tickets, vaults },
  };
}
