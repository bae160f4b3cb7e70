import { expect } from 'chai';
import { allDelivered, attended, pass, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('a disk that loses its last write when the power fails', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  for (const direction of ['sending', 'receiving'] as const) {
    it(`goes on, whichever write it was (${direction}), and doubles nothing`, async () => {
      const scene = await attended(world);
      const { agent, clock, conversation } = scene;
      let { phone, customer } = scene;
      let failures = 0;
      for (let at = 1; at < 8; at++) {
        const text = `at ${at}`;
        const device = phone;
        // What followed from the write before has happened; that write is lost.
        await phone.quiet();
        phone.failAt(at, 'before');
        const speaker = direction === 'sending' ? customer : agent;
        void speaker.sendText(conversation, text);
        const quiet = new Promise((resolve) => setTimeout(resolve, 1_500));
        await Promise.race([until(() => device.dead, 8_000), quiet]);
        if (!phone.dead) break;
        failures++;
        phone = phone.restarted(phone.beforeLast ?? phone.disk);
        customer = await world.customer(phone);
        await first(customer.status, ({ connection }) => connection === 'online');
        await customer.sendText(conversation, `again ${at}`);
        await agent.sendText(conversation, `answer ${at}`);
        await pass(clock, 14);
        await textsWith(agent, conversation, `again ${at}`);
        await textsWith(customer, conversation, `answer ${at}`);
      }
      expect(failures).to.be.greaterThan(1);
      await allDelivered(customer, conversation);
      await allDelivered(agent, conversation);
      const [left, right] = [await shown(customer, conversation), await shown(agent, conversation)];
      for (const texts of [left, right]) expect(new Set(texts).size).to.equal(texts.length);
      // What the agent said is at the customer's in any case; what the customer said and lost may be at the agent's alone.
      expect(right).to.include.members(left);
      const fromAgent = right.filter(
        (text) => text.startsWith('answer') || (direction === 'receiving' && text.startsWith('at ')),
      );
      expect(left).to.include.members(fromAgent);
    });
  }
});
