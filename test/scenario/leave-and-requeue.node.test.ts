import { expect } from 'chai';
import { ChatWorld, first, named, texts, textsWith } from '../support/chat-world.ts';

describe('an agent who leaves', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('makes the conversation wait again for another, who is told what was said', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'I have to go');
    await textsWith(customer, conversation, 'I have to go');
    const ben = await world.agent('Ben');
    await sara.setDuty('off');
    await sara.leave(conversation, { requeue: true });
    const [left] = await first(sara.conversations, ([one]) => one?.joined === false);
    expect(left?.parties.find(({ self }) => self)?.status).to.equal('left');
    const [waiting] = await first(customer.conversations, ([one]) => one?.state === 'waiting');
    expect(named(waiting, 'joined')).to.deep.equal([]);
    expect(named(waiting, 'left')).to.deep.equal(['Sara']);
    await customer.sendText(conversation, 'Is anybody there?');

    const [entry] = await first(ben.queue, (queue) =>
      queue.some(({ known }) => known?.preview === 'Is anybody there?'),
    );
    expect(entry?.state).to.equal('waiting');
    const asked = await first(
      ben.messages(conversation, 50),
      (all) => all.filter(({ kind }) => kind === 'text').length === 3,
    );
    expect(texts(asked)).to.deep.equal(['Hello', 'I have to go', 'Is anybody there?']);
    expect(asked.filter(({ kind }) => kind === 'text').map(({ history }) => history)).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(asked.find(({ text }) => text === 'I have to go')?.from.name).to.equal('Sara');
    await ben.claim(conversation);
    await ben.sendText(conversation, 'Ben here');
    expect(await textsWith(customer, conversation, 'Ben here')).to.deep.equal([
      'Hello',
      'I have to go',
      'Is anybody there?',
      'Ben here',
    ]);
    const [active] = await first(customer.conversations, ([one]) => one?.state === 'active');
    expect(named(active, 'joined')).to.deep.equal(['Ben']);
    const [own] = await first(ben.conversations, ([one]) => one?.state === 'active');
    expect(own?.notices).to.deep.equal([]);
    expect(own?.topic).to.equal('Card');
    // The one who left hears nothing more, and can say nothing more.
    await customer.sendText(conversation, 'Good');
    await textsWith(ben, conversation, 'Good');
    expect(texts(await first(sara.messages(conversation, 50), () => true))).to.deep.equal(['Hello', 'I have to go']);
    const refused = await sara.sendText(conversation, 'I still talk').catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'conversation-not-joined');
    const again = await sara.leave(conversation, { requeue: true }).catch((error: unknown) => error);
    expect(again).to.have.property('code', 'conversation-not-joined');
  });

  it('may come back, and is told what it has missed', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'A moment');
    await textsWith(customer, conversation, 'A moment');
    await sara.setDuty('off');
    await sara.leave(conversation, { requeue: true });
    await first(customer.conversations, ([one]) => one?.state === 'waiting');
    await customer.sendText(conversation, 'Still here');
    await first(sara.queue, (queue) => queue.some(({ state }) => state === 'waiting'));
    await sara.claim(conversation);
    expect(await textsWith(sara, conversation, 'Still here')).to.deep.equal(['Hello', 'A moment', 'Still here']);
    await sara.sendText(conversation, 'Back');
    expect(await textsWith(customer, conversation, 'Back')).to.deep.equal(['Hello', 'A moment', 'Still here', 'Back']);
    const [view] = await first(sara.conversations, ([one]) => one?.preview === 'Back');
    expect(view?.notices).to.deep.equal([]);
    const [own] = await first(customer.conversations, ([one]) => one?.preview === 'Back');
    expect(own?.notices).to.deep.equal([]);
    expect(own?.state).to.equal('active');
  });

  it('is asked again like the others, let go again like the others, and goes on with its chain when it comes back', async () => {
    const sara = await world.agent('Sara');
    const ben = await world.agent('Ben');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'A moment');
    await textsWith(customer, conversation, 'A moment');
    await sara.leave(conversation, { requeue: true });
    const [waiting] = await first(customer.conversations, ([one]) => named(one, 'asked').length === 2);
    expect(named(waiting, 'asked')).to.deep.equal(['Ben', 'Sara']);
    await first(ben.queue, ([entry]) => entry?.state === 'waiting' && entry.known !== null);
    await ben.claim(conversation);
    await ben.sendText(conversation, 'Ben here');
    await textsWith(customer, conversation, 'Ben here');
    await ben.setDuty('off');
    await ben.leave(conversation, { requeue: true });
    await first(customer.conversations, ([one]) => named(one, 'asked').length === 1);
    await first(sara.queue, ([entry]) => entry?.state === 'waiting');
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Back');
    expect(await textsWith(customer, conversation, 'Back')).to.deep.equal(['Hello', 'A moment', 'Ben here', 'Back']);
    expect(await textsWith(sara, conversation, 'Ben here')).to.include.members(['Hello', 'A moment', 'Ben here']);
    for (const client of [sara, customer]) {
      const [view] = await first(client.conversations, ([one]) => one?.state === 'active');
      expect(view?.notices).to.deep.equal([]);
      expect(named(view, 'joined')).to.deep.equal(['Sara']);
    }
  });
});
