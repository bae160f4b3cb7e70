import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { compare } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { ChatWorld, first, named } from '../support/chat-world.ts';
import { RawDevice, type Talk } from '../support/raw-device.ts';

describe('who takes part, when the relay delivers late', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is what the customer said last, not what came last: nobody who has left is written to again', async () => {
    const eve = await world.raw('Eve');
    const sara = await world.agent('Sara');
    await first(sara.membership, ({ state }) => state === 'member');
    const customer = await (await RawDevice.make(world.relay)).enter();
    const salt = new Uint8Array(randomBytes(16));
    const talk: Talk = {
      id: conversationIdOf({ desk: world.relay.desk, customerKey: customer.keys.key, salt }),
      customer: customer.keys.key,
      salt,
    };
    const id = world.idOf('Sara');
    const conversation = toHex(talk.id);
    await customer.hello(world.keyOf('Sara'), talk);
    await customer.say(talk, { kind: 'start', content: { topic: null }, to: [id] });
    await customer.say(talk, { kind: 'text', content: { text: 'Hello' }, to: [id] });
    await customer.client.request('announce', { conversation: talk.id, salt });
    await first(sara.queue, (queue) =>
      queue.some(({ known, state }) => known?.preview === 'Hello' && state === 'waiting'),
    );
    await sara.claim(conversation);
    await customer.hears('join');
    const both = [eve.keys.id, id].sort(compare);
    const say = (devices: Uint8Array[]) =>
      customer.sign(talk, { kind: 'participants', content: { devices, heads: [] }, to: [id] });
    const alone = await say([id]);
    const together = await say(both);
    const aloneAgain = await say([id]);
    await customer.send(id, talk, alone);
    await customer.send(id, talk, together);
    await first(sara.conversations, ([one]) => named(one, 'joined').length === 2);
    await sara.sendText(conversation, 'To both');
    expect((await customer.hears('text', 'To both')).message.to).to.have.length(2);
    await customer.send(id, talk, aloneAgain);
    await first(sara.conversations, ([one]) => named(one, 'joined').length === 1);
    await sara.sendText(conversation, 'To one');
    expect((await customer.hears('text', 'To one')).message.to).to.have.length(1);

    // Said before, delivered behind.
    const late = await say(both);
    const newest = await say([id]);
    await customer.send(id, talk, newest);
    await customer.send(id, talk, late);
    await customer.say(talk, { kind: 'text', content: { text: 'Go on' }, to: [id] });
    await first(sara.conversations, ([one]) => one?.preview === 'Go on');
    await sara.sendText(conversation, 'Still to one');
    expect((await customer.hears('text', 'Still to one')).message.to).to.have.length(1);
    expect(named((await first(sara.conversations, () => true))[0], 'joined')).to.deep.equal(['Sara']);
  });

  it('does not make an agent a participant again who has left', async () => {
    const sara = await world.agent('Sara');
    const customer = await (await RawDevice.make(world.relay)).enter();
    const salt = new Uint8Array(randomBytes(16));
    const talk: Talk = {
      id: conversationIdOf({ desk: world.relay.desk, customerKey: customer.keys.key, salt }),
      customer: customer.keys.key,
      salt,
    };
    const id = world.idOf('Sara');
    await customer.hello(world.keyOf('Sara'), talk);
    await customer.say(talk, { kind: 'text', content: { text: 'Hello' }, to: [id] });
    await customer.client.request('announce', { conversation: talk.id, salt });
    await first(sara.queue, (queue) => queue.some(({ known, state }) => known !== null && state === 'waiting'));
    await sara.claim(toHex(talk.id));
    await customer.hears('join');
    await sara.leave(toHex(talk.id), { requeue: true });
    await customer.hears('leave');
    await customer.say(talk, { kind: 'participants', content: { devices: [id], heads: [] }, to: [id] });
    await customer.say(talk, { kind: 'text', content: { text: 'Are you there?' }, to: [id] });
    const [view] = await first(sara.conversations, ([one]) => one?.preview === 'Are you there?');
    expect(view?.joined).to.equal(false);
    expect(view?.state).to.equal('waiting');
  });
});
