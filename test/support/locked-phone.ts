/**
 * A customer's device with a clock that a test holds, its tabs, and a conversation with an agent.
 * @module
 */
import type { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import type { Ports } from '../../src/engine/ports.ts';
import type { CustomerClient, DeskClient, Unlocking } from '../../src/engine/views.ts';
import type { ChatWorld, CustomerTab } from './chat-world.ts';
import { first } from './chat-world.ts';
import { TabMemoryDouble } from './device-double.ts';
import { HeldDevice } from './held-device.ts';
import type { ShiftingClock } from './shifting-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** The idle time of the tabs here. */
export const LOCK_AFTER = 15 * MINUTE;
export const PIN = '739105';

/** One tab: pages are loaded in it one after the other. */
export interface Tab {
  readonly memory: TabMemoryDouble;
}

/** See the module. */
export class LockedPhone {
  readonly world: ChatWorld;
  readonly device: HeldDevice;

  constructor(world: ChatWorld, device = new HeldDevice()) {
    this.world = world;
    this.device = device;
  }

  get clock(): ShiftingClock {
    return this.device.clock;
  }

  tab(memory = new TabMemoryDouble()): Tab {
    return { memory };
  }

  /** Loads a page in a tab. */
  load(tab: Tab, options: CustomerTab = {}): Promise<CustomerClient> {
    const page = this.device.double.page(tab.memory);
    return this.world.customer(this.device, { page, lockAfter: LOCK_AFTER, ...options });
  }

  /** Loads a page in a tab, and unlocks it. */
  unlock(tab: Tab, pin = PIN): Promise<CustomerClient> {
    return this.load(tab, { unlock: byPin(pin) });
  }

  /** The page goes away without being asked, as by a reload: nothing of it runs any more. */
  async leave(client: CustomerClient): Promise<void> {
    await client.close();
  }

  /** The same device, started again from this disk. */
  restarted(disk: MemoryDisk = this.device.disk): LockedPhone {
    const phone = new LockedPhone(this.world, new HeldDevice({ disk: disk.copy(), clock: this.clock }));
    return phone;
  }
}

export function byPin(pin: string): Unlocking {
  return { by: 'pin', pin };
}

/** The agent claims the customer's conversation. */
export async function claimed(agent: DeskClient, conversation: string): Promise<void> {
  await first(agent.queue, (queue) => queue.some(({ known }) => known?.id === conversation));
  await agent.claim(conversation);
}

/** How it ended, if it has within so many ms. */
export async function endOf(client: CustomerClient, within = 2_000): Promise<'locked' | 'closed' | 'open'> {
  const late = new Promise<'open'>((resolve) => setTimeout(() => resolve('open'), within));
  return Promise.race([client.ended, late]);
}

/** Ports whose relay cannot be reached. */
export function offline(ports: Ports): Ports {
  return {
    ...ports,
    transport: {
      open: (_url, handlers) => {
        queueMicrotask(() => handlers.onClose(1006));
        return { send: () => undefined, close: () => undefined };
      },
      onReachable: () => () => undefined,
    },
  };
}
