import { expect } from 'chai';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { toHex } from '../../src/bytes/text.ts';
import type { RecordStore } from '../../src/engine/ports.ts';
import { openSealedStore, put, rawBytes, sealedTable } from '../../src/engine/sealed-store.ts';
import {
  destroyVault,
  openVault,
  type OpenVault,
  type TicketAccess,
  type VaultPorts,
} from '../../src/engine/unlock.ts';
import { peerError, usageError } from '../../src/errors.ts';
import { guestSlotCodec, slotKeyOf } from '../../src/vault/slot.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { realRandom } from '../support/random.ts';
import { TicketRelay } from '../support/ticket-relay.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SLOT = slotKeyOf('guest');

describe('opening a vault without a PIN', () => {
  let clock: DrivenClock;
  let relay: TicketRelay;
  let disk: MemoryDisk;
  let records: RecordStore;
  let ports: VaultPorts;

  beforeEach(() => {
    clock = new DrivenClock();
    relay = new TicketRelay(clock);
    disk = new MemoryDisk();
    records = disk.open();
    ports = { records, locks: memoryLocks(), clock, random: realRandom };
  });

  const open = (tickets: TicketAccess = relay): Promise<OpenVault> => openVault({ ports, tickets, kind: 'guest' });
  const keyOf = (vault: OpenVault): string => toHex(vault.keys.masterKey());
  const slotOf = async () => guestSlotCodec.decode((await records.get('vault', SLOT))?.bytes ?? new Uint8Array());

  it('makes one, and opens the same one again', async () => {
    const first = await open();
    expect(first.created).to.equal(true);
    expect(first.storage).to.equal('guest');
    const key = keyOf(first);
    first.lock();
    for (let i = 0; i < 3; i++) {
      const again = await open();
      expect(again.created).to.equal(false);
      expect(keyOf(again)).to.equal(key);
      expect(again.keys.vid).to.deep.equal(first.keys.vid);
      again.lock();
      expect(relay.held.size).to.equal(1);
    }
  });

  it('leaves neither the key nor the relay’s half on the disk, nor the key or the disk’s half at the relay', async () => {
    const vault = await open();
    const row = await records.get('vault', SLOT);
    const stored = toHex(row?.bytes ?? new Uint8Array());
    const [[id, half] = ['', new Uint8Array()]] = [...relay.held].map(([key, ticket]) => [key, ticket.half] as const);
    expect(half).to.have.length(32);
    expect(stored).not.to.include(keyOf(vault));
    expect(stored).not.to.include(toHex(half));
    expect(stored).not.to.include(id);
    const { current } = await slotOf();
    expect(toHex(half)).not.to.equal(toHex(current.half));
    expect(id + toHex(half)).not.to.include(keyOf(vault));
  });

  it('opens in several tabs at once, to one vault', async () => {
    const tabs = await Promise.all([open(), open(), open(), open(), open()]);
    expect(new Set(tabs.map(keyOf)).size).to.equal(1);
    expect(tabs.filter(({ created }) => created)).to.have.length(1);
    expect(relay.held.size).to.equal(1);
  });

  it('opens what was sealed before', async () => {
    const blobs = sealedTable('files', rawBytes);
    const before = await open();
    await openSealedStore(ports, before.keys).commit([put(blobs, ['a'], Uint8Array.of(1, 2, 3), 0)]);
    before.lock();
    const after = await open();
    expect((await openSealedStore(ports, after.keys).get(blobs, ['a']))?.value).to.deep.equal(Uint8Array.of(1, 2, 3));
    expect(await codeOfThrow(() => openSealedStore(ports, before.keys).get(blobs, ['a']))).to.equal('vault-locked');
  });

  it('opens on the seventh day and is lost after it', async () => {
    const vault = await open();
    const key = keyOf(vault);
    vault.lock();
    await clock.advance(7 * DAY - 1);
    const again = await open();
    expect(keyOf(again)).to.equal(key);
    again.lock();
    await clock.advance(7 * DAY);
    const stored = await records.get('vault', SLOT);
    expect(await codeOfThrow(open)).to.equal('vault-lost');
    expect(await records.get('vault', SLOT)).to.deep.equal(stored);
  });

  it('starts anew once what was lost is destroyed', async () => {
    const lost = await open();
    await openSealedStore(ports, lost.keys).commit([put(sealedTable('files', rawBytes), ['a'], Uint8Array.of(1), 0)]);
    lost.lock();
    relay.held.clear();
    expect(await codeOfThrow(open)).to.equal('vault-lost');
    await destroyVault({ ports, tickets: relay });
    expect(await codeOfThrow(open)).to.equal('store-lost');
    records = disk.open();
    ports = { ...ports, records };
    const fresh = await open();
    expect(fresh.created).to.equal(true);
    expect(keyOf(fresh)).not.to.equal(toHex(new Uint8Array(32)));
    expect(await records.count('files', { from: '', to: 'g' })).to.equal(0);
  });

  it('makes the relay forget what is destroyed, and destroys without the relay all the same', async () => {
    (await open()).lock();
    await destroyVault({ ports, tickets: relay });
    expect(relay.held.size).to.equal(0);

    records = disk.open();
    ports = { ...ports, records };
    (await open()).lock();
    relay.offline = true;
    await destroyVault({ ports, tickets: relay });
    expect(await disk.open().count('vault', { from: '', to: 'g' })).to.equal(0);
  });

  it('changes nothing that matters when the relay cannot be asked, whichever call fails', async () => {
    const vault = await open();
    const key = keyOf(vault);
    vault.lock();
    (await open()).lock();
    for (const call of ['put', 'read', 'drop'] as const) {
      const failing: TicketAccess = {
        put: (id, half) => relay.put(id, half),
        read: (id) => relay.read(id),
        drop: (id) => relay.drop(id),
        [call]: () => {
          relay.offline = true;
          return relay.read(new Uint8Array(16));
        },
      };
      const code = await codeOfThrow(async () => (await open(failing)).lock());
      expect(code).to.equal('vault-offline');
      relay.offline = false;
      const again = await open();
      expect(keyOf(again)).to.equal(key);
      again.lock();
      expect(relay.held.size).to.be.lessThan(3);
    }
  });

  it('says why the relay could not be asked', async () => {
    relay.offline = true;
    const error = await open().catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'vault-offline', kind: 'environment' });
    expect(error).to.have.nested.property('details.reason', 'relay-unreachable');
  });

  it('opens although an old ticket could not be dropped, and drops it at the next opening', async () => {
    (await open()).lock();
    const deaf: TicketAccess = {
      put: (id, half) => relay.put(id, half),
      read: (id) => relay.read(id),
      drop: async () => {
        throw usageError('expected', 'the relay would not');
      },
    };
    for (let i = 1; i <= 20; i++) {
      (await open(deaf)).lock();
      expect(relay.held.size).to.equal(i + 1);
    }
    expect((await slotOf()).spent).to.have.length(16);
    (await open()).lock();
    // Sixteen are remembered; the four oldest die by their age.
    expect(relay.held.size).to.equal(1 + 4);
  });

  it('keeps a damaged slot and refuses it, also one that is missing', async () => {
    (await open()).lock();
    const row = await records.get('vault', SLOT);
    if (row === undefined) throw new Error('the slot was written');
    const slot = guestSlotCodec.decode(row.bytes);
    const flipped = { ...slot.current, wrapped: slot.current.wrapped.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
    const damages = [
      new Uint8Array(),
      row.bytes.slice(1),
      Uint8Array.of(...row.bytes, 0),
      new TextEncoder().encode('{}'),
      guestSlotCodec.encode({ ...slot, current: flipped }),
      guestSlotCodec.encode({ ...slot, vid: new Uint8Array(16) }),
    ];
    let { version } = row;
    for (const bytes of damages) {
      const record = { version: version + 1, bytes };
      await records.commit([{ table: 'vault', key: SLOT, expects: version, record }]);
      version++;
      expect(await codeOfThrow(open)).to.equal('vault-damaged');
      expect((await records.get('vault', SLOT))?.bytes).to.deep.equal(bytes);
      expect(relay.held.size).to.equal(1);
    }
    const restored = { version: version + 1, bytes: row.bytes };
    await records.commit([{ table: 'vault', key: SLOT, expects: version, record: restored }]);
    const vault = await open();
    await openSealedStore(ports, vault.keys).commit([put(sealedTable('files', rawBytes), ['a'], Uint8Array.of(1), 0)]);
    vault.lock();
    const now = await records.get('vault', SLOT);
    await records.commit([{ table: 'vault', key: SLOT, expects: now?.version ?? 0, record: null }]);
    expect(await codeOfThrow(open)).to.equal('vault-damaged');
    expect(await records.count('files', { from: '', to: 'g' })).to.equal(1);
  });

  it('calls a slot damaged that the store cannot give back', async () => {
    (await open()).lock();
    const list: RecordStore['list'] = () =>
      Promise.reject(peerError('record-damaged', 'a stored row is not what was stored'));
    ports = { ...ports, records: Object.assign(Object.create(records) as RecordStore, { list }) };
    expect(await codeOfThrow(open)).to.equal('vault-damaged');
  });

  it('does not open past a slot of a kind that it does not know', async () => {
    const other = {
      table: 'vault' as const,
      key: '706173736b6579',
      expects: 0,
      record: { version: 1, bytes: new Uint8Array(9) },
    };
    await records.commit([other]);
    expect(await codeOfThrow(open)).to.equal('vault-damaged');
    await records.commit([{ ...other, expects: 1, record: null }]);
    (await open()).lock();
    await records.commit([other]);
    expect(await codeOfThrow(open)).to.equal('vault-damaged');
    expect(relay.held.size).to.equal(1);
  });

  it('tells a relay that gives another half from a damaged slot, and opens when it gives the right one', async () => {
    const vault = await open();
    const key = keyOf(vault);
    vault.lock();
    for (const half of [new Uint8Array(32), new Uint8Array(31), new Uint8Array()]) {
      const lying: TicketAccess = {
        put: (i, h) => relay.put(i, h),
        drop: (i) => relay.drop(i),
        read: async () => half,
      };
      expect(await codeOfThrow(() => open(lying))).to.equal('vault-half-wrong');
    }
    expect(keyOf(await open())).to.equal(key);
  });

  it('does not open a copy of the disk once the original was opened again', async () => {
    (await open()).lock();
    const copy = { ...ports, records: disk.copy().open() };
    (await open()).lock();
    expect(await codeOfThrow(() => openVault({ ports: copy, tickets: relay, kind: 'guest' }))).to.equal('vault-lost');
  });

  it('opens a copy of the disk before that, which docs/vault.md §6 says', async () => {
    const vault = await open();
    const copy = { ...ports, records: disk.copy().open() };
    const stolen = await openVault({ ports: copy, tickets: relay, kind: 'guest' });
    expect(keyOf(stolen)).to.equal(keyOf(vault));
    vault.lock();
    // The thief's opening replaced the ticket: the owner notices.
    expect(await codeOfThrow(open)).to.equal('vault-lost');
  });

  it('passes on what is no fault of the relay’s', async () => {
    const wrong: TicketAccess = {
      put: (id, half) => relay.put(id, half),
      drop: (id) => relay.drop(id),
      read: async () => {
        throw usageError('relay-insecure', 'expected');
      },
    };
    (await open()).lock();
    expect(await codeOfThrow(() => open(wrong))).to.equal('relay-insecure');
  });

  it('of memory asks nobody and stores nothing', async () => {
    relay.offline = true;
    const vault = await openVault({ ports, tickets: relay, kind: 'memory' });
    expect(vault).to.include({ storage: 'memory', created: true });
    expect(await records.count('vault', { from: '', to: 'g' })).to.equal(0);
    vault.lock();
    expect(vault.keys.erased).to.equal(true);
    expect(clock.timers).to.equal(0);
  });

  describe('and keeping it open', () => {
    it('replaces the ticket once a day, so that it outlives the seven days', async () => {
      const vault = await open();
      const key = keyOf(vault);
      const ids = new Set<string>();
      for (let day = 0; day < 30; day++) {
        await clock.advance(DAY);
        expect(relay.held.size).to.equal(1);
        for (const id of relay.held.keys()) ids.add(id);
      }
      expect(ids.size).to.equal(30);
      vault.lock();
      expect(clock.timers).to.equal(0);
      await clock.advance(7 * DAY - 1);
      expect(keyOf(await open())).to.equal(key);
    });

    it('replaces it once for all tabs', async () => {
      const tabs = [await open(), await open(), await open()];
      const [before] = relay.held.keys();
      await clock.advance(DAY);
      const { version } = (await records.get('vault', SLOT)) ?? { version: 0 };
      // Made by one commit, replaced by two in each of the other tabs' openings and in one renewal.
      expect(version).to.equal(1 + 2 + 2 + 2);
      expect([...relay.held.keys()]).not.to.deep.equal([before]);
      for (const tab of tabs) tab.lock();
      expect(clock.timers).to.equal(0);
    });

    it('tries again every hour while the relay cannot be asked', async () => {
      const errors: unknown[] = [];
      const vault = await openVault({ ports, tickets: relay, kind: 'guest', onRenewalError: (e) => errors.push(e) });
      const [before] = relay.held.keys();
      relay.offline = true;
      await clock.advance(DAY + 5 * HOUR);
      expect([...relay.held.keys()]).to.deep.equal([before]);
      relay.offline = false;
      await clock.advance(HOUR);
      expect(relay.held.has(before ?? '')).to.equal(false);
      expect(errors).to.deep.equal([]);
      vault.lock();
    });

    it('brings a ticket back that expired while the device slept', async () => {
      const vault = await open();
      const key = keyOf(vault);
      relay.held.clear();
      await clock.advance(DAY);
      vault.lock();
      expect(keyOf(await open())).to.equal(key);
    });

    it('ends when another tab destroys the vault, without making a new one', async () => {
      const vault = await open();
      const other = { ...ports, records: disk.open() };
      await destroyVault({ ports: other, tickets: relay });
      const fresh = await openVault({ ports: { ...ports, records: disk.open() }, tickets: relay, kind: 'guest' });
      expect(keyOf(fresh)).not.to.equal(keyOf(vault));
      fresh.lock();
      await clock.advance(DAY);
      expect(relay.held.size).to.equal(1);
      expect(clock.timers).to.equal(0);
    });

    it('ends when the slot has become another vault’s', async () => {
      await open();
      const row = await records.get('vault', SLOT);
      if (row === undefined) throw new Error('the slot was written');
      const bytes = guestSlotCodec.encode({ ...guestSlotCodec.decode(row.bytes), vid: new Uint8Array(16), at: 0 });
      const record = { version: row.version + 1, bytes };
      await records.commit([{ table: 'vault', key: SLOT, expects: row.version, record }]);
      await clock.advance(DAY);
      expect((await records.get('vault', SLOT))?.bytes).to.deep.equal(bytes);
      expect(clock.timers).to.equal(0);
    });

    it('tells errors that are not the relay’s', async () => {
      const errors: string[] = [];
      const onRenewalError = (error: unknown): void => void errors.push((error as { code: string }).code);
      const vault = await openVault({ ports, tickets: relay, kind: 'guest', onRenewalError });
      await disk.open().destroy();
      await clock.advance(DAY);
      expect(errors).to.deep.equal(['store-lost']);
      expect(clock.timers).to.equal(0);
      vault.lock();
    });
  });
});
