import { expect } from 'chai';
import { fromHex } from '../../src/bytes/text.ts';
import { decodeFrame } from '../../src/protocol/frame.ts';
import { readHello } from '../../src/protocol/handshake.ts';
import { now } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';

describe('one-time prekeys that are used up', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('keep nobody from writing: the session begins without one', async () => {
    const agent = await world.agent('Sara');
    const { device } = await now(agent.membership);
    // Somebody takes all that the relay gives out.
    for (let taken = 0, thief = await world.relay.enter(); taken < 60; taken++) {
      if (taken % 4 === 0) thief = await world.relay.enter();
      const { oneTime } = await thief.request('prekeys-fetch', { device: fromHex(device) });
      if (taken > 4 && taken % 4 === 0 && oneTime === null) break;
    }
    const phone = new HeldDevice();
    const customer = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    const { header } = decodeFrame(phone.net.sent[0]?.bytes ?? new Uint8Array());
    expect(header === null ? null : readHello(header).hello.oneTime).to.equal(null);
    await agent.claim(conversation);
    await agent.sendText(conversation, 'Good morning');
    expect(await textsWith(customer, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
  });
});
