import { expect } from 'chai';
import { allDelivered, attended, now, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

const HOUR = 3_600_000;

describe('a directory that was not renewed in time', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('stops everything in both directions; a fresh one lets it go on', async () => {
    const { agent, customer, phone, laptop, clock, conversation } = await attended(world);
    clock.forward(49 * HOUR);
    await first(customer.status, ({ verification }) => verification.state === 'stale');
    const sent = [phone, laptop].map(({ net }) => net.sent.length);
    await customer.sendText(conversation, 'question');
    await agent.sendText(conversation, 'answer');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([phone, laptop].map(({ net }) => net.sent.length)).to.deep.equal(sent);
    expect(await shown(agent, conversation)).to.not.include('question');
    const [own] = (await now(customer.messages(conversation, 50))).slice(-1);
    expect(own?.progress).to.equal('held');
    await world.publish(freshAt(clock.now()));
    await textsWith(agent, conversation, 'question', 15_000);
    await textsWith(customer, conversation, 'answer', 15_000);
    await allDelivered(customer, conversation);
    await allDelivered(agent, conversation);
  });

  it('keeps mail that has come already waiting at the relay', async () => {
    const { agent, customer, phone, clock, conversation } = await attended(world);
    let isDown = true;
    phone.net.isDown = () => isDown;
    phone.net.cut();
    await agent.sendText(conversation, 'answer');
    await first(agent.messages(conversation, 50), (all) => all.at(-1)?.progress === 'sent');
    clock.forward(49 * HOUR);
    const acks = phone.net.requests.filter((type) => type === 'ack').length;
    isDown = false;
    await first(customer.status, ({ connection }) => connection === 'online', 15_000);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(phone.net.requests.filter((type) => type === 'ack').length).to.equal(acks);
    expect(await shown(customer, conversation)).to.not.include('answer');
    await world.publish(freshAt(clock.now()));
    await textsWith(customer, conversation, 'answer', 15_000);
  });
});

function freshAt(now: number): { issuedAt: number; freshUntil: number; renewUntil: number } {
  return { issuedAt: now, freshUntil: now + 48 * HOUR, renewUntil: now + 720 * HOUR };
}
