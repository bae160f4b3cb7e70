import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { toHex } from '../../src/bytes/text.ts';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { ChatWorld, first, named, texts, textsWith } from '../support/chat-world.ts';
import { RawDevice } from '../support/raw-device.ts';

describe('limits of taking part', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('keeps 64 messages of a member that has not joined, acknowledges no more, and takes the others later', async () => {
    const eve = await world.raw('Eve');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    const talk = eve.talk();
    const to = [world.deviceOf(talk)];
    const pairs = [];
    for (let i = 0; i < 66; i++) pairs.push(await eve.say(talk, { kind: 'text', content: { text: `${i}` }, to }));
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    await first(customer.conversations, ([one]) => one?.state === 'active', 20_000);
    const messages = await first(customer.messages(conversation, 200), () => true);
    expect(texts(messages)).to.deep.equal(['Hello', ...Array.from({ length: 64 }, (_, i) => `${i}`)]);
    // Two are known to be missing.
    const [gap] = await first(customer.conversations, () => true);
    expect(gap?.notices).to.deep.equal(['gap']);
    expect(gap?.unread).to.equal(64);
    for (const pair of pairs.slice(64)) for (const device of to) await eve.send(device, talk, pair);
    await textsWith(customer, conversation, '65');
    const [whole] = await first(customer.conversations, ([one]) => one?.notices.length === 0);
    expect(whole?.unread).to.equal(66);
  });

  it('tells a long history whole and in order', async () => {
    const sara = await world.agent('Sara');
    await sara.setDuty('off');
    const eve = await world.raw('Eve');
    await eve.client.request('duty', { state: 'on' });
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Start' });
    const wanted = ['Start'];
    for (let i = 0; i < 150; i++) {
      const text = `${i} ${'x'.repeat(i % 10 === 0 ? 9_000 : 10)}`;
      wanted.push(text);
      await customer.sendText(conversation, text);
    }
    await first(sara.queue, (queue) => queue.length === 1);
    await eve.hears('text', wanted.at(-1), 30_000);
    await sara.claim(conversation);
    const messages = await first(
      sara.messages(conversation, 500),
      (all) => all.some(({ text }) => text === wanted.at(-1)),
      30_000,
    );
    expect(texts(messages)).to.deep.equal(wanted);
    expect(messages.filter(({ kind }) => kind === 'text').every(({ history }) => history)).to.equal(true);
    const [view] = await first(sara.conversations, ([one]) => one?.state === 'active');
    expect(view?.notices).to.deep.equal([]);
    expect(view?.preview.startsWith('149 ')).to.equal(true);
    const [own] = await first(customer.conversations, () => true);
    expect(named(own, 'joined')).to.deep.equal(['Sara']);
  });

  it('a conversation that was released and is asked for again begins anew', async () => {
    const sara = await world.agent('Sara');
    const saraKey = world.keyOf('Sara');
    const id = world.idOf('Sara');
    const customer = await (await RawDevice.make(world.relay)).enter();
    const salt = new Uint8Array(randomBytes(16));
    const talk = {
      id: conversationIdOf({ desk: world.relay.desk, customerKey: customer.keys.key, salt }),
      customer: customer.keys.key,
      salt,
    };
    for (const round of ['one', 'two', 'three']) {
      await customer.hello(saraKey, talk);
      const start = await customer.sign(talk, { kind: 'start', content: { topic: `about ${round}` }, to: [id] });
      const text = await customer.sign(talk, { kind: 'text', content: { text: round }, to: [id] });
      const release = await customer.sign(talk, {
        kind: 'release',
        content: { joined: id },
        audience: 'direct',
        to: [id],
      });
      const frames = [];
      for (const pair of round === 'three' ? [start, text] : [start, text, release])
        frames.push(await customer.frame(id, talk, pair));
      await customer.client.request('send', {
        items: frames.map((bytes) => ({ to: id, kind: 'frame' as const, bytes })),
      });
    }
    expect(await textsWith(sara, toHex(talk.id), 'three')).to.deep.equal(['three']);
    const [view] = await first(sara.conversations, ([one]) => one?.topic === 'about three');
    expect(view?.state).to.equal('waiting');
  });
});
