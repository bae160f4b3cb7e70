import { expect } from 'chai';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { Locksmith } from '../../src/engine/locksmith.ts';
import type { Ports, RecordChange } from '../../src/engine/ports.ts';
import { openVault } from '../../src/engine/unlock.ts';
import { ChatError } from '../../src/errors.ts';
import { slotKeyOf } from '../../src/vault/slot.ts';
import { DeviceDouble, TabMemoryDouble } from '../support/device-double.ts';
import { realRandom } from '../support/random.ts';
import { TicketRelay } from '../support/ticket-relay.ts';

describe('adding a passkey', () => {
  it('says later what it left undone, and opens by the passkey all the same', async () => {
    const clock = new DrivenClock(1_700_000_000_000);
    const store = new MemoryDisk().open();
    // The disk is full as soon as the passkey's slot is there.
    let isFull = true;
    const again = (changes: readonly RecordChange[]): boolean =>
      changes.some(({ key, expects }) => key === slotKeyOf('passkey') && expects > 0);
    const ports: Ports = {
      records: {
        ...store,
        commit: (changes) =>
          isFull && again(changes)
            ? Promise.reject(new ChatError('environment', 'store-full', 'no room'))
            : store.commit(changes),
      },
      ...{ locks: memoryLocks(), clock, random: realRandom },
      transport: {
        open: () => ({ send: () => undefined, close: () => undefined }),
        onReachable: () => () => undefined,
      },
    };
    const tickets = new TicketRelay(clock);
    const vault = await openVault({ ports, tickets, kind: 'guest' });
    const device = new DeviceDouble().page(new TabMemoryDouble());
    const smith = new Locksmith({ ports, device, relay: 'wss://relay.example', tickets });
    const left = new Promise<ChatError>((resolve) => {
      void smith.addPasskey(vault.keys, 'Bank Example', resolve);
    });
    expect((await left).code).to.equal('store-full');
    isFull = false;
    const opened = await smith.unlock({ by: 'passkey' });
    expect(opened.keys.vid).to.deep.equal(vault.keys.vid);
    opened.keys.erase();
    vault.lock();
    smith.close();
  });
});
