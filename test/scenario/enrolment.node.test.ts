import { expect } from 'chai';
import { openCustomerClient } from '../../src/engine/customer.ts';
import { openDeskClient } from '../../src/engine/desk.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { ChatWorld, Device, first } from '../support/chat-world.ts';
import { newKeys } from '../support/relay-world.ts';

describe('who comes in', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());
  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'ok',
      (error: unknown) => (error as { code: string }).code,
    );

  it('an invited agent becomes a member without opening anything again', async () => {
    const device = new Device();
    const client = await openDeskClient({
      ...device.opening(),
      relay: world.relay.origin,
      invitation: world.invite(),
      name: 'Sara',
    });
    const seen: string[] = [];
    client.membership.subscribe(
      ({ state }) => seen.at(-1) !== state && seen.push(state),
      (error) => seen.push(String(error)),
    );
    const pending = await first(client.membership, ({ state }) => state === 'pending');
    expect(pending.name).to.equal('Sara');
    expect(pending.fingerprint).to.match(/^(\d{5} ){5}\d{5}$/);
    expect(await codeOf(client.claim('00'.repeat(16)))).to.equal('conversation-unknown');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await world.approveAll(1);
    await first(client.membership, ({ state }) => state === 'member');
    await first(client.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    await client.claim(conversation);
    await first(customer.conversations, ([one]) => one?.state === 'active');
    expect(seen).to.deep.equal(['pending', 'member']);
    await client.close();
  });

  it('without identity and invitation there is no desk, and an expired invitation makes none', async () => {
    const at = { ...new Device().opening(), relay: world.relay.origin };
    expect(await codeOf(openDeskClient({ ...at, invitation: null, name: null }))).to.equal('desk-not-enrolled');
    const invitation = { ...world.invite(), expires: Date.now() - 3_600_000 };
    expect(await codeOf(openDeskClient({ ...at, invitation, name: 'Eve' }))).to.equal('enrolment-expired');
  });

  it('a wrong desk key finds no desk, and one of another desk opens nothing that is stored', async () => {
    const other = await newKeys();
    const phone = new Device();
    const client = await openCustomerClient({
      ...phone.opening(),
      relay: world.relay.origin,
      deskKey: formatDeskKey(other.key),
      receipts: true,
    });
    const { problem, verification } = await first(client.status, (status) => status.problem !== null);
    expect(problem?.code).to.equal('desk-unknown');
    expect(verification.state).to.equal('none');
    await client.close();
    expect(await codeOf(world.customer(phone))).to.equal('desk-key-other');
    expect(
      await codeOf(
        openCustomerClient({
          ...new Device().opening(),
          relay: world.relay.origin,
          deskKey: `${world.deskKey.slice(0, -1)}x`,
          receipts: true,
        }),
      ),
    ).to.equal('desk-key-malformed');
  });

  it('an address without TLS is for this machine alone', async () => {
    for (const relay of ['ws://chat.example', 'ws://127.0.0.1.example', 'ws://10.0.0.1:80']) {
      const at = { ...new Device().opening(), relay };
      const code = await codeOf(openCustomerClient({ ...at, deskKey: world.deskKey, receipts: true }));
      expect(code, relay).to.equal('relay-insecure');
      expect(await codeOf(openDeskClient({ ...at, invitation: world.invite(), name: 'Eve' })), relay).to.equal(
        'relay-insecure',
      );
    }
    const at = { ...new Device().opening(), relay: 'https://chat.example' };
    expect(await codeOf(openCustomerClient({ ...at, deskKey: world.deskKey, receipts: true }))).to.equal(
      'relay-url-malformed',
    );
  });
});
