import { expect } from 'chai';
import { ChatWorld, first, named, texts, textsWith } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';
import type { Mail } from '../support/meddler.ts';
import { until } from '../support/relay-world.ts';

describe('two who begin a session with each other at once', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('understand each other, and miss and double nothing', async () => {
    const [laptop, phone] = [new HeldDevice(), new HeldDevice()];
    const sara = await world.agent('Sara', laptop);
    const customer = await world.customer(phone);
    // What the customer asks with is on its way for long.
    const held: Mail[] = [];
    laptop.net.onMail = (mail) => (held.push(mail), []);
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'Hello' });
    const [entry] = await first(sara.queue, (queue) => queue.length === 1);
    expect(entry?.known).to.equal(null);
    await until(() => held.length > 0);
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    await customer.sendText(conversation, 'My card');
    await until(() => held.length > 3);
    laptop.net.onMail = (mail) => [mail];
    for (const mail of held) laptop.net.deliver(mail);
    await textsWith(sara, conversation, 'My card');
    for (let i = 0; i < 3; i++) {
      await sara.sendText(conversation, `Question ${i}`);
      await textsWith(customer, conversation, `Question ${i}`);
      await customer.sendText(conversation, `Answer ${i}`);
      await textsWith(sara, conversation, `Answer ${i}`);
    }
    for (const client of [sara, customer]) {
      const seen = texts(await first(client.messages(conversation, 100), () => true));
      expect(seen).to.have.length(9);
      expect(new Set(seen).size).to.equal(9);
      const [view] = await first(client.conversations, () => true);
      expect(view?.notices).to.deep.equal([]);
      expect(named(view, 'joined')).to.deep.equal(['Sara']);
    }
    expect([...phone.net.reusedKeys(), ...laptop.net.reusedKeys()]).to.deep.equal([]);
  });

  it('in two tabs of one desk join once', async () => {
    const laptop = new HeldDevice();
    const sara = await world.agent('Sara', laptop);
    const second = await world.reopen(laptop);
    await first(second.membership, ({ state }) => state === 'member');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    for (const tab of [sara, second]) await first(tab.queue, (queue) => queue.some(({ known }) => known !== null));
    const outcomes = await Promise.allSettled([sara.claim(conversation), second.claim(conversation)]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled']);
    await second.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    await textsWith(sara, conversation, 'Good morning');
    const messages = await first(customer.messages(conversation, 50), () => true);
    expect(messages.filter(({ kind }) => kind === 'join')).to.have.length(1);
    for (const tab of [sara, second])
      await first(tab.queue, (queue) => queue.every(({ state }) => state === 'claimed'));
    await second.setDuty('away');
    await first(sara.duty, (state) => state === 'away');
    expect(laptop.net.reusedKeys()).to.deep.equal([]);
  });
});
