import { expect } from 'chai';
import { openDeskClient } from '../../src/engine/desk.ts';
import { allDelivered, now } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';
import { until } from '../support/relay-world.ts';

describe('prekeys whose secrets were lost', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('cost a reset, and the first message arrives in the session after it', async () => {
    const laptop = new HeldDevice();
    const { origin } = world.relay;
    const agent = await openDeskClient({
      ...laptop.opening(),
      relay: origin,
      invitation: world.invite(),
      name: 'Sara',
    });
    await first(agent.membership, ({ state }) => state === 'pending');
    // Before it has made any.
    const old = laptop.disk.copy();
    await world.approveAll(1);
    await until(() => laptop.net.requests.filter((type) => type === 'prekeys-publish').length >= 6, 15_000);
    await agent.setDuty('on');
    await agent.close();
    const again = laptop.restarted(old);
    const restored = await world.reopen(again);
    await first(restored.membership, ({ state }) => state === 'member');
    await until(() => again.net.requests.includes('prekeys-publish'), 8_000);
    await restored.setDuty('on');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(restored.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'), 15_000);
    expect(again.net.sent.some(({ kind }) => kind === 'reset')).to.equal(true);
    await restored.claim(conversation);
    await restored.sendText(conversation, 'Good morning');
    expect(await textsWith(customer, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
    await allDelivered(customer, conversation);
    expect((await now(restored.conversations)).length).to.equal(1);
  });
});
