import { expect } from 'chai';
import { relayTickets } from '../../src/engine/relay-tickets.ts';
import { readLockRow } from '../../src/engine/lock-row.ts';
import { askCodec, giveCodec, lockCodec, readTabMessage } from '../../src/vault/tab-message.ts';
import { tabTicketCodec } from '../../src/vault/tab-ticket.ts';
import { ticketIdOf } from '../../src/vault/ticket.ts';
import type { ClientVault, CustomerClient } from '../../src/engine/views.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import {
  claimed,
  endOf,
  HOUR,
  LOCK_AFTER,
  LockedPhone,
  MINUTE,
  offline,
  PIN,
  type Tab,
} from '../support/locked-phone.ts';
import { HeldDevice } from '../support/held-device.ts';
import { realRandom } from '../support/random.ts';
import { ShiftingClock } from '../support/shifting-clock.ts';
import { until } from '../support/relay-world.ts';

describe('a vault with a lock, as time passes and in several tabs', () => {
  let world: ChatWorld;
  let phone: LockedPhone;
  // Hours pass in seconds here: for the relay's clock that is a flood.
  const rate = { burst: 5_000, perMinute: 5_000 };
  const limits = { rates: { addressRequests: rate, addressConnections: rate, addressNewTickets: rate } };
  beforeEach(async () => {
    world = await ChatWorld.start({ limits });
    phone = new LockedPhone(world);
  });
  afterEach(() => world.stop());

  /** A page in a tab of a vault with a PIN, whose ticket is made. */
  async function locked(tab: Tab): Promise<CustomerClient> {
    const client = await phone.load(tab);
    await client.vault.setPin(PIN);
    await until(() => tab.memory.bytes !== null);
    return client;
  }
  const rowOf = async () => {
    const row = await readLockRow(phone.device.disk.open());
    if (row === null) throw new Error('there is no lock row');
    return row;
  };
  const codeOfLoading = (tab: Tab, options = {}): Promise<string> =>
    codeOfThrow(async () => (await phone.load(tab, options)).close());
  /** Time passes in so many steps, as on a device that is awake. */
  const minutes = async (count: number, each?: () => void, pause = 10): Promise<void> => {
    for (let minute = 0; minute < count; minute++) {
      phone.clock.forward(MINUTE);
      each?.();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };

  describe('after idle time', () => {
    it('locks, and not before', async () => {
      const client = await locked(phone.tab());
      await minutes(14);
      expect(await endOf(client, 100)).to.equal('open');
      await minutes(1);
      expect(await endOf(client)).to.equal('locked');
      expect((await rowOf()).locks).to.equal(1);
    });

    it('locks not while somebody is there in any tab', async () => {
      const [tab, other] = [phone.tab(), phone.tab()];
      const client = await locked(tab);
      const beside = await phone.load(other);
      await minutes(40, () => beside.vault.touch());
      expect(await endOf(client, 100)).to.equal('open');
      expect(await endOf(beside, 100)).to.equal('open');
      await minutes(15);
      expect(await endOf(client)).to.equal('locked');
      expect(await endOf(beside)).to.equal('locked');
      expect((await rowOf()).locks).to.equal(1);
    });

    it('counts what is received as nobody there', async () => {
      const sara = await world.agent('Ida');
      const client = await phone.load(phone.tab());
      const { conversation } = await client.startConversation({ topic: null, text: 'Hello' });
      await claimed(sara, conversation);
      await client.vault.setPin(PIN);
      await minutes(10);
      await sara.sendText(conversation, 'Anybody?');
      await textsWith(client, conversation, 'Anybody?');
      await minutes(5);
      expect(await endOf(client)).to.equal('locked');
      expect((await rowOf()).unread).to.equal(1);
    });

    it('locks a device that has slept, before a touch counts', async () => {
      const client = await locked(phone.tab());
      phone.clock.sleep(20 * MINUTE);
      expect(await endOf(client, 100)).to.equal('open');
      client.vault.touch();
      expect(await endOf(client)).to.equal('locked');
    });

    it('locks when the clock is set back', async () => {
      const client = await locked(phone.tab());
      phone.clock.sleep(-2 * MINUTE);
      client.vault.touch();
      expect(await endOf(client)).to.equal('locked');
    });

    it('bears a clock that is corrected', async () => {
      const client = await locked(phone.tab());
      phone.clock.sleep(-MINUTE / 2);
      client.vault.touch();
      await minutes(14);
      expect(await endOf(client, 100)).to.equal('open');
      await client.close();
    });

    it('writes activity now and then, and the last of it', async () => {
      const client = await locked(phone.tab());
      await first(client.status, ({ connection }) => connection === 'online');
      await phone.device.quiet();
      phone.clock.forward(MINUTE);
      const before = phone.device.commits;
      for (let i = 0; i < 500; i++) client.vault.touch();
      await phone.device.quiet();
      const between = phone.device.commits - before;
      expect(between).to.equal(1);
      phone.clock.forward(20_000);
      client.vault.touch();
      const { used } = await rowOf();
      expect(phone.clock.now() - used).to.be.at.least(20_000);
      phone.clock.forward(10_000);
      await until(async () => phone.clock.now() - (await rowOf()).used < 15_000);
      await client.close();
    });

    it('locks at the usual time where no page may go on', async () => {
      const tab = phone.tab();
      const client = await phone.load(tab, { lockAfter: 0 });
      await client.vault.setPin(PIN);
      expect(await codeOfLoading(phone.tab(), { lockAfter: 0 })).to.equal('vault-locked');
      await minutes(16);
      expect(await endOf(client)).to.equal('locked');
      expect(tab.memory.bytes).to.equal(null);
    });
  });

  describe('in five tabs', () => {
    it('locks all of them at once, and none sends or stores anything after', async () => {
      const tabs = [0, 1, 2, 3, 4].map(() => phone.tab());
      const clients = [await phone.load(tabs[0] as Tab)];
      const [head] = clients as [CustomerClient];
      const { conversation } = await head.startConversation({ topic: null, text: 'Hello' });
      // Opened as a guest's, before there is a PIN.
      clients.push(await phone.load(tabs[1] as Tab));
      await head.vault.setPin(PIN);
      for (const tab of tabs.slice(2)) clients.push(await phone.load(tab));
      await Promise.all(clients.map((client) => first(client.status, ({ connection }) => connection === 'online')));
      await (clients[3] as CustomerClient).vault.lock();
      expect(await Promise.all(clients.map((client) => endOf(client)))).to.deep.equal(Array(5).fill('locked'));
      for (const { memory } of tabs) expect(memory.bytes).to.equal(null);
      await phone.device.quiet();
      const { commits, net } = phone.device;
      const { length } = net.requests;
      for (const client of clients) {
        expect(await codeOfThrow(() => client.sendText(conversation, 'After'))).to.equal('vault-locked');
        client.vault.touch();
        client.setTyping(conversation, true);
      }
      phone.clock.forward(HOUR);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(phone.device.commits).to.equal(commits);
      expect(net.requests.length).to.equal(length);
      expect((await rowOf()).locks).to.equal(1);
    });

    it('tells them by the channel when the disk is full', async () => {
      const client = await locked(phone.tab());
      const beside = await phone.load(phone.tab());
      await phone.device.quiet();
      phone.device.full = true;
      await client.vault.lock();
      expect(await endOf(client)).to.equal('locked');
      expect(await endOf(beside)).to.equal('locked');
    });

    it('locks also while the disk does not answer', async () => {
      const tab = phone.tab();
      const client = await locked(tab);
      await phone.device.quiet();
      phone.device.failAt(0, 'before');
      void client.vault.lock();
      expect(await endOf(client, 4_000)).to.equal('locked');
      expect(tab.memory.bytes).to.equal(null);
    });

    it('locks a tab whose lock row is gone or cannot be read', async () => {
      for (const bytes of [null, new Uint8Array([1, 2, 3])]) {
        phone = new LockedPhone(world);
        const client = await locked(phone.tab());
        await phone.device.quiet();
        const records = phone.device.disk.open();
        const key = '6c6f636b';
        const { version } = (await records.get('vault', key)) ?? { version: 0 };
        expect(version).to.be.greaterThan(0);
        const record = bytes === null ? null : { version: version + 1, bytes };
        await records.commit([{ table: 'vault', key, expects: version, record }]);
        expect(await endOf(client)).to.equal('locked');
        expect(await codeOfLoading(phone.tab())).to.equal('vault-locked');
        const again = await phone.unlock(phone.tab());
        // A number that no ticket of before carries.
        expect((await rowOf()).locks).to.be.greaterThan(1);
        await again.close();
      }
    });
  });

  describe('after a reload', () => {
    it('goes on by the ticket, which is another one each time', async () => {
      const tab = phone.tab();
      const client = await locked(tab);
      const seen = new Set<string>();
      await client.close();
      for (let i = 0; i < 3; i++) {
        const bytes = tab.memory.read() ?? new Uint8Array();
        seen.add(String(bytes));
        const page = await phone.load(tab);
        await until(() => String(tab.memory.bytes) !== String(bytes));
        await page.close();
      }
      expect(seen.size).to.equal(3);
    });

    it('does not go on after the idle time, nor offline, nor after locking', async () => {
      const tab = phone.tab();
      await (await locked(tab)).close();
      expect(await codeOfLoading(tab, { ports: offline(phone.device.tab()) })).to.equal('vault-locked');
      // It was kept: the relay could not be asked.
      const client = await phone.load(tab);
      await until(() => tab.memory.bytes !== null);
      const kept = tab.memory.copy();
      await client.vault.lock();
      expect(await codeOfLoading(tab)).to.equal('vault-locked');
      expect(await codeOfLoading(phone.tab(kept))).to.equal('vault-locked');

      await (await phone.unlock(tab)).close();
      phone.clock.forward(LOCK_AFTER);
      expect(await codeOfLoading(tab)).to.equal('vault-locked');
      expect(tab.memory.bytes).to.equal(null);
    });

    it('does not go on twelve hours after the PIN, however much it was used', async () => {
      const tab = phone.tab();
      let client = await locked(tab);
      // The relay's clock stands: what counts here is what the ticket carries.
      for (let quarter = 0; quarter < 12 * 4 - 2; quarter++) {
        phone.clock.forward(14 * MINUTE);
        client.vault.touch();
        if (quarter % 8 === 0) {
          await new Promise((resolve) => setTimeout(resolve, 60));
          await client.close();
          const before = String(tab.memory.bytes);
          client = await phone.load(tab);
          await until(() => String(tab.memory.bytes) !== before);
        }
        phone.clock.forward(MINUTE);
        client.vault.touch();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(await endOf(client, 50)).to.equal('open');
      await minutes(40, () => client.vault.touch());
      expect(await endOf(client, 50)).to.equal('open');
      await client.close();
      expect(await codeOfLoading(tab)).to.equal('vault-locked');
    });

    it('does not go on with a ticket of another time of locking or another vault', async () => {
      const tab = phone.tab();
      await (await locked(tab)).close();
      const old = tab.memory.copy();
      const client = await phone.unlock(phone.tab());
      await client.vault.lock();
      // The relay's half is still there: the tab it belongs to was not open.
      const { half } = tabTicketCodec.decode(old.read() ?? new Uint8Array());
      const tickets = relayTickets({ ports: phone.device.tab(), url: world.relay.origin });
      expect(await tickets.read(ticketIdOf(half))).to.have.length(32);
      tickets.close();
      await (await phone.unlock(phone.tab())).close();
      expect(await codeOfLoading(phone.tab(old))).to.equal('vault-locked');

      const theirs = new LockedPhone(world);
      const other = phone.tab();
      const page = await theirs.load(other);
      await page.vault.setPin(PIN);
      await until(() => other.memory.bytes !== null);
      await page.close();
      expect(await codeOfLoading(other)).to.equal('vault-locked');
    });

    const others: readonly [string, (vault: ClientVault) => Promise<void>][] = [
      ['another PIN was chosen', (vault) => vault.changePin(PIN, '482915')],
      ['a passkey was added', (vault) => vault.addPasskey()],
    ];
    for (const [what, change] of others) {
      it(`does not go on with a ticket of before ${what} in another tab`, async () => {
        const tab = phone.tab();
        const client = await locked(tab);
        const beside = await phone.load(phone.tab());
        const old = tab.memory.copy();
        await change(beside.vault);
        await until(() => String(tab.memory.bytes) !== String(old.bytes));
        await phone.device.quiet();
        await beside.close();
        await client.close();
        expect(await codeOfLoading(phone.tab(old))).to.equal('vault-locked');
        const page = await phone.load(tab);
        expect(await endOf(page, 50)).to.equal('open');
        await page.close();
      });
    }

    it('goes on in a tab that was duplicated, and in the one it was made of', async () => {
      const tab = phone.tab();
      const client = await locked(tab);
      const copy = phone.tab(tab.memory.copy());
      const page = await phone.load(copy);
      await until(() => String(copy.memory.bytes) !== String(tab.memory.bytes));
      await client.close();
      // Its ticket was replaced by the other tab; that one, being open, hands over.
      const again = await phone.load(tab);
      expect(await endOf(again, 50)).to.equal('open');
      await page.close();
      await again.close();
    });

    it('asks for the PIN where the tab keeps nothing', async () => {
      const tab = phone.tab();
      const client = await locked(tab);
      tab.memory.clear();
      await client.close();
      expect(await codeOfLoading(tab)).to.equal('vault-locked');
      tab.memory.full = true;
      await (await phone.unlock(tab)).close();
      expect(tab.memory.bytes).to.equal(null);
    });

    describe('at a relay whose clock goes as the device’s', () => {
      beforeEach(async () => {
        await world.stop();
        const clock = new ShiftingClock();
        world = await ChatWorld.start({ clock, limits });
        phone = new LockedPhone(world, new HeldDevice({ clock }));
      });

      it('opens nothing for a thief of disk and tab after the idle time, whatever the thief’s clock says', async () => {
        const tab = phone.tab();
        await (await locked(tab)).close();
        const { disk } = phone.device;
        const thief = (): LockedPhone => new LockedPhone(world, new HeldDevice({ disk: disk.copy() }));
        const steal = async (): Promise<string> => {
          const hands = thief();
          return codeOfThrow(async () => (await hands.load(hands.tab(tab.memory.copy()))).close());
        };
        // Within the idle time nothing stands in the way: docs/vault.md §9.
        const kept = tab.memory.copy();
        expect(await steal()).to.equal('accepted');
        tab.memory.bytes = kept.bytes;
        await (await phone.unlock(tab)).close();
        phone.clock.forward(LOCK_AFTER + MINUTE);
        expect(await steal()).to.equal('vault-locked');
      });

      it('opens nothing for a thief of disk and tab when the page was used since, for a third of the idle time', async () => {
        const tab = phone.tab();
        const client = await locked(tab);
        const stolen = tab.memory.copy();
        await minutes(5, () => client.vault.touch());
        await until(async () => {
          // What the leap of the clock has broken off is tried again.
          phone.clock.forward(MINUTE / 2);
          client.vault.touch();
          await new Promise((resolve) => setTimeout(resolve, 150));
          return String(tab.memory.bytes) !== String(stolen.bytes);
        });
        await phone.device.quiet();
        const hands = new LockedPhone(world, new HeldDevice({ disk: phone.device.disk.copy() }));
        expect(await codeOfThrow(() => hands.load(hands.tab(stolen)))).to.equal('vault-locked');
        await client.close();
      });

      it('moves its end where the relay takes no new one', async () => {
        await world.stop();
        // The guest's, and the tab's first.
        const rates = { ...limits.rates, addressNewTickets: { burst: 2, perMinute: 0.001 } };
        world = await ChatWorld.start({ clock: phone.clock, limits: { rates } });
        phone = new LockedPhone(world, new HeldDevice({ clock: phone.clock }));
        const tab = phone.tab();
        const client = await locked(tab);
        const bytes = tab.memory.read();
        await minutes(33, () => client.vault.touch(), 60);
        expect(tab.memory.read()).to.deep.equal(bytes);
        await client.close();
        phone.clock.forward(9 * MINUTE);
        await (await phone.load(tab)).close();
      });

      it('goes on as long after the last activity as the idle time is, and no longer', async () => {
        const tab = phone.tab();
        const client = await locked(tab);
        await minutes(33, () => client.vault.touch(), 60);
        await client.close();
        phone.clock.forward(9 * MINUTE);
        const page = await phone.load(tab);
        await until(() => tab.memory.bytes !== null);
        await page.close();
        phone.clock.forward(LOCK_AFTER);
        expect(await codeOfLoading(tab)).to.equal('vault-locked');
      });
    });
  });

  describe('beside an open tab', () => {
    it('is handed over, also offline', async () => {
      const client = await locked(phone.tab());
      const beside = await phone.load(phone.tab(), { ports: offline(phone.device.tab()) });
      expect(await endOf(beside, 50)).to.equal('open');
      await beside.vault.lock();
      expect(await endOf(client)).to.equal('locked');
    });

    it('is not handed over by a tab that is closed, idle, or of another vault', async () => {
      const client = await locked(phone.tab());
      await client.close();
      expect(await codeOfLoading(phone.tab())).to.equal('vault-locked');
      const idle = await phone.unlock(phone.tab());
      phone.clock.sleep(LOCK_AFTER);
      expect(await codeOfLoading(phone.tab())).to.equal('vault-locked');
      await idle.close();

      // Another vault's tab on the same channel.
      const [theirs, ours] = [new LockedPhone(world), new LockedPhone(world, phone.device)];
      const other = await theirs.load(theirs.tab());
      await other.vault.setPin(PIN);
      const page = { ...ours.device.double.page(), channel: theirs.device.double.page().channel };
      expect(await codeOfThrow(() => ours.load(ours.tab(), { page }))).to.equal('vault-locked');
      await other.close();
    });

    it('takes no key that another script made up, and hears no garbage', async () => {
      const client = await locked(phone.tab());
      await client.close();
      const { double } = phone.device;
      const { vid, locks } = await rowOf();
      const { handoverKeysOf, sealHandover } = await import('../../src/vault/handover.ts');
      const script = double.page().channel;
      script.listen((bytes) => {
        const message = readTabMessage(bytes);
        if (message?.kind !== 'ask') return;
        const own = handoverKeysOf(realRandom(32));
        const held = { vmk: realRandom(32), since: phone.clock.now(), locks };
        const give = (change: Partial<typeof held>, to = message.key): void => {
          const nonce = realRandom(24);
          const sealed = sealHandover({ own, asker: message.key, vid, held: { ...held, ...change }, nonce });
          script.post(giveCodec.encode({ v: 1, kind: 'give', to, key: own.key, sealed }));
        };
        script.post(new Uint8Array(10_000));
        script.post(new Uint8Array());
        script.post(
          giveCodec.encode({ v: 1, kind: 'give', to: message.key, key: new Uint8Array(32), sealed: realRandom(100) }),
        );
        give({}, realRandom(32));
        give({ locks: locks + 1 });
        give({});
      });
      const before = await phone.device.rows('self');
      expect(await codeOfLoading(phone.tab())).to.equal('vault-locked');
      expect(await phone.device.rows('self')).to.equal(before);
    });

    it('answers nobody who asks with a key that is none, and locks for who says so', async () => {
      const client = await locked(phone.tab());
      const { double } = phone.device;
      const { vid } = await rowOf();
      const before = double.said.length;
      double.say(askCodec.encode({ v: 1, kind: 'ask', vid, key: new Uint8Array(32) }));
      double.say(askCodec.encode({ v: 1, kind: 'ask', vid: realRandom(16), key: realRandom(32) }));
      double.say(lockCodec.encode({ v: 1, kind: 'lock', vid: realRandom(16) }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(double.said.length).to.equal(before + 3);
      expect(await endOf(client, 50)).to.equal('open');
      double.say(lockCodec.encode({ v: 1, kind: 'lock', vid }));
      expect(await endOf(client)).to.equal('locked');
    });
  });
});
