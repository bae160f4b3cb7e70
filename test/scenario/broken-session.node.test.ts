import { expect } from 'chai';
import { allDelivered, attended, pass, shown } from '../support/attended.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';
import type { Mail } from '../support/meddler.ts';

describe('a session in which frames do not decrypt', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is given up after five and replaced; what did not arrive comes again', async () => {
    const { agent, customer, laptop, clock, conversation } = await attended(world);
    let bad = 0;
    const spoiled = (mail: Mail): Mail => {
      if (mail.kind !== 'frame' || bad >= 7) return mail;
      bad++;
      const bytes = mail.bytes.slice();
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return { ...mail, bytes };
    };
    laptop.net.onMail = (mail) => [spoiled(mail)];
    const before = laptop.net.sent.filter(({ kind }) => kind === 'reset').length;
    for (let i = 0; i < 9; i++) await customer.sendText(conversation, `text ${i}`);
    await textsWith(agent, conversation, 'text 8');
    expect(bad).to.equal(7);
    // The relay has spoiled them, so the reset names nothing that was sent: the customer need not take it.
    expect(laptop.net.sent.filter(({ kind }) => kind === 'reset').length - before).to.be.at.least(1);
    await agent.sendText(conversation, 'I hear half of it');
    await textsWith(customer, conversation, 'I hear half of it');
    await pass(clock, 16);
    await allDelivered(customer, conversation);
    await allDelivered(agent, conversation);
    expect([...(await shown(agent, conversation))].sort()).to.deep.equal(
      ['Hello', 'Good morning', 'I hear half of it', ...Array.from({ length: 9 }, (_, i) => `text ${i}`)].sort(),
    );
  });
});
