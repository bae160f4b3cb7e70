import { expect } from 'chai';
import { allDelivered, attended, shown } from '../support/attended.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';

describe('a connection that breaks between what the relay did and its answer', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  for (const type of ['send', 'ack', 'subscribe', 'directory-watch'] as const) {
    it(`does no harm (${type})`, async () => {
      const { agent, customer, phone, laptop, conversation } = await attended(world);
      let cuts = 0;
      for (const { net } of [phone, laptop]) {
        let left = 2;
        net.cutsAnswer = (asked) => asked === type && left-- > 0 && ++cuts > 0;
        if (type === 'subscribe' || type === 'directory-watch') net.cut();
      }
      for (let i = 0; i < 3; i++) {
        await customer.sendText(conversation, `question ${i}`);
        await textsWith(agent, conversation, `question ${i}`, 15_000);
        await agent.sendText(conversation, `answer ${i}`);
        await textsWith(customer, conversation, `answer ${i}`, 15_000);
      }
      await allDelivered(customer, conversation, 15_000);
      await allDelivered(agent, conversation, 15_000);
      expect(cuts).to.equal(4);
      const expected = ['Hello', 'Good morning', ...[0, 1, 2].flatMap((i) => [`question ${i}`, `answer ${i}`])];
      expect(await shown(customer, conversation)).to.deep.equal(expected);
      expect(await shown(agent, conversation)).to.deep.equal(expected);
      expect([...phone.net.reusedKeys(), ...laptop.net.reusedKeys()]).to.deep.equal([]);
    });
  }
});
