import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { sortedHeads, sortedIds } from '../../src/protocol/head.ts';
import { attended, allDelivered, notices, now, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { RawCustomer } from '../support/raw-customer.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

describe('a customer who keeps to no rule', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('whose key nothing can be encrypted to keeps the agent from answering nobody else', async () => {
    const { agent, customer, conversation } = await attended(world);
    const { device } = await now(agent.membership);
    const useless = { ...nobleCrypto, kemKey: async () => new Uint8Array(1216).fill(0xff) };
    const hostile = await RawCustomer.enter(world.relay, device, useless);
    await hostile.say({ kind: 'start', content: { topic: null } });
    await hostile.say({ kind: 'text', content: { text: 'Help' } });
    await hostile.announce();
    await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Help'));
    await agent.claim(hostile.name);
    await agent.sendText(hostile.name, 'How?');
    // A session of the agent's own takes the place of the useless one.
    await hostile.hears('other session');
    await agent.sendText(conversation, 'Still here');
    await textsWith(customer, conversation, 'Still here');
    await customer.sendText(conversation, 'Good');
    await allDelivered(customer, conversation);
    expect((await now(agent.status)).problem).to.equal(null);
  });

  it('is refused without jamming the mailbox, and the refusal is shown', async () => {
    const agent = await world.agent('Sara');
    const { device } = await now(agent.membership);
    const hostile = await RawCustomer.enter(world.relay, device);
    await hostile.say({ kind: 'start', content: { topic: null } });
    await hostile.say({ kind: 'text', content: { text: 'one' } });
    // Only members may: refused as a kind that is not for customers.
    await hostile.say({
      kind: 'form',
      content: { title: 'Form', fields: [{ id: 'a', label: 'A', type: 'text', choices: [], required: false }] },
    });
    // To a device that has nothing to do with it.
    await hostile.say({ kind: 'text', content: { text: 'two' } }, { to: sortedIds([hostile.agent, random(16)]) });
    await hostile.say({ kind: 'text', content: { text: 'three' } }, { conversation: random(16) });
    await hostile.say({ kind: 'text', content: { text: 'four' } });
    expect(await textsWith(agent, hostile.name, 'four')).to.deep.equal(['one', 'four']);
    expect(await notices(agent, hostile.name)).to.include.members([
      'refused:message-kind-forbidden',
      'refused:message-audience',
      'refused:session-mismatch',
    ]);
  });

  it('who uses an id twice for different words is heard once, and it is shown', async () => {
    const agent = await world.agent('Sara');
    const { device } = await now(agent.membership);
    const hostile = await RawCustomer.enter(world.relay, device);
    const id = random(16);
    await hostile.say({ kind: 'start', content: { topic: null } });
    await hostile.say({ kind: 'text', content: { text: 'I agree' } }, { id });
    await hostile.say({ kind: 'text', content: { text: 'I do not agree' } }, { id });
    await hostile.say({ kind: 'text', content: { text: 'end' } });
    expect(await textsWith(agent, hostile.name, 'end')).to.deep.equal(['I agree', 'end']);
    expect(await notices(agent, hostile.name)).to.include('refused:message-conflict');
  });

  it('who names ever new heads fills nothing and stops nothing', async () => {
    const agent = await world.agent('Sara');
    const { device } = await now(agent.membership);
    const hostile = await RawCustomer.enter(world.relay, device);
    await hostile.say({ kind: 'start', content: { topic: null } });
    for (let i = 0; i < 40; i++) {
      const heads = Array.from({ length: 32 }, () => ({
        device: i % 4 === 0 ? hostile.agent : hostile.id,
        chain: random(8),
        seq: 1_000_000,
        hash: random(32),
      }));
      await hostile.say({ kind: 'text', content: { text: `text ${i}` } }, { seen: sortedHeads(heads) });
    }
    const told = await textsWith(agent, hostile.name, 'text 39');
    expect(told).to.have.length(40);
    await hostile.announce();
    await first(agent.queue, (queue) => queue.some(({ conversation }) => conversation === hostile.name));
    await agent.claim(hostile.name);
    await agent.sendText(hostile.name, 'And?');
    await hostile.hears('text');
    expect(await shown(agent, hostile.name)).to.have.length(41);
  });
});
