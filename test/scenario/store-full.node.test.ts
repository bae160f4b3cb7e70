import { expect } from 'chai';
import { allDelivered, attended, shown } from '../support/attended.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';

describe('a disk without room', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('refuses what is said, keeps what was said before, and says so; with room again all goes on', async () => {
    const { agent, customer, phone, conversation } = await attended(world);
    let isDown = true;
    phone.net.isDown = () => isDown;
    phone.net.cut();
    await first(customer.status, ({ connection }) => connection !== 'online');
    await customer.sendText(conversation, 'kept');
    await agent.sendText(conversation, 'on its way');
    phone.full = true;
    expect(await codeOfThrow(() => customer.sendText(conversation, 'refused'))).to.equal('store-full');
    expect(await shown(customer, conversation)).to.deep.equal(['Hello', 'Good morning', 'kept']);
    isDown = false;
    const status = await first(customer.status, ({ problem }) => problem?.code === 'store-full', 15_000);
    expect(status.problem?.recoverable).to.equal(true);
    expect(await shown(agent, conversation)).to.deep.equal(['Hello', 'Good morning', 'on its way']);
    phone.full = false;
    await textsWith(agent, conversation, 'kept', 15_000);
    await textsWith(customer, conversation, 'on its way', 15_000);
    await allDelivered(agent, conversation, 15_000);
    await allDelivered(customer, conversation, 15_000);
    await first(customer.status, ({ problem }) => problem === null, 15_000);
    await customer.sendText(conversation, 'refused');
    await textsWith(agent, conversation, 'refused');
    expect(phone.net.reusedKeys()).to.deep.equal([]);
  });
});
