import { expect } from 'chai';
import type { CustomerClient } from '../../src/engine/views.ts';
import type { RawDevice, Talk } from '../support/raw-device.ts';
import { ChatWorld, first, named, textsWith } from '../support/chat-world.ts';

describe('joining', () => {
  let world: ChatWorld;
  let customer: CustomerClient;
  let conversation: string;
  let ada: RawDevice;
  let talk: Talk;
  let to: Uint8Array[];

  beforeEach(async () => {
    world = await ChatWorld.start();
    ada = await world.raw('Ada');
    customer = await world.customer();
    ({ conversation } = await customer.startConversation({ topic: null, text: 'Hello' }));
    await ada.hears('text', 'Hello');
    talk = ada.talk();
    to = [world.deviceOf(talk)];
    await ada.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    await first(customer.conversations, ([one]) => one?.state === 'active');
  });
  afterEach(() => world.stop());

  it('to supervise is for supervisors alone', async () => {
    const ben = await world.raw('Ben');
    const zoe = await world.raw('Zoe', 'supervisor');
    for (const member of [ben, zoe]) {
      await member.hello(talk.customer, talk);
      await member.say(talk, { kind: 'join', content: { how: 'supervise', have: [] }, to });
    }
    const [view] = await first(customer.conversations, ([one]) => named(one, 'joined').includes('Zoe'));
    expect(named(view, 'joined')).to.deep.equal(['Ada', 'Zoe']);
    const messages = await first(customer.messages(conversation, 50), () => true);
    expect(messages.filter(({ kind }) => kind === 'join').map(({ from }) => from.name)).to.deep.equal(['Ada', 'Zoe']);
    await zoe.hears('participants');
    expect(zoe.heard.map(({ kind }) => kind)).to.not.include('history');
    expect(ben.heard.map(({ kind }) => kind)).to.not.include('participants');
  });

  it('by transfer waits for the transfer that names the joiner', async () => {
    const ben = await world.raw('Ben');
    const max = await world.raw('Max');
    for (const member of [ben, max]) {
      await member.hello(talk.customer, talk);
      await member.say(talk, { kind: 'join', content: { how: 'transfer', have: [] }, to });
      await member.say(talk, { kind: 'text', content: { text: `I am sent` }, to });
      await member.hears('receipt');
    }
    expect(named((await first(customer.conversations, () => true))[0], 'joined')).to.deep.equal(['Ada']);
    await ada.say(talk, { kind: 'transfer', content: { device: ben.keys.id, history: 'none' }, to });
    await first(customer.conversations, ([one]) => named(one, 'joined').includes('Ben'));
    await ada.say(talk, { kind: 'leave', content: {}, to });
    const [view] = await first(customer.conversations, ([one]) => named(one, 'left').includes('Ada'));
    expect(view?.state).to.equal('active');
    expect(named(view, 'joined')).to.deep.equal(['Ben']);
    const messages = await first(customer.messages(conversation, 50), () => true);
    expect(messages.filter(({ own }) => !own).map(({ kind, from }) => `${from.name} ${kind}`)).to.deep.equal([
      'Ada join',
      'Ada transfer',
      'Ben join',
      'Ben text',
      'Ada leave',
    ]);
    // What was said before is Ada's to tell, and she chose not to.
    expect(ben.heard.map(({ kind }) => kind)).to.not.include('history');
    expect((await first(customer.conversations, () => true))[0]?.notices).to.deep.equal([]);
  });

  it('is not undone by a leave that the relay delivers late', async () => {
    const leave = await ada.sign(talk, { kind: 'leave', content: {}, to });
    await ada.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    await ada.say(talk, { kind: 'text', content: { text: 'Back again' }, to });
    await textsWith(customer, conversation, 'Back again');
    for (const device of to) await ada.send(device, talk, leave);
    await ada.say(talk, { kind: 'text', content: { text: 'Still here' }, to });
    await textsWith(customer, conversation, 'Still here');
    expect(named((await first(customer.conversations, () => true))[0], 'joined')).to.deep.equal(['Ada']);
  });

  it('of several names each, and each hears what is said from then on', async () => {
    const others = await Promise.all(Array.from({ length: 2 }, (_, i) => world.raw(`Extra ${i}`)));
    for (const member of others) {
      await member.hello(talk.customer, talk);
      await member.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    }
    const [view] = await first(customer.conversations, ([one]) => named(one, 'joined').length === 3);
    expect(named(view, 'joined')).to.deep.equal(['Ada', 'Extra 0', 'Extra 1']);
    await customer.sendText(conversation, 'To all of you');
    for (const member of [ada, ...others]) await member.hears('text', 'To all of you');
  });
});
