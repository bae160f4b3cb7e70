import { expect } from 'chai';
import { ChatWorld, Device, first, named, texts, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('the end of a conversation', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  const talking = async (phone = new Device(), desk = new Device()) => {
    const sara = await world.agent('Sara', desk);
    const customer = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    return { sara, customer, conversation };
  };
  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'ok',
      (error: unknown) => (error as { code: string }).code,
    );

  it('by the customer ends it for both; it stays readable, and the sessions go', async () => {
    const [phone, desk] = [new Device(), new Device()];
    const { sara, customer, conversation } = await talking(phone, desk);
    await customer.endConversation(conversation);
    for (const client of [sara, customer]) {
      const [view] = await first(client.conversations, ([one]) => one?.state === 'ended');
      expect(view?.preview).to.equal('Good morning');
      expect(await codeOf(client.sendText(conversation, 'One more thing'))).to.equal('conversation-ended');
      const messages = await first(client.messages(conversation, 50), (all) => all.at(-1)?.kind === 'close');
      expect(texts(messages)).to.deep.equal(['Hello', 'Good morning']);
      expect(await codeOf(client.endConversation(conversation))).to.equal('ok');
    }
    await first(sara.queue, (queue) => queue.length === 0);
    await until(async () => (await phone.rows('outbox')) + (await desk.rows('outbox')) === 0, 5_000);
    await until(async () => (await phone.rows('sessions')) + (await desk.rows('sessions')) === 0, 8_000);
  });

  it('by the agent ends it too; writing again begins a new one, with new sessions', async () => {
    const { sara, customer, conversation } = await talking();
    await sara.endConversation(conversation);
    await first(customer.conversations, ([one]) => one?.state === 'ended');
    const { conversation: next } = await customer.startConversation({ topic: null, text: 'Me again' });
    expect(next).to.not.equal(conversation);
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Me again'));
    await sara.claim(next);
    await sara.sendText(next, 'Welcome back');
    expect(await textsWith(customer, next, 'Welcome back')).to.deep.equal(['Me again', 'Welcome back']);
    const views = await first(customer.conversations, (all) => all.length === 2);
    expect(views.map(({ state }) => state)).to.deep.equal(['active', 'ended']);
  });

  it('shows what crossed it on the way', async () => {
    const phone = new Device();
    const { sara, customer, conversation } = await talking(phone);
    await customer.close();
    await sara.sendText(conversation, 'Before you go');
    await first(sara.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'Before you go' && progress === 'sent'),
    );
    // Closed before its mail could be taken.
    const again = await world.customer(phone);
    await again.endConversation(conversation);
    expect(await textsWith(again, conversation, 'Before you go')).to.deep.equal([
      'Hello',
      'Good morning',
      'Before you go',
    ]);
    await first(sara.conversations, ([one]) => one?.state === 'ended');
    await first(sara.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'Before you go' && progress === 'delivered'),
    );
  });

  it('while it waits takes it from the queue', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Never mind' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await customer.endConversation(conversation);
    await first(sara.queue, (queue) => queue.length === 0);
    await first(sara.conversations, ([one]) => one?.state === 'ended');
    expect(await codeOf(sara.claim(conversation))).to.be.oneOf(['conversation-unknown', 'conversation-ended']);
  });

  it('that nobody was asked about leaves nothing to send', async () => {
    const phone = new Device();
    const customer = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Is this on?' });
    await customer.endConversation(conversation);
    const sara = await world.agent('Sara');
    const { conversation: next } = await customer.startConversation({ topic: null, text: 'Another' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Another'));
    expect((await first(sara.queue, () => true)).map((entry) => entry.conversation)).to.deep.equal([next]);
    const messages = await first(customer.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'Is this on?' && progress === 'failed'),
    );
    expect(texts(messages)).to.deep.equal(['Is this on?']);
  });

  it('is final: nobody opens a session in it again', async () => {
    const eve = await world.raw('Eve');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    const talk = eve.talk();
    const to = [world.deviceOf(talk)];
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    await first(customer.conversations, ([one]) => one?.state === 'active');
    await customer.endConversation(conversation);
    await eve.hears('close');
    await eve.hello(talk.customer, talk);
    await eve.say(talk, { kind: 'text', content: { text: 'Not so fast' }, to });
    const { conversation: next } = await customer.startConversation({ topic: null, text: 'New' });
    await eve.hears('text', 'New');
    expect(texts(await first(customer.messages(conversation, 50), () => true))).to.deep.equal(['Hello']);
    const views = await first(customer.conversations, (all) => all.length === 2);
    expect(views.find(({ id }) => id === conversation)?.state).to.equal('ended');
    expect(
      named(
        views.find(({ id }) => id === next),
        'asked',
      ),
    ).to.deep.equal(['Eve']);
  });
});
