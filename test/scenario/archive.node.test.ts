import { expect } from 'chai';
import { ChatWorld, Device, first, texts, textsWith } from '../support/chat-world.ts';

describe('a recorded conversation', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is received by the archive as a whole', async () => {
    const archive = await world.agent('Record', new Device(), 'archive');
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    await first(customer.status, ({ verification }) => verification.recorded);
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    await customer.sendText(conversation, 'My card is lost');
    await textsWith(sara, conversation, 'My card is lost');
    await sara.sendText(conversation, 'Blocked');
    await textsWith(customer, conversation, 'Blocked');
    await customer.endConversation(conversation);
    const [view] = await first(archive.conversations, ([one]) => one?.state === 'ended');
    expect(view?.notices).to.deep.equal([]);
    const messages = await first(archive.messages(conversation, 50), () => true);
    expect(
      messages.filter(({ kind }) => kind === 'text').map(({ text, history }) => `${text} ${history}`),
    ).to.have.members(['Hello false', 'Good morning false', 'My card is lost false', 'Blocked false']);
    expect(messages.map(({ kind }) => kind)).to.include.members(['start', 'join', 'close']);
    for (const client of [sara, customer]) {
      const [own] = await first(client.conversations, ([one]) => one?.state === 'ended');
      expect(own?.notices).to.deep.equal([]);
      expect(own?.parties.filter(({ role }) => role === 'archive').map(({ status }) => status)).to.deep.equal([
        'joined',
      ]);
    }
    // The progress of a message is what people have seen, not the record.
    const own = await first(customer.messages(conversation, 50), () => true);
    expect(texts(own)).to.have.length(4);
  });

  it('tells a joiner at once what was said, when the customer is away', async () => {
    const archive = await world.agent('Record', new Device(), 'archive');
    const sara = await world.agent('Sara');
    const phone = new Device();
    const customer = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await textsWith(archive, conversation, 'Hello');
    await customer.close();
    const ben = await world.agent('Ben');
    await first(ben.queue, (queue) => queue.length === 1);
    await ben.claim(conversation);
    expect(await textsWith(ben, conversation, 'Hello')).to.deep.equal(['Hello']);
    const messages = await first(ben.messages(conversation, 50), () => true);
    expect(messages.find(({ text }) => text === 'Hello')).to.include({ history: true, unverified: false });
    const again = await world.customer(phone);
    await ben.sendText(conversation, 'Good morning');
    expect(await textsWith(again, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
    // The customer's client tells it as well; it is shown once.
    await again.sendText(conversation, 'There you are');
    expect(await textsWith(ben, conversation, 'There you are')).to.deep.equal([
      'Hello',
      'Good morning',
      'There you are',
    ]);
    expect((await first(ben.conversations, () => true))[0]?.notices).to.deep.equal([]);
  });

  it('cannot be talked past: what leaves the archive out is marked, and the archive gets it all the same', async () => {
    const archive = await world.agent('Record', new Device(), 'archive');
    const eve = await world.raw('Eve');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    const talk = eve.talk();
    const [to, record] = [world.deviceOf(talk), world.idOf('Record')];
    await eve.hello(world.keyOf('Record'), talk);
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to: [to, record] });
    await eve.say(talk, { kind: 'text', content: { text: 'On the record' }, to: [to, record] });
    await textsWith(customer, conversation, 'On the record');
    expect((await first(customer.conversations, () => true))[0]?.notices).to.deep.equal([]);
    await eve.say(talk, { kind: 'text', content: { text: 'Between us' }, to: [to] });
    await textsWith(customer, conversation, 'Between us');
    const [view] = await first(customer.conversations, ([one]) => (one?.notices.length ?? 0) > 0);
    expect(view?.notices).to.deep.equal(['not-in-record']);
    expect(await textsWith(archive, conversation, 'Between us')).to.include('Between us');
    const messages = await first(archive.messages(conversation, 50), () => true);
    expect(messages.find(({ text }) => text === 'Between us')).to.include({ history: true, unverified: false });
  });
});
