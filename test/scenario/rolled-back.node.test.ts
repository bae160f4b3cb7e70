import { expect } from 'chai';
import { allDelivered, attended, notices, pass, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

describe('a device whose state is put back to an older one', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  for (const spoken of [1, 3]) {
    it(`heals when it is the customer's, ${spoken} exchanges old, and tells of the gap`, async () => {
      const { agent, customer, phone, clock, conversation } = await attended(world);
      const old = phone.disk.copy();
      for (let i = 0; i < spoken; i++) {
        await customer.sendText(conversation, `lost question ${i}`);
        await textsWith(agent, conversation, `lost question ${i}`);
        await agent.sendText(conversation, `lost answer ${i}`);
        await textsWith(customer, conversation, `lost answer ${i}`);
      }
      await allDelivered(customer, conversation);
      await allDelivered(agent, conversation);
      await customer.close();
      const restored = phone.restarted(old);
      const again = await world.customer(restored);
      await first(again.status, ({ connection }) => connection === 'online');
      await again.sendText(conversation, 'It is me again');
      await agent.sendText(conversation, 'Who?');
      await again.sendText(conversation, 'Me!');
      await pass(clock, 16);
      await textsWith(agent, conversation, 'It is me again');
      await textsWith(agent, conversation, 'Me!');
      await textsWith(again, conversation, 'Who?');
      await allDelivered(again, conversation);
      await allDelivered(agent, conversation);
      await agent.sendText(conversation, 'Well');
      expect((await textsWith(again, conversation, 'Well')).filter((text) => text === 'Well')).to.have.length(1);
      await again.sendText(conversation, 'Good');
      await textsWith(agent, conversation, 'Good');
      const heard = await shown(agent, conversation);
      expect(new Set(heard).size).to.equal(heard.length);
      expect(await notices(again, conversation))
        .to.include('rolled-back')
        .and.include('gap');
      expect(
        (await notices(agent, conversation)).some((code) => code === 'restored' || code === 'message-fork'),
      ).to.equal(true);
    });
  }
});
