import { expect } from 'chai';
import { allDelivered, attended } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('an acknowledgement that cannot be opened', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('lets the other side ask for a new session as any other frame does', async () => {
    const { agent, customer, phone, conversation } = await attended(world);
    const old = phone.disk.copy();
    for (let i = 0; i < 2; i++) {
      await customer.sendText(conversation, `question ${i}`);
      await textsWith(agent, conversation, `question ${i}`);
      await agent.sendText(conversation, `answer ${i}`);
      await textsWith(customer, conversation, `answer ${i}`);
    }
    await allDelivered(customer, conversation);
    await allDelivered(agent, conversation);
    await phone.quiet();
    await customer.close();
    const restored = phone.restarted(old);
    const again = await world.customer(restored);
    await first(again.status, ({ connection }) => connection === 'online');
    // Nothing but an acknowledgement: it is of an epoch that the old state knows nothing of.
    await agent.markRead(conversation);
    await until(() => restored.net.sent.some(({ kind }) => kind === 'reset'), 8_000);
    await restored.quiet();
    // No time passes: the next words are in the session that the reset has brought.
    await agent.sendText(conversation, 'Are you well?');
    await textsWith(again, conversation, 'Are you well?');
    await again.sendText(conversation, 'I am');
    await textsWith(agent, conversation, 'I am');
    await allDelivered(agent, conversation);
    expect(restored.net.sent.filter(({ kind }) => kind === 'reset')).to.have.length(1);
  });
});
