import { expect } from 'chai';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { startEngine } from '../../src/engine/chat-engine.ts';
import { IdleLock } from '../../src/engine/idle-lock.ts';
import { LockLife, type Unlocked } from '../../src/engine/lock-life.ts';
import { changeLockRow, firstRow, readLockRow } from '../../src/engine/lock-row.ts';
import type { Ports, RecordStore } from '../../src/engine/ports.ts';
import { openSealedStore } from '../../src/engine/sealed-store.ts';
import { OLDEST_TICKET, TabTickets } from '../../src/engine/tab-tickets.ts';
import { VaultKeeper } from '../../src/engine/vault-keeper.ts';
import { ChatError } from '../../src/errors.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { askCodec, readTabMessage } from '../../src/vault/tab-message.ts';
import { tabTicketCodec } from '../../src/vault/tab-ticket.ts';
import { VaultKeys } from '../../src/vault/vault-keys.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { DeviceDouble, TabMemoryDouble } from '../support/device-double.ts';
import { realRandom } from '../support/random.ts';
import { TicketRelay } from '../support/ticket-relay.ts';

const MINUTE = 60_000;
const LOCK_AFTER = 15 * MINUTE;
const VID = new Uint8Array(16).fill(7);

/** What no list of the browser's failures names. */
const fault = (): ChatError => new ChatError('internal', 'internal', 'the database failed');

/** Whether it fails as `fault` does. */
const fails = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => false,
    (error: unknown) => error instanceof ChatError && error.code === 'internal',
  );

