import { expect } from 'chai';
import { decodeFrame } from '../../src/protocol/frame.ts';
import { allDelivered, attended } from '../support/attended.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';

describe('a monologue', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is carried by ever new epochs although the other side only acknowledges', async () => {
    const { agent, customer, phone, laptop, conversation } = await attended(world);
    const [from, fromOther] = [phone.net.sent.length, laptop.net.sent.length];
    for (let i = 0; i < 120; i++) {
      await customer.sendText(conversation, `text ${i}`);
      if (i % 5 === 4) await textsWith(agent, conversation, `text ${i}`);
    }
    await allDelivered(customer, conversation);
    const epochs = phone.net.sent.slice(from).map(({ bytes }) => decodeFrame(bytes).epoch);
    const answers = laptop.net.sent.slice(fromOther).map(({ bytes }) => decodeFrame(bytes).epoch);
    // After 32 frames the next acknowledgement opens an epoch, and the next text one after it.
    expect(new Set(answers).size).to.be.at.least(3);
    for (const epoch of new Set(epochs)) {
      expect(epochs.filter((other) => other === epoch).length).to.be.at.most(45);
    }
    // Two sides that say nothing fall silent: acknowledgements call for none.
    const quiet = phone.net.sent.length + laptop.net.sent.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(phone.net.sent.length + laptop.net.sent.length).to.equal(quiet);
  });
});
