import { expect } from 'chai';
import { allDelivered, attended, now } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

describe('a damaged row of one conversation', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('keeps neither mail nor words of the others waiting, and is told', async () => {
    const { agent, customer, laptop, conversation } = await attended(world);
    const store = laptop.disk.open();
    const sessions = await store.list('sessions', { from: '', to: 'g' });
    expect(sessions).to.have.length(1);
    for (const { key, version, bytes } of sessions) {
      const record = { version: version + 1, bytes: bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
      await store.commit([{ table: 'sessions', key, expects: version, record }]);
    }
    await customer.sendText(conversation, 'This cannot be opened');
    await agent.sendText(conversation, 'Nor can this be sent');
    await first(agent.status, ({ problem }) => problem?.code === 'record-damaged');
    const other = await world.customer();
    const { conversation: second } = await other.startConversation({ topic: null, text: 'Next' });
    await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Next'), 25_000);
    await agent.claim(second);
    await agent.sendText(second, 'Good morning');
    await textsWith(other, second, 'Good morning', 25_000);
    await allDelivered(other, second, 25_000);
    const own = (await now(customer.messages(conversation, 50))).at(-1);
    // Not decided, so not acknowledged: the customer sees that it has not arrived.
    expect(own?.progress).to.equal('sent');
  });
});
