import { expect } from 'chai';
import { codeOf } from '../../src/errors.ts';
import { readLockRow } from '../../src/engine/lock-row.ts';
import type { CustomerClient } from '../../src/engine/views.ts';
import type { RequestType } from '../../src/wire/requests.ts';
import { ChatWorld, first, texts } from '../support/chat-world.ts';
import { LockedPhone, PIN, type Tab } from '../support/locked-phone.ts';
import { until } from '../support/relay-world.ts';

/** More effects than any of the programs here has. */
const MOST = 20;

describe('a vault with a lock, when the power fails', function () {
  this.timeout(120_000);
  let world: ChatWorld;
  let phone: LockedPhone;
  let tab: Tab;
  let conversation: string;

  beforeEach(async () => {
    // Everybody here has the same address.
    const rate = { burst: 5_000, perMinute: 5_000 };
    const rates = { addressNewVaults: rate, addressEvaluations: rate, addressRequests: rate, addressConnections: rate };
    world = await ChatWorld.start({
      limits: { rates: { ...rates, addressNewTickets: rate, addressNewDevices: rate } },
    });
  });
  afterEach(() => world.stop());

  /** A conversation on a new device. */
  async function begun(): Promise<CustomerClient> {
    phone = new LockedPhone(world);
    tab = phone.tab();
    const client = await phone.load(tab);
    ({ conversation } = await client.startConversation({ topic: null, text: 'Hello' }));
    return client;
  }

  /** The same with a PIN, everything written. */
  async function lockable(): Promise<CustomerClient> {
    const client = await begun();
    await client.vault.setPin(PIN);
    await until(() => tab.memory.bytes !== null);
    await first(client.status, ({ pending, connection }) => connection === 'online' && pending === 0);
    await phone.device.quiet();
    return client;
  }

  /** Switches the device on again, and opens what is there: by itself, or by PIN. @returns by which */
  async function mustOpen(tab: Tab): Promise<'itself' | 'pin'> {
    const again = phone.restarted();
    let client: CustomerClient;
    let by: 'itself' | 'pin' = 'itself';
    try {
      client = await again.load(tab);
    } catch (error) {
      if (codeOf(error) !== 'vault-locked') throw error;
      client = await again.unlock(tab);
      by = 'pin';
    }
    expect(texts(await first(client.messages(conversation, 10), (all) => all.length > 0))).to.deep.equal(['Hello']);
    const shown = await first(client.status, () => true);
    expect(shown.verification.storage).to.be.oneOf(['guest', 'pin']);
    await client.close();
    return by;
  }

  /** Runs a program on a device whose power fails at each of its commits in turn. */
  async function atEachCommit(
    prepare: () => Promise<CustomerClient>,
    program: (client: CustomerClient) => Promise<unknown>,
    check: (outcome: 'before' | 'after', commit: number) => Promise<void>,
  ): Promise<number> {
    for (let commit = 0; commit < MOST; commit++) {
      for (const when of ['before', 'after'] as const) {
        const client = await prepare();
        phone.device.failAt(commit, when);
        const done = program(client).then(
          () => 'done',
          () => 'failed',
        );
        const failed = until(() => phone.device.dead, 30_000).then(() => 'dead');
        const outcome = await Promise.race([done, failed]);
        // Everything was done before that commit.
        if (outcome === 'done' && !phone.device.dead) return commit;
        await check(when, commit);
      }
    }
    throw new Error('it never ends');
  }

  it('while a PIN is set opens as a guest or by PIN', async () => {
    const seen = new Set<string>();
    const commits = await atEachCommit(
      async () => {
        const client = await begun();
        await first(client.status, ({ pending, connection }) => connection === 'online' && pending === 0);
        await phone.device.quiet();
        return client;
      },
      (client) => client.vault.setPin(PIN),
      async () => void seen.add(await mustOpen(phone.tab())),
    );
    expect(commits).to.be.greaterThan(3);
    expect([...seen].sort()).to.deep.equal(['itself', 'pin']);
  });

  it('while it is locked opens by PIN, and by nothing else', async () => {
    const commits = await atEachCommit(
      lockable,
      (client) => client.vault.lock(),
      async () => void expect(await mustOpen(tab)).to.equal('pin'),
    );
    expect(commits).to.be.greaterThan(0);
  });

  it('while it is unlocked opens by PIN', async () => {
    const commits = await atEachCommit(
      async () => {
        const client = await lockable();
        await client.vault.lock();
        return client;
      },
      () => phone.unlock(tab).then((client) => client.close()),
      async () => void expect(await mustOpen(tab)).to.equal('pin'),
    );
    expect(commits).to.be.at.least(4);
  });

  for (const request of ['ticket-read', 'ticket-put', 'ticket-drop'] as const satisfies RequestType[]) {
    for (const what of ['request', 'answer'] as const) {
      it(`while the ticket is replaced, losing the ${what} of ${request}, goes on or asks for the PIN`, async () => {
        await (await lockable()).close();
        const { net } = phone.device;
        const kept = tab.memory.read();
        if (what === 'request') net.cutsRequest = (type) => type === request;
        else net.cutsAnswer = (type) => type === request;
        const page = await phone.load(tab).catch((error: unknown) => codeOf(error));
        if (request === 'ticket-read') {
          expect(page).to.equal('vault-locked');
          expect(tab.memory.read()).to.deep.equal(kept);
        } else {
          expect(page).to.be.an('object');
          // Long enough for what is not made to have been made.
          await new Promise((resolve) => setTimeout(resolve, 300));
        }
        phone.device.fail();
        if (typeof page !== 'string') await page.close();
        expect(await mustOpen(tab)).to.equal('itself');
        const row = await readLockRow(phone.device.disk.open());
        expect(row?.locks).to.equal(0);
      });
    }
  }
});
