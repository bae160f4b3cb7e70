import { expect } from 'chai';
import { ChatWorld, first, named, textsWith } from '../support/chat-world.ts';

describe('a second joiner', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is named to the customer, hears what is said from then on, and nothing from before', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'For Sara alone' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Tell me');
    await textsWith(customer, conversation, 'Tell me');
    const eve = await world.raw('Eve');
    const talk = await world.talkOf(conversation);
    const customerId = talk.device;
    await eve.hello(talk.customer, talk);
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to: [customerId] });
    const [view] = await first(customer.conversations, ([one]) => named(one, 'joined').length === 2);
    expect(named(view, 'joined')).to.deep.equal(['Eve', 'Sara']);
    const told = await eve.hears('participants');
    expect(told.message.to).to.have.length(2);
    await customer.sendText(conversation, 'For both');
    await eve.hears('text', 'For both');
    expect(eve.heard.map(({ kind }) => kind)).to.not.include('history');
    expect(eve.heard.filter(({ kind }) => kind === 'text')).to.have.length(1);
    // Sara's messages go to whom the customer has named.
    await first(sara.conversations, ([one]) => named(one, 'joined').length === 2);
    await sara.sendText(conversation, 'Hello both');
    expect(await textsWith(customer, conversation, 'Hello both')).to.include('Hello both');
    await eve.hears('text', 'Hello both');
    expect((await first(sara.conversations, () => true))[0]?.notices).to.deep.equal([]);
  });
});
