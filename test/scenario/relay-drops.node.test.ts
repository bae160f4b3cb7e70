import { expect } from 'chai';
import { decodeFrame } from '../../src/protocol/frame.ts';
import { allDelivered, attended, now, pass, shown, type Attended } from '../support/attended.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';
import type { Meddler } from '../support/meddler.ts';

type Passes = Meddler['passes'];

describe('a relay that says "accepted" and drops', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  const inEnd = async (scene: Attended, passes: () => Passes): Promise<void> => {
    const { agent, customer, phone, laptop, clock, conversation } = scene;
    for (const { net } of [phone, laptop]) net.passes = passes();
    const said = ['Hello', 'Good morning'];
    for (let i = 0; i < 8; i++) {
      await customer.sendText(conversation, `question ${i}`);
      await new Promise((resolve) => setTimeout(resolve, 60));
      await agent.sendText(conversation, `answer ${i}`);
      await new Promise((resolve) => setTimeout(resolve, 60));
      said.push(`question ${i}`, `answer ${i}`);
    }
    for (const { net } of [phone, laptop]) net.passes = () => true;
    // Something is heard from either side again.
    await customer.sendText(conversation, 'last question');
    await agent.sendText(conversation, 'last answer');
    said.push('last question', 'last answer');
    await pass(clock, 20);
    await allDelivered(customer, conversation);
    await allDelivered(agent, conversation);
    for (const client of [customer, agent]) {
      expect([...(await shown(client, conversation))].sort()).to.deep.equal([...said].sort());
    }
    expect([...phone.net.reusedKeys(), ...laptop.net.reusedKeys()]).to.deep.equal([]);
  };

  it('loses nothing for good when every third frame goes', async () => {
    await inEnd(await attended(world), () => {
      let count = 0;
      return () => ++count % 3 !== 0;
    });
  });

  it('loses nothing for good when the first frame of every epoch goes', async () => {
    await inEnd(
      await attended(world),
      () =>
        ({ bytes, kind }) =>
          kind !== 'frame' || decodeFrame(bytes).n !== 0,
    );
  });

  it('loses nothing for good when everything goes for a while', async () => {
    await inEnd(await attended(world), () => () => false);
  });

  it('shows nothing twice when the acknowledgements go and everything is sent again', async () => {
    const { agent, customer, laptop, clock, conversation } = await attended(world);
    laptop.net.passes = () => false;
    const said = ['Hello', 'Good morning'];
    for (let i = 0; i < 4; i++) {
      await customer.sendText(conversation, `question ${i}`);
      said.push(`question ${i}`);
    }
    await textsWith(agent, conversation, 'question 3');
    await laptop.quiet();
    laptop.net.passes = () => true;
    const before = laptop.net.pushed.length;
    await agent.sendText(conversation, 'answer');
    said.push('answer');
    await textsWith(customer, conversation, 'answer');
    const own = await now(customer.messages(conversation, 50));
    expect(own.filter(({ progress }) => progress === 'sent').map(({ text }) => text)).to.deep.equal(said.slice(2, 6));
    await pass(clock, 4);
    await allDelivered(customer, conversation);
    // Four came again, beside the acknowledgement of the answer.
    expect(laptop.net.pushed.length - before).to.be.at.least(5);
    for (const client of [customer, agent]) expect(await shown(client, conversation)).to.deep.equal(said);
  });
});
