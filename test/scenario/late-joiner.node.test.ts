import { expect } from 'chai';
import { ChatWorld, Device, first, named, texts, textsWith } from '../support/chat-world.ts';

describe('an agent who was not asked, and claims', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is told what was said before, marked as history, in order and without gaps', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'One' });
    await customer.sendText(conversation, 'Two');
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Two'));
    const ben = await world.agent('Ben');
    const [entry] = await first(ben.queue, (queue) => queue.length === 1);
    expect(entry?.known).to.equal(null);
    await ben.claim(conversation);
    const messages = await first(ben.messages(conversation, 50), (all) => all.some(({ text }) => text === 'Two'));
    expect(texts(messages)).to.deep.equal(['One', 'Two']);
    expect(
      messages.filter(({ kind }) => kind === 'text').every(({ history, unverified }) => history && !unverified),
    ).to.equal(true);
    expect(messages.map(({ order }) => order)).to.deep.equal(messages.map(({ order }) => order).sort((a, b) => a - b));
    await first(sara.conversations, (views) => views.length === 0);

    await customer.sendText(conversation, 'Three');
    expect(await textsWith(ben, conversation, 'Three')).to.deep.equal(['One', 'Two', 'Three']);
    const live = await first(ben.messages(conversation, 50), (all) => all.some(({ text }) => text === 'Three'));
    expect(live.find(({ text }) => text === 'Three')?.history).to.equal(false);
    const [view] = await first(ben.conversations, ([one]) => one?.preview === 'Three');
    expect(view?.notices).to.deep.equal([]);
    expect(view?.topic).to.equal('Card');
    expect(view?.unread).to.equal(1);
    const [own] = await first(customer.conversations, ([one]) => one?.state === 'active');
    expect(named(own, 'joined')).to.deep.equal(['Ben']);
    expect(own?.notices).to.deep.equal([]);
  });

  it('is told when the customer comes back', async () => {
    const sara = await world.agent('Sara');
    const phone = new Device();
    const before = await world.customer(phone);
    const { conversation } = await before.startConversation({ topic: null, text: 'One' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'One'));
    await before.close();
    const ben = await world.agent('Ben');
    await first(ben.queue, (queue) => queue.length === 1);
    await ben.claim(conversation);
    await ben.sendText(conversation, 'I am here');
    await first(ben.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'I am here' && progress === 'sent'),
    );
    const after = await world.customer(phone);
    expect(await textsWith(after, conversation, 'I am here')).to.deep.equal(['One', 'I am here']);
    const messages = await first(ben.messages(conversation, 50), (all) => all.some(({ text }) => text === 'One'));
    expect(messages.find(({ text }) => text === 'One')?.history).to.equal(true);
    const [view] = await first(ben.conversations, ([one]) => one !== undefined);
    expect(view?.preview).to.equal('I am here');
    expect(view?.notices).to.deep.equal([]);
    await after.sendText(conversation, 'Thank you');
    expect(await textsWith(ben, conversation, 'Thank you')).to.deep.equal(['I am here', 'One', 'Thank you']);
  });
});
