import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { ChatWorld, Device, first, named, textsWith } from '../support/chat-world.ts';
import { HostileTransport } from '../support/hostile-transport.ts';
import { RawDevice, type Talk } from '../support/raw-device.ts';
import { toHex } from '../../src/bytes/text.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

describe('impostors', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  const talkOf = (customer: Uint8Array): Talk => {
    const salt = random(16);
    return { id: conversationIdOf({ desk: world.relay.desk, customerKey: customer, salt }), customer, salt };
  };

  it('that are members cannot pose as a customer, and strangers cannot speak in a customer’s conversation', async () => {
    const sara = await world.agent('Sara');
    const saraKey = world.keyOf('Sara');
    const eve = await world.raw('Eve');
    const own = talkOf(eve.keys.key);
    await eve.hello(saraKey, own);
    await eve.say(own, { kind: 'start', content: { topic: 'Trap' }, to: [world.idOf('Sara')] });

    const mallory = await RawDevice.make(world.relay);
    await mallory.enter();
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    const talk = await world.talkOf(conversation);
    // A stranger in the conversation of another, towards both ends.
    for (const [key, id] of [
      [saraKey, world.idOf('Sara')],
      [talk.customer, world.deviceOf(talk)],
    ] as const) {
      await mallory.hello(key, talk);
      await mallory.say(talk, { kind: 'text', content: { text: 'Trust me' }, to: [id] });
    }
    await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    expect(await textsWith(customer, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
    expect(await textsWith(sara, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
    const views = await first(sara.conversations, () => true);
    expect(views.map(({ id }) => id)).to.deep.equal([conversation]);
    const [view] = await first(customer.conversations, () => true);
    expect(named(view, 'joined')).to.deep.equal(['Sara']);
  });

  it('cannot open a conversation under an id of another, nor one that its customer has not made', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    const eve = await world.raw('Eve');
    const real = await world.talkOf(conversation);
    // A conversation of this customer that it never made.
    const other = talkOf(real.customer);
    await eve.hello(real.customer, other);
    await eve.say(other, { kind: 'join', content: { how: 'claim', have: [] }, to: [real.device] });
    // A message of one conversation in a session of another.
    await eve.hello(real.customer, real);
    const foreign = await eve.sign(other, { kind: 'text', content: { text: 'Wrong place' }, to: [real.device] });
    await eve.send(real.device, real, foreign);
    await eve.say(real, { kind: 'join', content: { how: 'claim', have: [] }, to: [real.device] });
    await first(customer.conversations, (views) => named(views[0], 'joined').includes('Eve'));
    const views = await first(customer.conversations, () => true);
    expect(views.map(({ id }) => id)).to.deep.equal([conversation]);
    expect((await first(customer.messages(conversation, 50), () => true)).map(({ text }) => text)).to.not.include(
      'Wrong place',
    );
  });

  it('that run the relay cannot make an agent join what is not of its customer', async () => {
    const device = new Device();
    const transport = new HostileTransport();
    const eve = await world.raw('Eve');
    const sara = await world.agent('Sara', device, 'agent', { ...device.tab(), transport });
    const stranger = await RawDevice.make(world.relay);
    const foreign = random(16);
    const trap = talkOf(eve.keys.key);
    const entry = { since: Date.now(), state: 'waiting' as const, by: null };
    transport.push('queue', {
      entries: [
        { ...entry, conversation: foreign, key: stranger.keys.key, salt: random(16) },
        { ...entry, conversation: trap.id, key: trap.customer, salt: trap.salt },
      ],
    });
    await first(sara.queue, (queue) => queue.length === 2);
    const codes: unknown[] = [];
    for (const id of [foreign, trap.id])
      codes.push(await sara.claim(toHex(id)).catch((error: unknown) => (error as { code: string }).code));
    expect(codes).to.deep.equal(['conversation-foreign', 'handshake-sender']);
    expect(await first(sara.conversations, () => true)).to.deep.equal([]);
  });
});
