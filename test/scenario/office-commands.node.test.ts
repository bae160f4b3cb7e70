import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDesk } from '../../src/cli/desk-opening.ts';
import { openDeskClient } from '../../src/engine/desk.ts';
import type { CustomerClient, DeskClient } from '../../src/engine/views.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { parseInvitation } from '../../src/identity/enrolment.ts';
import { ChatWorld, Device, first, named, textsWith } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';
import { HostileTransport } from '../support/hostile-transport.ts';
import { json } from '../support/office-process.ts';
import { newKeys } from '../support/relay-world.ts';
import { ShiftingClock } from '../support/shifting-clock.ts';

const PASSPHRASE = 'correct horse battery staple';
const env = { SECURE_CHAT_PASSPHRASE: PASSPHRASE };

/** Commands as processes, a real relay, customers and agents with the real engine. */
describe('the administrator’s commands, seen from customers and agents', function () {
  this.timeout(120_000);
  let world: ChatWorld;
  let place: string;
  let desk: string[];
  let clients: DeskClient[];
  beforeEach(async () => {
    clients = [];
    world = await ChatWorld.start();
    place = await mkdtemp(join(tmpdir(), 'commands-'));
    desk = ['--desk', join(place, 'desk')];
    const rootKey = { place: 'passphrase', passphrase: PASSPHRASE, workFactor: 8 } as const;
    // The relay serves the world's desk: the commands work with the same root key, and go on from its directory.
    const { seed } = world.relay.root;
    const office = await createDesk(
      { directory: join(place, 'desk') },
      { name: 'Bank Example', seed, rootKey, relay: world.relay.origin },
    );
    await office.close();
    await json(['directory', 'publish', '--adopt', ...desk], { env });
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await world.stop();
    await rm(place, { recursive: true });
  });

  /** An agent that came in by the commands. */
  const hired = async (name: string): Promise<DeskClient> => {
    const { link } = await json<{ link: string }>(['agent', 'invite', ...desk, '--note', name]);
    const invitation = parseInvitation(link.slice(link.indexOf('#') + 1));
    const relay = world.relay.origin;
    const client = await openDeskClient({ ...new Device().opening(), relay, invitation, name });
    clients.push(client);
    const { fingerprint } = await first(client.membership, ({ state }) => state === 'pending');
    await json(['agent', 'approve', fingerprint ?? '', ...desk, '--wait', '1m'], { env });
    await first(client.membership, ({ state }) => state === 'member');
    await client.setDuty('on');
    return client;
  };
  const inConversation = async (agent: DeskClient, customer: CustomerClient): Promise<string> => {
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    await agent.claim(conversation);
    await agent.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    return conversation;
  };

  it('an agent is invited, approved, and revoked: the connected customer is told within seconds', async () => {
    const sara = await hired('Sara');
    const customer = await world.customer();
    const conversation = await inConversation(sara, customer);
    const seen = first(customer.conversations, ([one]) => named(one, 'removed').includes('Sara'), 60_000).then(
      Date.now,
    );
    const gone = first(sara.membership, ({ state }) => state === 'removed', 60_000).then(Date.now);
    await json(['agent', 'revoke', 'Sara', ...desk], { env });
    const published = Date.now();
    // Both had it, or have it about now: nobody waits for a round of anything.
    expect((await seen) - published).to.be.below(3_000);
    expect((await gone) - published).to.be.below(3_000);
    const [view] = await first(customer.conversations, ([one]) => one?.state === 'waiting');
    expect(named(view, 'joined')).to.deep.equal([]);
    const refused = await sara.sendText(conversation, 'Still me').catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'conversation-not-joined');
    const tom = await hired('Tom');
    await first(tom.queue, (queue) => queue.some(({ known }) => known !== null));
    await tom.claim(conversation);
    await tom.sendText(conversation, 'Tom here');
    await textsWith(customer, conversation, 'Tom here');
  });

  it('a signer keeps customers connected and removes an agent without the root key', async () => {
    const signer = ['--signer', join(place, 'signer')];
    const at = ['--desk-key', formatDeskKey(world.relay.desk), '--relay', world.relay.origin];
    const { signer: key } = await json<{ signer: string }>(['signer', 'create', ...signer, ...at]);
    await json(['desk', 'delegate', key, ...desk], { env });
    const sara = await hired('Sara');
    const customer = await world.customer();
    const conversation = await inConversation(sara, customer);
    await json(['signer', 'renew', '--force', ...signer]);
    await customer.sendText(conversation, 'Still there?');
    await textsWith(sara, conversation, 'Still there?');
    await json(['agent', 'revoke', 'Sara', ...signer]);
    await first(customer.conversations, ([one]) => named(one, 'removed').includes('Sara'));
    await first(sara.membership, ({ state }) => state === 'removed');
    // The root key's next directory knows of it.
    await json(['directory', 'publish', ...desk], { env });
    const [view] = await first(customer.conversations, () => true);
    expect(named(view, 'removed')).to.deep.equal(['Sara']);
  });

  it('a directory that is older, of another desk, or not signed by this one changes nothing for the customer', async () => {
    const fetched = async (): Promise<Uint8Array> => {
      const client = await world.relay.connect();
      const { bundle } = await client.request('directory-fetch', { desk: world.relay.desk });
      await client.close();
      return bundle ?? new Uint8Array();
    };
    const sara = await hired('Sara');
    const older = await fetched();
    const transport = new HostileTransport();
    const customer = await world.customer(new Device(), { ports: { ...new Device().tab(), transport } });
    const conversation = await inConversation(sara, customer);
    await hired('Tom');
    const newest = await fetched();
    await first(customer.status, ({ verification }) => verification.state === 'verified');
    transport.letIn = (name) => name !== 'directory';
    const offered = async (bundle: Uint8Array): Promise<string | null> => {
      transport.push('directory', { desk: world.relay.desk, bundle });
      await new Promise((resolve) => setTimeout(resolve, 400));
      return (await first(customer.status, () => true)).problem?.code ?? null;
    };
    await json(['agent', 'revoke', 'Sara', ...desk], { env });
    transport.letIn = () => true;
    const revoked = await fetched();
    expect(await offered(revoked)).to.equal(null);
    await first(customer.conversations, ([one]) => named(one, 'removed').includes('Sara'));
    // Old ones would bring her back.
    expect(await offered(older)).to.equal('directory-older');
    expect(await offered(newest)).to.equal('directory-older');
    const other = await newKeys();
    expect(await offered(await world.bundle({ desk: other.key, version: 99 }, other))).to.equal('directory-foreign');
    const forged = await world.bundle({ version: 99 });
    const place64 = forged.length - 10;
    expect(await offered(forged.map((byte, i) => (i === place64 ? byte ^ 1 : byte)))).to.equal('directory-signature');
    const [view] = await first(customer.conversations, () => true);
    expect(named(view, 'removed')).to.deep.equal(['Sara']);
    expect(view?.id).to.equal(conversation);
  });

  it('a directory that is past its time is relied on no longer, and is nobody’s first', async () => {
    const clock = new ShiftingClock();
    const sara = await hired('Sara');
    const phone = new HeldDevice({ clock });
    const customer = await world.customer(phone);
    const conversation = await inConversation(sara, customer);
    clock.forward(73 * 3_600_000);
    await first(customer.status, ({ verification }) => verification.state === 'stale');
    await customer.sendText(conversation, 'Anybody?');
    const held = await first(customer.messages(conversation, 50), (all) => all.at(-1)?.text === 'Anybody?');
    expect(held.at(-1)?.progress).to.equal('held');
    const late = await world.customer(new HeldDevice({ clock }));
    const { problem, verification } = await first(late.status, (status) => status.problem !== null);
    expect(problem?.code).to.equal('directory-stale');
    expect(verification).to.include({ state: 'none', deskName: null });
  });

  it('a retired desk has nobody left, and customers see it', async () => {
    const sara = await hired('Sara');
    const customer = await world.customer();
    await inConversation(sara, customer);
    const rotated = await json<{ deskKey: string; replaces: string; toInvite: { name: string }[] }>(
      ['desk', 'rotate', ...desk, '--to', join(place, 'next')],
      { env: { ...env, SECURE_CHAT_NEW_PASSPHRASE: 'another one entirely' } },
    );
    expect(rotated.replaces).to.equal(formatDeskKey(world.relay.desk));
    expect(rotated.deskKey).not.to.equal(rotated.replaces);
    expect(rotated.toInvite.map(({ name }) => name)).to.deep.equal(['Sara']);
    expect(await json(['desk', 'show', ...desk])).to.include({ successor: rotated.deskKey, retired: false });
    await json(['desk', 'retire', '--yes', ...desk], { env });
    await first(sara.membership, ({ state }) => state === 'removed');
    const [view] = await first(customer.conversations, ([one]) => one?.state === 'waiting');
    expect(named(view, 'removed')).to.deep.equal(['Sara']);
  });
});
