import { expect } from 'chai';
import { allDelivered, attended, lastSession, notices, pass, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

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
    await pass(clock, 16);
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

  it('heals when the session in use is younger than what it was put back to', async () => {
    const { agent, customer, phone, laptop, clock, conversation } = await attended(world);
    const oldPhone = phone.disk.copy();
    const oldLaptop = laptop.disk.copy();
    await customer.sendText(conversation, 'lost question');
    await textsWith(agent, conversation, 'lost question');
    await customer.close();
    // The customer's device begins anew and makes new sessions for it.
    const phoneAgain = phone.restarted(oldPhone);
    const customerAgain = await world.customer(phoneAgain);
    await agent.sendText(conversation, 'Hm?');
    await textsWith(customerAgain, conversation, 'Hm?');
    await customerAgain.sendText(conversation, 'I said');
    await pass(clock, 16);
    await textsWith(agent, conversation, 'I said');
    for (let i = 0; i < 5; i++) {
      await customerAgain.sendText(conversation, `You see ${i}`);
      await textsWith(agent, conversation, `You see ${i}`);
      await agent.sendText(conversation, `I see ${i}`);
      await textsWith(customerAgain, conversation, `I see ${i}`);
      await allDelivered(agent, conversation);
      await allDelivered(customerAgain, conversation);
    }
    // Both have come to the same new session, and it has gone on: no frame carries its hello any more.
    expect(lastSession(phoneAgain)).to.equal(lastSession(laptop));
    expect(lastSession(phoneAgain)).to.not.equal(lastSession(phone));
    await agent.close();
    const again = laptop.restarted(oldLaptop);
    const agentAgain = await world.reopen(again);
    await first(agentAgain.status, ({ connection }) => connection === 'online');
    const resets = laptop.net.sent.filter(({ kind }) => kind === 'reset').length;
    await customerAgain.sendText(conversation, 'And now?');
    // The session is unknown, and the frame carries no hello but the header of a later epoch: the agent's device asks for
    // another session, without any waiting.
    await textsWith(agentAgain, conversation, 'And now?');
    expect(resets).to.equal(0);
    expect(again.net.sent.some(({ kind }) => kind === 'reset')).to.equal(true);
    await pass(clock, 16);
    await agentAgain.sendText(conversation, 'Now as well');
    await textsWith(customerAgain, conversation, 'Now as well');
    await allDelivered(agentAgain, conversation);
    await allDelivered(customerAgain, conversation);
  });
});
