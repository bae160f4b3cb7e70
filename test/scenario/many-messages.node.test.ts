import { expect } from 'chai';
import { now } from '../support/attended.ts';
import { ChatWorld, Device, first, texts } from '../support/chat-world.ts';

const MANY = Number(process.env['MESSAGES'] ?? 240);

describe('many messages', function () {
  this.timeout(150_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('arrive one way, in order, and the last ones cost no more than the first', async () => {
    const agent = await world.agent('Sara', new Device());
    const customer = await world.customer(new Device());
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    await agent.claim(conversation);
    await first(customer.conversations, ([view]) => view?.state === 'active');
    const times: number[] = [];
    for (let block = 0; block < 4; block++) {
      const begun = Date.now();
      for (let i = 0; i < MANY / 4; i++) await customer.sendText(conversation, `text ${(block * MANY) / 4 + i}`);
      await first(
        customer.messages(conversation, 1),
        ([last]) => last?.text === `text ${((block + 1) * MANY) / 4 - 1}` && last.progress === 'delivered',
        60_000,
      );
      times.push(Date.now() - begun);
    }
    const heard = texts(await now(agent.messages(conversation, MANY + 10)));
    expect(heard).to.deep.equal(['Hello', ...Array.from({ length: MANY }, (_, i) => `text ${i}`)]);
    // The last block is held up by the relay, which lets a device send 600 at once and 20 a second from then on.
    const [before = 0, , after = 0] = times;
    expect(after).to.be.below(before * 2 + 2_000);
  });
});
