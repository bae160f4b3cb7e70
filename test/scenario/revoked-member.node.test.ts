import { expect } from 'chai';
import { ChatWorld, Device, first, named, texts, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('an agent who is revoked in the middle of a conversation', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is gone: the customer sees who, keeps no session, refuses what comes later, and waits for another', async () => {
    const eve = await world.raw('Eve');
    const phone = new Device();
    const customer = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    const talk = eve.talk();
    const to = [world.deviceOf(talk)];
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    await eve.say(talk, { kind: 'text', content: { text: 'I am Eve' }, to });
    await textsWith(customer, conversation, 'I am Eve');
    expect(await phone.rows('sessions')).to.equal(1);
    await world.revoke('Eve');
    const [view] = await first(customer.conversations, ([one]) => one?.state === 'waiting');
    expect(named(view, 'removed')).to.deep.equal(['Eve']);
    await until(async () => (await phone.rows('sessions')) === 0, 5_000);
    await eve.say(talk, { kind: 'text', content: { text: 'Still me' }, to });
    await eve.hello(talk.customer, talk);
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });

    await customer.sendText(conversation, 'Who is there?');
    const sara = await world.agent('Sara');
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Who is there?'));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Sara here');
    expect(await textsWith(customer, conversation, 'Sara here')).to.deep.equal([
      'Hello',
      'I am Eve',
      'Who is there?',
      'Sara here',
    ]);
    const messages = await first(customer.messages(conversation, 50), () => true);
    expect(messages.find(({ text }) => text === 'I am Eve')?.from).to.include({ name: 'Eve', status: 'removed' });
    expect(eve.heard.some(({ content }) => content['text'] === 'Who is there?')).to.equal(false);
    // Who came after her removal has no directory that names her: it is shown as what nobody vouches for.
    const told = await first(sara.messages(conversation, 50), (all) => all.some(({ text }) => text === 'I am Eve'));
    const hers = told.find(({ text }) => text === 'I am Eve');
    expect(hers).to.include({ unverified: true, history: true });
    expect(hers?.from.name).to.equal(null);
    const [own] = await first(sara.conversations, ([one]) => one?.state === 'active');
    expect(own?.notices).to.deep.equal([]);
  });

  it('finds itself removed, sees no queue and cannot speak', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    await world.revoke('Sara');
    await first(sara.membership, ({ state }) => state === 'removed');
    await first(customer.conversations, ([one]) => one?.state === 'waiting');
    await first(sara.queue, (queue) => queue.length === 0);
    const refused = await sara.sendText(conversation, 'Still me').catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'conversation-not-joined');
    expect(texts(await first(sara.messages(conversation, 50), () => true))).to.deep.equal(['Hello', 'Good morning']);
  });

  it('comes back as a member, and joins anew', async () => {
    const device = new Device();
    const sara = await world.agent('Sara', device);
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    const members = await world.revoke('Sara');
    await first(sara.membership, ({ state }) => state === 'removed');
    await world.admit(...members);
    await first(sara.membership, ({ state }) => state === 'member');
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Here again');
    expect(await textsWith(customer, conversation, 'Here again')).to.deep.equal(['Hello', 'Here again']);
  });

  it('is not counted on by a customer who was away all the while', async () => {
    const phone = new Device();
    const sara = await world.agent('Sara');
    const before = await world.customer(phone);
    const { conversation } = await before.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(before, conversation, 'Good morning');
    await before.close();
    const members = await world.revoke('Sara');
    await first(sara.membership, ({ state }) => state === 'removed');
    await world.admit(...members);
    await first(sara.membership, ({ state }) => state === 'member');
    const customer = await world.customer(phone);
    await first(customer.messages(conversation, 50), (all) => all.at(-1)?.kind === 'leave');
    await first(customer.conversations, ([one]) => one?.state === 'waiting');
    await customer.sendText(conversation, 'Anybody?');
    await first(sara.queue, (queue) =>
      queue.some(({ state, known }) => state === 'waiting' && known?.preview === 'Anybody?'),
    );
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Here again');
    expect(await textsWith(customer, conversation, 'Here again')).to.deep.equal([
      'Hello',
      'Good morning',
      'Anybody?',
      'Here again',
    ]);
    for (const client of [sara, customer]) {
      const [view] = await first(client.conversations, ([one]) => one?.state === 'active');
      expect(view?.notices).to.deep.equal([]);
    }
  });
});
