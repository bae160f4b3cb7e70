import { expect } from 'chai';
import { allDelivered, attended, notices, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

const MINUTE = 60_000;

describe("an agent's device whose state is put back to an older one", function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('heals, also when only the customer goes on speaking', async () => {
    const { agent, customer, laptop, clock, conversation } = await attended(world);
    const old = laptop.disk.copy();
    for (let i = 0; i < 2; i++) {
      await customer.sendText(conversation, `question ${i}`);
      await textsWith(agent, conversation, `question ${i}`);
      await agent.sendText(conversation, `answer ${i}`);
      await textsWith(customer, conversation, `answer ${i}`);
    }
    await allDelivered(customer, conversation);
    await allDelivered(agent, conversation);
    await agent.close();
    const again = await world.reopen(laptop.restarted(old));
    await first(again.status, ({ connection }) => connection === 'online');
    await customer.sendText(conversation, 'Are you still there?');
    await customer.sendText(conversation, 'Please?');
    for (let minutes = 0; minutes < 16; minutes++) {
      clock.forward(MINUTE);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    await textsWith(again, conversation, 'Are you still there?');
    await textsWith(again, conversation, 'Please?');
    await allDelivered(customer, conversation);
    expect(await notices(again, conversation))
      .to.include('rolled-back')
      .and.include('gap');
    await again.sendText(conversation, 'Yes');
    await textsWith(customer, conversation, 'Yes');
    await customer.sendText(conversation, 'Fine');
    await textsWith(again, conversation, 'Fine');
    await allDelivered(again, conversation);
    const heard = await shown(customer, conversation);
    expect(new Set(heard).size).to.equal(heard.length);
    expect(await notices(customer, conversation)).to.include('restored');
  });

  it('heals when even the session is younger than what it was put back to', async () => {
    const { agent, customer, laptop, clock, conversation } = await attended(world);
    // The conversation is known to the old state, its sessions are not: they were made anew afterwards.
    const old = laptop.disk.copy();
    clock.forward(1);
    await customer.close();
    await agent.close();
    const again = await world.reopen(laptop.restarted(old));
    expect(again).not.to.equal(agent);
    void customer;
    await first(again.status, ({ connection }) => connection === 'online');
  });
});