/** Lets what needs no timer happen. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('locking when something fails', () => {
  let clock: DrivenClock;
  let disk: MemoryDisk;
  let double: DeviceDouble;
  let memory: TabMemoryDouble;
  let tickets: TicketRelay & { close(): void };
  let keys: VaultKeys;
  /** What fails: each read and each write of the lock row, when set. */
  let broken: { get: boolean; commit: boolean };

  beforeEach(async () => {
    clock = new DrivenClock(1_700_000_000_000);
    disk = new MemoryDisk();
    double = new DeviceDouble();
    memory = new TabMemoryDouble();
    tickets = Object.assign(new TicketRelay(clock), { close: () => undefined });
    keys = new VaultKeys({ vmk: realRandom(32), vid: VID });
    broken = { get: false, commit: false };
    await changeLockRow(disk.open(), () => firstRow(VID, clock.now()));
  });

  /** What was said between tabs. */
  const kinds = (): (string | undefined)[] => double.said.map((bytes) => readTabMessage(bytes)?.kind);
  const records = (): RecordStore => {
    const store = disk.open();
    return {
      ...store,
      get: (table, key) => (broken.get ? Promise.reject(fault()) : store.get(table, key)),
      commit: (changes) => (broken.commit ? Promise.reject(fault()) : store.commit(changes)),
    };
  };
  const ports = (): Ports => ({
    ...{ records: records(), locks: memoryLocks(), clock, random: realRandom },
    transport: {
      open: () => ({ send: () => undefined, close: () => undefined }),
      onReachable: () => () => undefined,
    },
  });
  const life = (options: { unread?: () => Promise<number>; onLocked?: () => void } = {}): LockLife =>
    new LockLife({
      ...{ ports: ports(), device: double.page(memory), tickets, keys, lockAfter: LOCK_AFTER, hasTicket: true },
      unlocked: { since: clock.now(), locks: 0, used: clock.now() },
      unread: options.unread ?? (() => Promise.resolve(0)),
      onLocked: () => options.onLocked?.(),
    });

  it('locks, and tells the other tabs, when the store fails as nobody knows', async () => {
    let locked = 0;
    const one = life({ onLocked: () => locked++ });
    await settled();
    broken.commit = true;
    expect(await fails(one.lock())).to.equal(true);
    expect(locked).to.equal(1);
    expect(memory.bytes).to.equal(null);
    expect(kinds()).to.deep.equal(['lock']);
  });

  it('goes on looking at the clock when the store fails as nobody knows', async () => {
    let idle = 0;
    let planned = 0;
    const after = (): (() => void) => {
      planned++;
      return () => undefined;
    };
    const lock = new IdleLock(
      {
        ...{ records: records(), lockAfter: LOCK_AFTER, locks: 0, onIdle: () => idle++ },
        clock: { now: () => clock.now(), after },
      },
      clock.now(),
    );
    broken.get = true;
    expect(await fails(lock.check())).to.equal(true);
    expect([planned, idle]).to.deep.equal([2, 0]);
  });

  it('locks by the time that the tab knows when the store fails as nobody knows', async () => {
    let idle = 0;
    const lock = new IdleLock(
      { records: records(), clock, lockAfter: LOCK_AFTER, locks: 0, onIdle: () => idle++ },
      clock.now() - LOCK_AFTER,
    );
    broken.get = true;
    expect(await fails(lock.check())).to.equal(true);
    expect(idle).to.equal(1);
  });

  it('does not put back what another tab has written of a later activity', async () => {
    const watch = (): IdleLock =>
      new IdleLock(
        { records: records(), clock, lockAfter: LOCK_AFTER, locks: 0, onIdle: () => undefined },
        clock.now(),
      );
    const one = watch();
    await clock.advance(25_000);
    // Within its pause: it is written at the end.
    one.touch();
    await clock.advance(4_500);
    await changeLockRow(disk.open(), (row) => row && { ...row, used: clock.now() });
    const latest = clock.now();
    await clock.advance(1_000);
    expect((await readLockRow(disk.open()))?.used).to.equal(latest);
    one.stop();
  });

  it('erases the keys also when the engine cannot be closed', async () => {
    const seed = realRandom(32);
    const keeper = keeperOf();
    keeper.start({
      close: () => Promise.reject(fault()),
      erase: () => seed.fill(0),
      unread: () => Promise.resolve(0),
      deskName: () => Promise.resolve(''),
    });
    expect(await fails(keeper.close())).to.equal(true);
    expect(keys.erased).to.equal(true);
    expect(seed).to.deep.equal(new Uint8Array(32));
    expect(await keeper.ended).to.equal('closed');
  });

  it('does nothing to the lock for a client that has ended', async () => {
    const keeper = keeperOf();
    keeper.start({
      ...{ close: () => Promise.resolve(), erase: () => undefined },
      unread: () => Promise.resolve(0),
      deskName: () => Promise.resolve(''),
    });
    await keeper.close();
    const vault = keeper.control;
    const works = [
      () => vault.setPin('739105'),
      () => vault.changePin('739105', '482915'),
      () => vault.resetPin('482915'),
      () => vault.addPasskey(),
      () => vault.removePasskey(),
    ];
    for (const work of works) expect(await codeOfThrow(work)).to.equal('vault-locked');
    expect(double.stretched).to.equal(0);
    expect(double.passkeys.names).to.deep.equal([]);
  });

  it('forgets the tab’s ticket when all is destroyed as soon as it is open', async () => {
    memory.write(new Uint8Array([1]));
    const keeper = keeperOf({ since: clock.now(), locks: 0, used: clock.now() });
    keeper.start({
      ...{ close: () => Promise.resolve(), erase: () => undefined },
      unread: () => Promise.resolve(0),
      deskName: () => Promise.resolve(''),
    });
    await keeper.destroy(() => Promise.resolve());
    expect(memory.bytes).to.equal(null);
    expect(keys.erased).to.equal(true);
  });

  function keeperOf(unlocked: Unlocked | null = null): VaultKeeper {
    return new VaultKeeper({
      ...{ ports: ports(), device: double.page(memory), relay: 'ws://127.0.0.1:1', tickets, keys, isMemory: false },
      ...{ unlocked, problem: null, lockAfter: LOCK_AFTER, tabTickets: true, stopRenewal: () => undefined },
    });
  }

  it('takes another PIN for activity', async () => {
    const one = life();
    await clock.advance(10 * MINUTE);
    one.renew();
    await settled();
    expect((await readLockRow(disk.open()))?.used).to.equal(clock.now());
    one.stop();
  });

  it('hands over nothing while it locks', async () => {
    const one = life({ unread: () => new Promise(() => undefined) });
    await settled();
    const ask = askCodec.encode({ v: 1, kind: 'ask', vid: VID, key: new Uint8Array(32).fill(9) });
    double.say(ask);
    // The script that answers is loaded first.
    while (double.said.length < 2) await settled();
    expect(kinds()).to.deep.equal(['ask', 'give']);
    const locking = one.lock();
    double.say(ask);
    await settled();
    expect(kinds()).to.deep.equal(['ask', 'give', 'ask']);
    await clock.advance(5_000);
    await locking;
  });

  it('leaves no key of the device in an engine that has ended', async () => {
    const seed = realRandom(32);
    const engine = await startEngine(
      {
        ...{ ports: ports(), store: openSealedStore(ports(), keys), crypto: nobleCrypto, seed, desk: realRandom(32) },
        ...{ side: 'customer', relay: 'ws://127.0.0.1:1', receipts: true, vault: keeperOf() },
      },
      () => async () => undefined,
    );
    expect(seed).to.deep.equal(new Uint8Array(32));
    expect(engine.context.self.seed).to.not.deep.equal(seed);
    await engine.close();
    engine.erase();
    expect(engine.context.self.seed).to.deep.equal(new Uint8Array(32));
  });

  describe('the tab’s ticket', () => {
    const ticketsOf = (since: number, access: TicketRelay = tickets): TabTickets =>
      new TabTickets({
        ...{ ports: { clock, random: realRandom }, memory, tickets: access, vid: VID, lockAfter: LOCK_AFTER },
        held: () => ({ vmk: realRandom(32), since, locks: 0 }),
      });

    it('is not kept longer at the relay by a renewal that fails behind the locking', async () => {
      let refuse: (() => void) | null = null;
      const put = tickets.put.bind(tickets);
      let count = 0;
      tickets.put = async (id, half, life) => {
        // The second one is on its way when the vault is locked, and refused then.
        if (++count === 2)
          await new Promise<void>((_, reject) => {
            refuse = () => reject(new ChatError('environment', 'relay-timeout', 'no answer'));
          });
        return put(id, half, life);
      };
      const one = ticketsOf(clock.now());
      await one.replace(clock.now());
      expect(tickets.held.size).to.equal(1);
      await clock.advance(LOCK_AFTER / 2);
      one.touch(clock.now());
      await clock.advance(1);
      await settled();
      const ended = one.end();
      await settled();
      expect(tickets.held.size).to.equal(0);
      (refuse as unknown as () => void)();
      await ended;
      expect(tickets.held.size).to.equal(0);
      expect(memory.bytes).to.equal(null);
    });

    it('ends at the relay twelve hours after PIN or passkey were shown, and none is made then', async () => {
      const since = clock.now() - OLDEST_TICKET + 5 * MINUTE;
      const one = ticketsOf(since);
      await one.replace(clock.now());
      const [kept] = [...tickets.held.values()];
      expect(kept?.expires).to.equal(since + OLDEST_TICKET);
      expect(tabTicketCodec.decode(memory.read() ?? new Uint8Array()).kind).to.equal('tab');
      await clock.advance(5 * MINUTE);
      await one.replace(clock.now());
      expect(memory.bytes).to.equal(null);
      expect(tickets.held.size).to.equal(0);
    });
  });
});
