import { expect } from 'chai';
import { ChatWorld, Device, first, named, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('who is asked', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is whoever is on duty', async () => {
    const sara = await world.agent('Sara');
    const ben = await world.agent('Ben');
    await ben.setDuty('away');
    const bot = await world.raw('Bot', 'bot');
    await bot.client.request('duty', { state: 'on' });
    const zoe = await world.raw('Zoe', 'supervisor');
    await zoe.client.request('duty', { state: 'on' });
    const customer = await world.customer();
    await customer.startConversation({ topic: null, text: 'Hello' });
    const [view] = await first(customer.conversations, ([one]) => named(one, 'asked').length > 0);
    expect(named(view, 'asked')).to.deep.equal(['Bot', 'Sara']);
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    await bot.hears('text', 'Hello');
    // Who is away sees that somebody waits, and nothing of what was said.
    const [entry] = await first(ben.queue, (queue) => queue.length === 1);
    expect(entry?.known).to.equal(null);
  });

  it('is everybody when nobody is on duty', async () => {
    const sara = await world.agent('Sara');
    const ben = await world.agent('Ben');
    await sara.setDuty('off');
    await ben.setDuty('off');
    const customer = await world.customer();
    await customer.startConversation({ topic: null, text: 'Hello' });
    for (const agent of [sara, ben]) await first(agent.queue, (queue) => queue.some(({ known }) => known !== null));
    const [view] = await first(customer.conversations, ([one]) => named(one, 'asked').length > 0);
    expect(named(view, 'asked')).to.deep.equal(['Ben', 'Sara']);
  });

  it('is twenty of many', async () => {
    const agents = await world.raws(Array.from({ length: 23 }, (_, i) => `Agent ${i}`));
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    const [view] = await first(customer.conversations, ([one]) => named(one, 'asked').length > 0);
    expect(named(view, 'asked')).to.have.length(20);
    const heard = (): number => agents.filter((agent) => agent.heard.some(({ kind }) => kind === 'text')).length;
    await until(() => heard() === 20, 10_000);
    const one = agents.find((agent) => agent.heard.length > 0);
    expect(one?.heard[0]?.message.to).to.have.length(20);
    // One of the others may take it all the same.
    const other = agents.find((agent) => agent.heard.length === 0);
    const talk = await world.talkOf(conversation);
    await other?.hello(talk.customer, talk);
    await other?.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to: [talk.device] });
    await other?.hears('history');
    await other?.hears('participants');
    const [active] = await first(customer.conversations, ([row]) => row?.state === 'active');
    expect(named(active, 'joined')).to.have.length(1);
    await until(
      () => agents.filter((agent) => agent.heard.some(({ kind }) => kind === 'release')).length === 20,
      10_000,
    );
  });

  it('is nobody when there is nobody: it waits, and goes out when somebody appears', async () => {
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'Hello' });
    await customer.sendText(conversation, 'Is anybody there?');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const messages = await first(customer.messages(conversation, 50), () => true);
    expect(messages.filter(({ kind }) => kind === 'text').map(({ progress }) => progress)).to.deep.equal([
      'sending',
      'sending',
    ]);
    const sara = await world.agent('Sara');
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Is anybody there?'));
    await sara.claim(conversation);
    expect(await textsWith(sara, conversation, 'Is anybody there?')).to.deep.equal(['Hello', 'Is anybody there?']);
  });

  it('is somebody else when who was asked is removed', async () => {
    const eve = await world.raw('Eve');
    await eve.client.request('duty', { state: 'on' });
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    await world.revoke('Eve');
    const ben = await world.agent('Ben', new Device());
    await first(ben.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    await ben.claim(conversation);
    expect(await textsWith(ben, conversation, 'Hello')).to.deep.equal(['Hello']);
    await ben.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
  });
});
