import { expect } from 'chai';
import { allDelivered, attended, lastSession, pass, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

describe('two devices that make a session with each other at once', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('settle on one, and nothing is lost', async () => {
    const { agent, customer, phone, laptop, clock, conversation } = await attended(world);
    const [oldPhone, oldLaptop] = [phone.disk.copy(), laptop.disk.copy()];
    await customer.sendText(conversation, 'lost');
    await textsWith(agent, conversation, 'lost');
    await agent.sendText(conversation, 'lost too');
    await textsWith(customer, conversation, 'lost too');
    await Promise.all([customer.close(), agent.close()]);
    // Both are put back, speak at once, and find out at once.
    const [nextPhone, nextLaptop] = [phone.restarted(oldPhone), laptop.restarted(oldLaptop)];
    const [left, right] = [await world.customer(nextPhone), await world.reopen(nextLaptop)];
    await first(left.status, ({ connection }) => connection === 'online');
    await first(right.status, ({ connection }) => connection === 'online');
    await Promise.all([left.sendText(conversation, 'I am back'), right.sendText(conversation, 'So am I')]);
    await pass(clock, 15);
    await Promise.all([textsWith(right, conversation, 'I am back'), textsWith(left, conversation, 'So am I')]);
    await left.sendText(conversation, 'question');
    await textsWith(right, conversation, 'question');
    await right.sendText(conversation, 'answer');
    await textsWith(left, conversation, 'answer');
    await Promise.all([allDelivered(left, conversation), allDelivered(right, conversation)]);
    expect(lastSession(nextPhone)).to.equal(lastSession(nextLaptop));
    for (const client of [left, right]) {
      const texts = await shown(client, conversation);
      expect(new Set(texts).size).to.equal(texts.length);
    }
  });
});
