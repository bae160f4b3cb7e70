import { expect } from 'chai';
import { ChatWorld, Device, first, textsWith } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';

describe('an agent who leaves without a network', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('gives the conversation back when it is there again, and the next one is told everything', async () => {
    const laptop = new HeldDevice();
    const phone = new Device();
    const sara = await world.agent('Sara', laptop);
    const customer = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    await first(sara.messages(conversation, 50), (all) =>
      all.filter(({ own }) => own).every(({ progress }) => progress === 'delivered'),
    );
    await customer.close();
    laptop.net.isDown = () => true;
    laptop.net.cut();
    await first(sara.status, ({ connection }) => connection !== 'online');
    const leaving = sara.leave(conversation, { requeue: true });
    await first(sara.conversations, ([one]) => one?.joined === false);
    laptop.clock.forward(6_000);
    await leaving;
    const ben = await world.agent('Ben');
    const [claimed] = await first(ben.queue, (queue) => queue.length === 1);
    expect(claimed?.state).to.equal('claimed');
    laptop.net.isDown = () => false;
    laptop.clock.forward(60_000);
    await first(ben.queue, ([entry]) => entry?.state === 'waiting', 15_000);
    await ben.claim(conversation);
    await ben.sendText(conversation, 'Ben here');
    await first(ben.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'Ben here' && progress === 'sent'),
    );
    const again = await world.customer(phone);
    expect(await textsWith(again, conversation, 'Ben here')).to.deep.equal(['Hello', 'Good morning', 'Ben here']);
    await textsWith(ben, conversation, 'Good morning');
    const messages = await first(ben.messages(conversation, 50), () => true);
    expect(messages.filter(({ history }) => history).map(({ text }) => text)).to.include.members([
      'Hello',
      'Good morning',
    ]);
  });
});
