import { expect } from 'chai';
import { ChatError, usageError } from '../../src/errors.ts';
import { wrongPins } from '../../src/engine/tab-state.ts';
import type { RecordStore } from '../../src/engine/ports.ts';
import type { CustomerClient, VaultView } from '../../src/engine/views.ts';
import type { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { allDelivered, attended, pass } from '../support/attended.ts';
import { ChatWorld, first, texts, textsWith } from '../support/chat-world.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { HeldDevice } from '../support/held-device.ts';
import { byPin, claimed, endOf, HOUR, LOCK_AFTER, LockedPhone, offline, PIN } from '../support/locked-phone.ts';
import { until } from '../support/relay-world.ts';

/** The error of what must fail. */
async function failure(work: Promise<unknown>): Promise<ChatError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a vault with a lock', () => {
  let world: ChatWorld;
  let phone: LockedPhone;
  beforeEach(async () => {
    world = await ChatWorld.start();
    phone = new LockedPhone(world);
  });
  afterEach(() => world.stop());

  const viewOf = (client: CustomerClient): Promise<VaultView> => first(client.vault.view, () => true);

  it('is set after the first message, locked and unlocked, and the chat goes on', async () => {
    const sara = await world.agent('Sara');
    const tab = phone.tab();
    const customer = await phone.load(tab);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await claimed(sara, conversation);
    expect(await viewOf(customer)).to.deep.equal({
      storage: 'guest',
      pin: false,
      passkey: false,
      passkeyPossible: true,
    });
    await customer.vault.setPin(PIN);
    expect(await viewOf(customer)).to.deep.equal({ storage: 'pin', pin: true, passkey: false, passkeyPossible: true });
    await first(customer.status, ({ verification }) => verification.storage === 'pin');
    await customer.sendText(conversation, 'Still here');
    await sara.sendText(conversation, 'So am I');
    await textsWith(customer, conversation, 'So am I');

    await customer.vault.lock();
    expect(await endOf(customer)).to.equal('locked');
    expect(await codeOfThrow(() => customer.sendText(conversation, 'From behind the lock'))).to.equal('vault-locked');
    await sara.sendText(conversation, 'Are you gone?');
    const locked = await failure(phone.load(tab));
    expect(locked.code).to.equal('vault-locked');
    expect(locked.details).to.deep.equal({ pin: true, passkey: false, unread: 1 });

    const again = await phone.unlock(tab);
    expect(await textsWith(again, conversation, 'Are you gone?')).to.deep.equal([
      ...['Hello', 'Still here', 'So am I', 'Are you gone?'],
    ]);
    await again.sendText(conversation, 'Back');
    expect(await textsWith(sara, conversation, 'Back')).to.not.include('From behind the lock');
    await again.close();
  });

  it('counts a wrong PIN once, and tells how many are left', async () => {
    const tab = phone.tab();
    const customer = await phone.load(tab);
    await customer.vault.setPin(PIN);
    await customer.vault.lock();
    const wrong = await failure(phone.unlock(tab, '860214'));
    expect([wrong.code, wrong.details['left']]).to.deep.equal(['vault-pin-wrong', 9]);
    const { stretched } = phone.device.double;
    const same = await failure(phone.unlock(tab, '860214'));
    expect([same.code, same.details['left']]).to.deep.equal(['vault-pin-wrong', 9]);
    expect(phone.device.double.stretched).to.equal(stretched);
    const other = await failure(phone.unlock(tab, '860215'));
    expect(other.details['left']).to.equal(8);
    await (await phone.unlock(tab)).close();
  });

  it('tells of a PIN that was wrong before how many tries are left now', async () => {
    const tab = phone.tab();
    const customer = await phone.load(tab);
    await customer.vault.setPin(PIN);
    await customer.vault.lock();
    for (const pin of ['860214', '860215', '860216']) await failure(phone.unlock(tab, pin));
    const same = await failure(phone.unlock(tab, '860214'));
    expect([same.code, same.details['left']]).to.deep.equal(['vault-pin-wrong', 7]);
  });

  it('goes on after a reload also when an earlier attempt to set a lock was given up', async () => {
    const tab = phone.tab();
    const customer = await phone.load(tab);
    const { passkeys } = phone.device.double;
    passkeys.failure = usageError('passkey-cancelled', 'not now');
    expect(await codeOfThrow(() => customer.vault.addPasskey())).to.equal('passkey-cancelled');
    phone.clock.forward(LOCK_AFTER * 2);
    await customer.vault.setPin(PIN);
    await until(() => tab.memory.bytes !== null);
    await customer.close();
    const page = await phone.load(tab);
    expect(await endOf(page, 50)).to.equal('open');
    await page.close();
  });

  it('refuses what is no PIN, a common one, a second one, and a lock where none is', async () => {
    const customer = await phone.load(phone.tab());
    const { vault } = customer;
    expect(await codeOfThrow(() => vault.lock())).to.equal('vault-no-lock');
    expect(await codeOfThrow(() => vault.setPin('12a4'))).to.equal('pin-malformed');
    expect(await codeOfThrow(() => vault.setPin('1234'))).to.equal('pin-common');
    expect(await codeOfThrow(() => vault.removePasskey())).to.equal('vault-no-passkey');
    expect((await viewOf(customer)).storage).to.equal('guest');
    await vault.setPin(PIN);
    expect(await codeOfThrow(() => vault.setPin('482915'))).to.equal('vault-pin-exists');
    expect(await codeOfThrow(() => vault.changePin(PIN, '0000'))).to.equal('pin-common');
    await customer.close();
  });

  it('has another PIN after a change, and the old one opens nothing', async () => {
    const tab = phone.tab();
    const customer = await phone.load(tab);
    await customer.vault.setPin(PIN);
    const wrong = await failure(customer.vault.changePin('860214', '482915'));
    expect([wrong.code, wrong.details['left']]).to.deep.equal(['vault-pin-wrong', 9]);
    await customer.vault.changePin(PIN, '482915');
    await customer.vault.lock();
    expect((await failure(phone.unlock(tab))).code).to.equal('vault-pin-wrong');
    await (await phone.unlock(tab, '482915')).close();
  });

  it('opens by passkey, also without the relay, and a passkey sets another PIN', async () => {
    const tab = phone.tab();
    const customer = await phone.load(tab);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(customer.status, ({ verification }) => verification.deskName !== null);
    await customer.vault.addPasskey();
    expect((await viewOf(customer)).storage).to.equal('passkey');
    expect(phone.device.double.passkeys.names).to.deep.equal(['Bank Example']);
    expect(await codeOfThrow(() => customer.vault.removePasskey())).to.equal('vault-last-slot');
    await customer.vault.lock();
    const locked = await failure(phone.load(tab));
    expect(locked.details).to.deep.equal({ pin: false, passkey: true, unread: 0 });
    const ports = offline(phone.device.tab());
    const again = await phone.load(tab, { ports, unlock: { by: 'passkey' } });
    expect(texts(await first(again.messages(conversation, 10), (all) => all.length > 0))).to.deep.equal(['Hello']);
    await again.vault.lock();
    const online = await phone.load(tab, { unlock: { by: 'passkey' } });
    await online.vault.setPin(PIN);
    expect(await viewOf(online)).to.deep.equal({ storage: 'pin', pin: true, passkey: true, passkeyPossible: true });
    await online.vault.resetPin('482915');
    await online.vault.lock();
    expect((await failure(phone.unlock(tab))).code).to.equal('vault-pin-wrong');
    const last = await phone.unlock(tab, '482915');
    await last.vault.removePasskey();
    expect((await viewOf(last)).passkey).to.equal(false);
    await last.close();
  });

  it('keeps the passkey when the relay has no key for the PIN any more, or cannot be asked', async () => {
    const customer = await phone.load(phone.tab());
    await customer.vault.setPin(PIN);
    await customer.vault.addPasskey();
    const { store } = world.relay;
    for (const { key } of await store.list('vaults', { prefix: '', limit: 10 }))
      await store.commit([{ table: 'vaults', key, expects: 'any', put: null }]);
    expect((await failure(customer.vault.removePasskey())).code).to.equal('vault-last-slot');
    await world.relay.halt();
    try {
      expect((await failure(customer.vault.removePasskey())).code).to.equal('vault-offline');
    } finally {
      await world.relay.resume();
    }
    expect((await viewOf(customer)).passkey).to.equal(true);
    await customer.close();
  });

  it('says what the device does not give, and asks it once not to evict', async () => {
    phone.device.double.lacks.worker = true;
    const customer = await phone.load(phone.tab());
    const missing = async () => (await first(customer.status, () => true)).verification.missing;
    expect(await missing()).to.deep.equal(['persistence']);
    await customer.vault.setPin(PIN);
    await first(customer.status, ({ verification }) => verification.missing.join() === 'worker');
    expect(phone.device.double.persisted).to.equal(1);
    await customer.vault.addPasskey();
    expect(phone.device.double.persisted).to.equal(1);
    await customer.close();
  });

  it('sets no PIN without the relay, and opens as before', async () => {
    const tab = phone.tab();
    const customer = await phone.load(tab);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await world.relay.halt();
    try {
      expect(await codeOfThrow(() => customer.vault.setPin(PIN))).to.equal('vault-offline');
      expect((await viewOf(customer)).storage).to.equal('guest');
      await customer.close();
    } finally {
      await world.relay.resume();
    }
    // A relay in memory has forgotten the tickets: what counts is that the vault is still a guest's.
    expect((await failure(phone.load(tab))).code).to.equal('vault-lost');
    expect(conversation).to.have.length(32);
  });

  it('does not exist where nothing is stored', async () => {
    const customer = await phone.load(phone.tab(), { kind: 'memory' });
    expect(await viewOf(customer)).to.deep.equal({
      storage: 'memory',
      pin: false,
      passkey: false,
      passkeyPossible: false,
    });
    for (const work of [customer.vault.setPin(PIN), customer.vault.addPasskey(), customer.vault.removePasskey()])
      expect((await failure(work)).code).to.equal('vault-memory');
    expect((await failure(customer.vault.lock())).code).to.equal('vault-no-lock');
    customer.vault.touch();
    phone.clock.forward(LOCK_AFTER * 2);
    expect(await endOf(customer, 100)).to.equal('open');
    await customer.close();
    expect(await customer.ended).to.equal('closed');
  });

  it('is asked for a PIN where there is none', async () => {
    const tab = phone.tab();
    await (await phone.load(tab)).close();
    expect((await failure(phone.unlock(tab))).code).to.equal('vault-no-pin');
    expect((await failure(phone.load(tab, { unlock: { by: 'passkey' } }))).code).to.equal('vault-no-passkey');
  });

  it('is forgotten in all tabs, without being opened', async () => {
    const tab = phone.tab();
    const customer = await phone.load(tab);
    await customer.startConversation({ topic: null, text: 'Hello' });
    await customer.vault.setPin(PIN);
    await customer.vault.lock();
    await failure(phone.unlock(tab, '860214'));
    expect(wrongPins.size).to.be.greaterThan(0);
    const { forgetProfile } = await import('../../src/engine/profile.ts');
    await forgetProfile({ ports: phone.device.tab(), relay: world.relay.origin });
    expect(wrongPins.size).to.equal(0);
    for (const table of ['vault', 'self', 'messages'] as const)
      expect(await phone.device.rows(table), table).to.equal(0);
    const fresh = await phone.load(tab);
    expect(await first(fresh.conversations, () => true)).to.deep.equal([]);
    await fresh.close();
  });

  it('is not taken for damaged by a tab that looks while another one makes it', async () => {
    const ports = phone.device.tab();
    let made: Promise<CustomerClient> | null = null;
    const records: RecordStore = {
      ...ports.records,
      list: async (table, range) => {
        const rows = await ports.records.list(table, range);
        // Behind this look at the slots there are slots, and records.
        if (table === 'vault') await (made ??= phone.load(phone.tab()));
        return rows;
      },
    };
    const beside = await phone.load(phone.tab(), { ports: { ...ports, records } });
    expect((await viewOf(beside)).storage).to.equal('guest');
    await beside.close();
  });

  it('leaves nothing of a vault that was wiped', async () => {
    const [tab, other] = [phone.tab(), phone.tab()];
    const tickets = (): Promise<number> => world.relay.store.count('tickets', '');
    const before = await tickets();
    const customer = await phone.load(tab);
    await customer.vault.setPin(PIN);
    await until(() => tab.memory.bytes !== null);
    const beside = await phone.load(other);
    await until(() => other.memory.bytes !== null);
    await beside.wipe();
    expect(await beside.ended).to.equal('closed');
    await until(() => tab.memory.bytes === null && other.memory.bytes === null);
    await until(async () => (await tickets()) === before);
    expect(await phone.device.rows('vault')).to.equal(0);
    await customer.close();
    await (await phone.load(tab)).close();
  });

  it('of a desk opens no page by a ticket, and a second tab by the first', async () => {
    const laptop = new HeldDevice();
    const agent = await world.agent('Edda', laptop);
    await agent.vault.setPin(PIN);
    const beside = await world.reopen(laptop);
    expect((await first(beside.membership, () => true)).state).to.equal('member');
    await agent.close();
    await beside.close();
    const locked = await failure(world.reopen(laptop));
    expect([locked.code, locked.details]).to.deep.equal(['vault-locked', { pin: true, passkey: false, unread: 0 }]);
    const again = await world.reopen(laptop, byPin(PIN));
    const other = await world.reopen(laptop);
    await again.vault.lock();
    expect(await other.ended).to.equal('locked');
  });

  it('heals by a new session when all but its slots is put back to what it was', async function () {
    this.timeout(60_000);
    const other = await ChatWorld.start();
    try {
      const { agent, customer, phone: device, clock, conversation } = await attended(other);
      const held = new LockedPhone(other, device);
      await customer.vault.setPin(PIN);
      await device.quiet();
      const old = device.disk.copy();
      for (let i = 0; i < 2; i++) {
        await customer.sendText(conversation, `question ${i}`);
        await textsWith(agent, conversation, `question ${i}`);
        await agent.sendText(conversation, `answer ${i}`);
        await textsWith(customer, conversation, `answer ${i}`);
      }
      await allDelivered(customer, conversation);
      await customer.vault.lock();
      await putBackSlots(old, device.disk);
      const restored = held.restarted(old);
      const again = await restored.load(restored.tab(), { unlock: byPin(PIN), lockAfter: HOUR });
      await agent.sendText(conversation, 'Still there?');
      await pass(clock, 16);
      await textsWith(again, conversation, 'Still there?');
      await again.sendText(conversation, 'Yes');
      await textsWith(agent, conversation, 'Yes');
      await agent.sendText(conversation, 'Fine');
      await textsWith(again, conversation, 'Fine');
    } finally {
      await other.stop();
    }
  });
});

/** Puts the rows of table `vault` of one disk in the place of those of another. */
async function putBackSlots(to: MemoryDisk, from: MemoryDisk): Promise<void> {
  const all = { from: '', to: 'g' };
  const table = 'vault' as const;
  const gone = await to.open().list(table, all);
  const kept = await from.open().list(table, all);
  await to.open().commit(gone.map(({ key, version }) => ({ table, key, expects: version, record: null })));
  await to.open().commit(kept.map(({ key, ...record }) => ({ table, key, expects: 0, record })));
}
