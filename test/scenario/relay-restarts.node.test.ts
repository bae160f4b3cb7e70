import { expect } from 'chai';
import { allDelivered, attended, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

describe('a relay that dies and comes back with its data', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start({ durable: true });
  });
  afterEach(() => world.stop());

  it('loses and doubles nothing, whatever was said before, while and after', async () => {
    const { agent, customer, phone, laptop, conversation } = await attended(world);
    for (let i = 0; i < 5; i++) {
      await customer.sendText(conversation, `before ${i}`);
      await agent.sendText(conversation, `too ${i}`);
    }
    phone.net.cut();
    laptop.net.cut();
    await world.relay.halt();
    await first(customer.status, ({ connection }) => connection !== 'online');
    for (let i = 0; i < 5; i++) {
      await customer.sendText(conversation, `while ${i}`);
      await agent.sendText(conversation, `meanwhile ${i}`);
    }
    await world.relay.resume();
    await customer.sendText(conversation, 'last');
    await agent.sendText(conversation, 'at last');
    await Promise.all([
      textsWith(agent, conversation, 'last', 20_000),
      textsWith(customer, conversation, 'at last', 20_000),
    ]);
    await Promise.all([allDelivered(customer, conversation), allDelivered(agent, conversation)]);
    const [left, right] = [await shown(customer, conversation), await shown(agent, conversation)];
    expect([...left].sort()).to.deep.equal([...right].sort());
    expect(new Set(left).size).to.equal(left.length);
    expect(left).to.have.length(24);
    // Each side's words are in the order they were said.
    for (const texts of [left, right]) {
      const own = ['before', 'while', 'last'].flatMap((word) => texts.filter((text) => text.startsWith(word)));
      expect(own).to.deep.equal(texts.filter((text) => /^(before|while|last)/.test(text)));
    }
    expect([...phone.net.reusedKeys(), ...laptop.net.reusedKeys()]).to.deep.equal([]);
  });
});
