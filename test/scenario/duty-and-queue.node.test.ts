import { expect } from 'chai';
import { toHex } from '../../src/bytes/text.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';
import { until } from '../support/relay-world.ts';
import { ShiftingClock } from '../support/shifting-clock.ts';

describe('duty and queue', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  const relayClock = new ShiftingClock();
  beforeEach(async () => {
    world = await ChatWorld.start({ durable: true, clock: relayClock });
  });
  afterEach(() => world.stop());

  it('duty is what the agent says, also after the connection was lost, and after a start', async () => {
    const laptop = new HeldDevice();
    const sara = await world.agent('Sara', laptop);
    const watcher = await world.raw('Watcher', 'supervisor');
    const onDuty = async (): Promise<string[]> =>
      (await watcher.client.request('duty-list', { desk: world.relay.desk })).devices.map(toHex);
    const id = toHex(world.idOf('Sara'));
    expect(await onDuty()).to.deep.equal([id]);
    await sara.setDuty('away');
    expect(await onDuty()).to.deep.equal([]);
    await first(sara.duty, (state) => state === 'away');
    await sara.setDuty('on');
    expect(await onDuty()).to.deep.equal([id]);
    laptop.net.isDown = () => true;
    laptop.net.cut();
    await first(sara.status, ({ connection }) => connection !== 'online');
    expect(await onDuty()).to.deep.equal([id]);
    // The relay has to have noticed too.
    await new Promise((resolve) => setTimeout(resolve, 300));
    relayClock.forward(31_000);
    expect(await onDuty()).to.deep.equal([]);
    laptop.net.isDown = () => false;
    await first(sara.status, ({ connection }) => connection === 'online');
    await until(async () => (await onDuty()).length === 1, 5_000);
    await sara.close();
    const again = await world.reopen(laptop);
    await first(again.duty, (state) => state === 'on');
    await until(async () => (await onDuty()).length === 1, 5_000);
    await again.setDuty('off');
    await until(async () => (await onDuty()).length === 0, 5_000);
  });

  it('the queue survives the relay: who waits keeps the place, and who claimed the claim', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const other = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'First' });
    await first(sara.queue, (queue) => queue.length === 1);
    const { conversation: second } = await other.startConversation({ topic: null, text: 'Second' });
    const before = await first(sara.queue, (queue) => queue.length === 2 && queue.every(({ known }) => known !== null));
    await sara.claim(second);
    await sara.sendText(second, 'Good morning');
    await textsWith(other, second, 'Good morning');
    await world.relay.halt();
    await world.relay.resume();
    const after = await first(sara.queue, (queue) => queue.some(({ state }) => state === 'claimed'), 20_000);
    expect(after.map((entry) => entry.conversation)).to.deep.equal([conversation, second]);
    expect(after.map(({ since }) => since)).to.deep.equal(before.map(({ since }) => since));
    expect(after.map(({ state, byName }) => [state, byName])).to.deep.equal([
      ['waiting', null],
      ['claimed', 'Sara'],
    ]);
    await first(sara.status, ({ connection }) => connection === 'online', 20_000);
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Your turn');
    await textsWith(customer, conversation, 'Your turn', 20_000);
  });

  it('a claim whose claimer never joins ends when the customer announces again', async () => {
    const phone = new HeldDevice();
    const sara = await world.agent('Sara');
    const eve = await world.raw('Eve');
    const customer = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    const [entry] = await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    const { entries } = await eve.client.request('queue-watch', {});
    await eve.client.request('claim', { conversation: entries[0]?.conversation ?? new Uint8Array(16) });
    await eve.client.close();
    await first(sara.queue, (queue) => queue[0]?.byName === 'Eve');
    const late = await sara.claim(conversation).catch((error: unknown) => error);
    expect(late).to.have.property('code', 'already-claimed');
    relayClock.forward(61_000);
    phone.clock.forward(30_000);
    const [again] = await first(sara.queue, (queue) => queue[0]?.state === 'waiting');
    expect(again?.since).to.equal(entry?.since);
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    expect(await textsWith(customer, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
  });
});
