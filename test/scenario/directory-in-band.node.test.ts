import { expect } from 'chai';
import { ChatWorld, Device, first, named, texts, textsWith } from '../support/chat-world.ts';
import { HostileTransport } from '../support/hostile-transport.ts';

describe('a directory that a peer sends', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  /** A customer whose relay tells nothing of new directories, in a conversation with Sara. */
  const cutOff = async () => {
    const transport = new HostileTransport();
    const sara = await world.agent('Sara');
    const eve = await world.raw('Eve');
    await sara.setDuty('off');
    const customer = await world.customer(new Device(), { ports: { ...new Device().tab(), transport } });
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await eve.hears('text', 'Hello');
    await sara.claim(conversation);
    await first(customer.conversations, ([one]) => named(one, 'joined').includes('Sara'));
    transport.letIn = (name) => name !== 'directory';
    return { sara, eve, customer, conversation };
  };

  it('tells of a revocation that the relay keeps back: by the sender’s first message after it', async () => {
    const { sara, eve, customer, conversation } = await cutOff();
    const talk = eve.talk();
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to: [world.deviceOf(talk)] });
    await first(customer.conversations, ([one]) => named(one, 'joined').length === 2);
    await first(sara.conversations, ([one]) => named(one, 'joined').includes('Eve'));
    await world.revoke('Eve');
    // The customer names an older directory; Sara's client hands it the newer one.
    await first(sara.conversations, ([one]) => named(one, 'removed').includes('Eve'));
    await customer.sendText(conversation, 'Which card?');
    const [view] = await first(customer.conversations, ([one]) => named(one, 'removed').includes('Eve'));
    expect(named(view, 'joined')).to.deep.equal(['Sara']);
    await eve.say(talk, { kind: 'text', content: { text: 'I am still here' }, to: [world.deviceOf(talk)] });
    await sara.sendText(conversation, 'The gold one');
    expect(await textsWith(customer, conversation, 'The gold one')).to.deep.equal([
      'Hello',
      'Which card?',
      'The gold one',
    ]);
  });

  it('is no better than one of the relay: an older one is nothing, a second one of a version the alarm', async () => {
    const { eve, customer, conversation } = await cutOff();
    const talk = eve.talk();
    const to = [world.deviceOf(talk)];
    const push = async (bundle: Uint8Array): Promise<unknown> =>
      eve.say(talk, { kind: 'directory', content: { bundle }, audience: 'direct', to });
    await push(await world.bundle({ version: 1, members: [] }));
    await push(new Uint8Array([1, 2, 3]));
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    const [view] = await first(customer.conversations, ([one]) => named(one, 'joined').length === 2);
    expect(view?.notices).to.deep.equal([]);
    expect((await first(customer.status, () => true)).verification.state).to.equal('verified');
    await push(await world.bundle({ name: 'Bank Exarnple' }));
    const { verification } = await first(customer.status, (status) => status.verification.state === 'alarm');
    expect(verification.deskName).to.equal('Bank Example');
    expect(texts(await first(customer.messages(conversation, 50), () => true))).to.deep.equal(['Hello']);
  });
});
