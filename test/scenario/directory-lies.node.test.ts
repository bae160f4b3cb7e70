import { expect } from 'chai';
import { encodeBundle, decodeBundle, signRenewal, baseHashOf } from '../../src/identity/directory.ts';
import { deviceIdOf } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import type { CustomerClient, DeskClient } from '../../src/engine/views.ts';
import { ChatWorld, Device, first, textsWith } from '../support/chat-world.ts';
import { HostileTransport } from '../support/hostile-transport.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';
import { openCustomerClient } from '../../src/engine/customer.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';

const HOUR = 3_600_000;

describe('a relay that lies about the directory', () => {
  let world: ChatWorld;
  let transport: HostileTransport;
  let customer: CustomerClient;
  let sara: DeskClient;
  let conversation: string;

  beforeEach(async () => {
    world = await ChatWorld.start();
    transport = new HostileTransport();
    sara = await world.agent('Sara');
    customer = await world.customer(new Device(), { ports: { ...new Device().tab(), transport } });
    ({ conversation } = await customer.startConversation({ topic: null, text: 'Hello' }));
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await first(customer.conversations, ([one]) => one?.state === 'active');
  });
  afterEach(() => world.stop());

  /** What the client says of a bundle that the relay pushes. */
  const offered = async (
    bundle: Uint8Array,
  ): Promise<{ code: string | undefined; state: string; name: string | null }> => {
    transport.push('directory', { desk: world.relay.desk, bundle });
    const { problem, verification } = await first(
      customer.status,
      (status) => status.problem !== null && status.problem.code.startsWith('directory-'),
    );
    return { code: problem?.code, state: verification.state, name: verification.deskName };
  };
  const chatGoesOn = async (text: string): Promise<void> => {
    await customer.sendText(conversation, text);
    await textsWith(sara, conversation, text);
    await sara.sendText(conversation, `Answer to ${text}`);
    await textsWith(customer, conversation, `Answer to ${text}`);
  };

  it('with an older one is found out; the one in force stays', async () => {
    const older = await world.bundle({ version: 1, name: 'Old Bank', members: [] });
    expect(await offered(older)).to.deep.equal({ code: 'directory-older', state: 'verified', name: 'Bank Example' });
    await chatGoesOn('one');
    transport.push('directory', { desk: world.relay.desk, bundle: await world.publish() });
    await first(customer.status, ({ problem }) => problem === null);
  });

  it('with that of another desk, or a forged one, is found out', async () => {
    const others = await newKeys();
    const foreign = await world.bundle({ version: 99, members: [] }, others);
    expect(await offered(foreign)).to.deep.equal({
      code: 'directory-foreign',
      state: 'verified',
      name: 'Bank Example',
    });
    const { base } = decodeBundle(await world.bundle({ version: 99, members: [], desk: world.relay.desk }));
    const forged = encodeBundle({
      base: [base[0], base[1].map((byte, i) => (i === 0 ? byte ^ 1 : byte))],
      renewal: null,
    });
    transport.push('directory', { desk: world.relay.desk, bundle: forged });
    await first(customer.status, ({ problem }) => problem?.code === 'directory-signature');
    await chatGoesOn('two');
  });

  it('with a second one of the same version raises the alarm, and the first stays in force', async () => {
    const second = await world.bundle({ name: 'Bank Exarnple' });
    expect(await offered(second)).to.deep.equal({
      code: 'directory-equivocation',
      state: 'alarm',
      name: 'Bank Example',
    });
    await chatGoesOn('three');
    const { verification } = await first(customer.status, () => true);
    expect(verification.state).to.equal('alarm');
  });

  it('with a renewal that brings back who was removed is found out', async () => {
    const renewer = await newKeys();
    const bundle = await world.publish({ renewers: [{ key: renewer.key, until: Date.now() + 72 * HOUR }] });
    const now = Date.now();
    const { base } = decodeBundle(bundle);
    const renewed = async (renewal: number, removed: Uint8Array[]): Promise<Uint8Array> =>
      encodeBundle({
        base,
        renewal: await signRenewal(nobleCrypto, renewer.seed, {
          desk: world.relay.desk,
          version: world.version,
          base: baseHashOf(base[0]),
          renewal,
          issuedAt: now,
          freshUntil: now + 48 * HOUR,
          removed,
        }),
      });
    await first(customer.status, ({ verification }) => verification.state === 'verified');
    transport.push('directory', {
      desk: world.relay.desk,
      bundle: await renewed(1, [deviceIdOf(world.keyOf('Sara'))]),
    });
    await first(customer.conversations, ([one]) => one?.state === 'waiting');
    const back = await offered(await renewed(2, []));
    expect(back).to.deep.equal({ code: 'directory-not-shrinking', state: 'verified', name: 'Bank Example' });
    expect(
      (await first(customer.conversations, () => true))[0]?.parties.find(({ name }) => name === 'Sara')?.status,
    ).to.equal('removed');
  });

  it('with a newer one that is stale ends what is new, and keeps what was said', async () => {
    const now = Date.now();
    const stale = await world.bundle({
      version: world.version + 1,
      issuedAt: now - 60 * HOUR,
      freshUntil: now - 10 * HOUR,
      renewUntil: now - 10 * HOUR,
    });
    transport.push('directory', { desk: world.relay.desk, bundle: stale });
    await first(customer.status, ({ verification }) => verification.state === 'stale');
    await customer.sendText(conversation, 'Held back');
    const messages = await first(customer.messages(conversation, 50), (all) =>
      all.some(({ text }) => text === 'Held back'),
    );
    expect(messages.find(({ text }) => text === 'Held back')?.progress).to.equal('held');
    await sara.sendText(conversation, 'Not shown');
    await first(sara.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'Not shown' && progress === 'sent'),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(
      (await first(customer.messages(conversation, 50), () => true)).some(({ text }) => text === 'Not shown'),
    ).to.equal(false);
    // Renewed: what waited goes both ways.
    await world.publish();
    await world.publish();
    await textsWith(customer, conversation, 'Not shown');
    await textsWith(sara, conversation, 'Held back');
  });
});

describe('a first directory', () => {
  it('must be fresh: with a stale one nothing is begun', async () => {
    const relay = await RelayWorld.start();
    const transport = new HostileTransport();
    const opening = new Device().opening();
    const client = await openCustomerClient({
      ...{ ...opening, ports: { ...opening.ports, transport } },
      relay: relay.origin,
      deskKey: formatDeskKey(relay.desk),
      receipts: true,
    });
    try {
      await first(client.status, ({ connection }) => connection === 'online');
      const bundle = await relay.bundle([], { version: 1, issuedAt: Date.now() - 60 * HOUR });
      transport.push('directory', { desk: relay.desk, bundle });
      const status = await first(client.status, ({ problem }) => problem !== null);
      expect(status.problem?.code).to.equal('directory-stale');
      expect(status.verification).to.include({ state: 'none', deskName: null });
    } finally {
      await client.close();
      await relay.stop();
    }
  });
});
