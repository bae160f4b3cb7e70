/**
 * What is measured when somebody looks at the metrics: how full the relay is, and how its process fares.
 * @module
 */
import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Measured } from './metrics.ts';
import type { Services } from './services.ts';
import { mailSize } from './store.ts';

/** How often the event loop is looked at, ms. */
const RESOLUTION = 20;

export class Measurements {
  readonly #services: Services;
  readonly #data: string;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });

  constructor(services: Services, data: string) {
    this.#services = services;
    this.#data = data;
  }

  start(): void {
    this.#delay.enable();
  }

  stop(): void {
    this.#delay.disable();
  }

  /** @param isDraining whether it takes no more clients */
  async now(isDraining: boolean): Promise<Measured[]> {
    const { store, limits, metrics, devices, prekeys, blobs, outgoing } = this.#services;
    const mail = await store.heldInAll();
    const disk = await statfs(this.#data);
    // What it measures is the time between two ticks that should be so far apart.
    const longest = Math.max(0, this.#delay.max / 1e9 - RESOLUTION / 1e3);
    this.#delay.reset();
    const { user, system } = process.cpuUsage();
    const own: [string, string, number][] = [
      ['connections', 'Connections open now.', metrics.get('connectionsOpened') - metrics.get('connectionsClosed')],
      ['connections_max', 'Connections at most.', limits.connections],
      ['draining', '1 while it takes no more clients.', isDraining ? 1 : 0],
      ['unsent_bytes', 'Bytes given to connections that have not left.', outgoing.unsent],
      ['mail_items', 'Mail waiting in all mailboxes.', mail.items],
      ['mail_bytes', 'What it takes to keep it, as counted against the limit.', mailSize(mail)],
      ['mail_bytes_max', 'Mail at most; customers have the part that is not kept for members.', limits.mailBytes],
      ['blob_bytes', 'Bytes of blobs kept or promised.', blobs.total],
      ['blob_bytes_max', 'Bytes of blobs at most.', limits.blobBytes],
      ['devices', 'Devices known.', devices.count],
      ['devices_max', 'Devices at most.', limits.devices],
      ['prekeys', 'One-time prekeys in stock or remembered.', prekeys.kept],
      ['prekeys_max', 'One-time prekeys at most.', limits.prekeys],
      ['disk_free_bytes', 'Bytes free where the data lie.', disk.bavail * disk.bsize],
      ['event_loop_delay_seconds', 'The longest wait of the event loop since the last look.', longest],
    ];
    return [
      ...own.map(([name, help, value]) => ({ name: `secure_chat_${name}`, help, value })),
      {
        name: 'process_cpu_seconds_total',
        help: 'CPU time of the process.',
        kind: 'counter',
        value: (user + system) / 1e6,
      },
      { name: 'process_resident_memory_bytes', help: 'Memory of the process.', value: process.memoryUsage.rss() },
      {
        name: 'process_start_time_seconds',
        help: 'When the process began, seconds since 1970.',
        value: Math.round(performance.timeOrigin / 1_000),
      },
    ];
  }
}
