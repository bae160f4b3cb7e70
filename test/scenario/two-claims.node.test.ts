import { expect } from 'chai';
import { ChatError } from '../../src/errors.ts';
import { ChatWorld, Device, first, named, texts, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('two agents who claim at once', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('have one winner; the other learns who it is and forgets what it had', async () => {
    const [saraDevice, benDevice] = [new Device(), new Device()];
    const sara = await world.agent('Sara', saraDevice);
    const ben = await world.agent('Ben', benDevice);
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'Hello' });
    for (const agent of [sara, ben]) {
      const [entry] = await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
      expect(entry?.known?.topic).to.equal('Card');
      expect(entry?.known?.joined).to.equal(false);
    }
    const outcomes = await Promise.allSettled([sara.claim(conversation), ben.claim(conversation)]);
    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
    const saraWon = outcomes[0].status === 'fulfilled';
    const [winner, loser, loserDevice] = saraWon ? [sara, ben, benDevice] : [ben, sara, saraDevice];
    const lost = outcomes[saraWon ? 1 : 0] as PromiseRejectedResult;
    expect(lost.reason).to.be.instanceOf(ChatError);
    const error = lost.reason as ChatError;
    const won = await first(winner.membership, () => true);
    expect(error.code).to.equal('already-claimed');
    expect(error.details['by']).to.equal(won.device);

    const [view] = await first(customer.conversations, ([one]) => one?.state === 'active');
    expect(named(view, 'joined')).to.deep.equal([won.name]);
    expect(named(view, 'asked')).to.deep.equal([]);
    await first(loser.conversations, (views) => views.length === 0);
    await until(async () => (await loserDevice.rows('sessions')) + (await loserDevice.rows('messages')) === 0, 8_000);
    const [entry] = await first(loser.queue, (queue) => queue.some(({ state }) => state === 'claimed'));
    expect(entry?.byName).to.equal(won.name);
    expect(entry?.known).to.equal(null);

    await winner.sendText(conversation, 'Good morning');
    expect(await textsWith(customer, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
    await customer.sendText(conversation, 'My card is lost');
    expect(await textsWith(winner, conversation, 'My card is lost')).to.deep.equal([
      'Hello',
      'Good morning',
      'My card is lost',
    ]);
    expect(await loserDevice.rows('messages')).to.equal(0);
    const own = await first(customer.messages(conversation, 50), (all) =>
      all.filter((one) => one.own && one.kind === 'text').every(({ progress }) => progress === 'delivered'),
    );
    expect(texts(own)).to.have.length(3);
  });
});
