import { expect } from 'chai';
import { ChatWorld, Device, first, texts, textsWith } from '../support/chat-world.ts';

describe('a first conversation', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('goes from the customer to the agent who claims it, and back', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'Hello' });
    const waiting = await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    expect(waiting[0]?.state).to.equal('waiting');
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    expect(await textsWith(customer, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
    const views = await first(customer.conversations, ([view]) => view?.state === 'active');
    expect(
      views[0]?.parties.filter(({ status, role }) => status === 'joined' && role === 'agent').map(({ name }) => name),
    ).to.deep.equal(['Sara']);
    const own = await first(customer.messages(conversation, 50), (all) =>
      all.filter(({ own, kind }) => own && kind === 'text').every(({ progress }) => progress === 'delivered'),
    );
    expect(texts(own)).to.have.length(2);
    await sara.markRead(conversation);
    await first(customer.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'Hello' && progress === 'read'),
    );
  });

  it('keeps what was said while the customer was away', async () => {
    const sara = await world.agent('Sara');
    const phone = new Device();
    const before = await world.customer(phone);
    const { conversation } = await before.startConversation({ topic: null, text: 'Are you there?' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Yes');
    await textsWith(before, conversation, 'Yes');
    await before.close();
    await sara.sendText(conversation, 'Still there?');
    const after = await world.customer(phone);
    expect(await textsWith(after, conversation, 'Still there?')).to.deep.equal([
      'Are you there?',
      'Yes',
      'Still there?',
    ]);
    await after.sendText(conversation, 'Back again');
    expect(await textsWith(sara, conversation, 'Back again')).to.deep.equal([
      'Are you there?',
      'Yes',
      'Still there?',
      'Back again',
    ]);
  });
});
