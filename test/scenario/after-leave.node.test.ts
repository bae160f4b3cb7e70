import { expect } from 'chai';
import { ChatWorld, first, named, texts, textsWith } from '../support/chat-world.ts';

describe('a member that has left or never joined', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is heard only from its join on; what it said before appears behind it, and what it says after leaving does not', async () => {
    const eve = await world.raw('Eve');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    const talk = eve.talk();
    const to = [world.deviceOf(talk)];
    await eve.say(talk, { kind: 'text', content: { text: 'Before' }, to });
    await eve.hears('receipt');
    expect(texts(await first(customer.messages(conversation, 50), () => true))).to.deep.equal(['Hello']);
    expect((await first(customer.conversations, () => true))[0]?.unread).to.equal(0);
    await eve.say(talk, { kind: 'close', content: {}, to });
    // A close of who has not joined closes nothing.
    await customer.sendText(conversation, 'Anybody?');
    await eve.hears('text', 'Anybody?');
    expect((await first(customer.conversations, () => true))[0]?.state).to.equal('waiting');
  });

  it('cannot show words of after its leave, until it joins again', async () => {
    const eve = await world.raw('Eve');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    const talk = eve.talk();
    const to = [world.deviceOf(talk)];
    await eve.say(talk, { kind: 'text', content: { text: 'Before' }, to });
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to });
    expect(await textsWith(customer, conversation, 'Before')).to.deep.equal(['Hello', 'Before']);
    const messages = await first(customer.messages(conversation, 50), () => true);
    const kinds = messages.filter(({ own }) => !own).map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['join', 'text']);
    const [view] = await first(customer.conversations, ([one]) => one?.state === 'active');
    expect(view?.unread).to.equal(1);
    expect(view?.preview).to.equal('Before');
    await eve.say(talk, { kind: 'leave', content: {}, to });
    await first(customer.conversations, ([one]) => named(one, 'left').length === 1);
    await eve.say(talk, { kind: 'text', content: { text: 'After' }, to });
    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to }, {});
    expect(await textsWith(customer, conversation, 'After')).to.deep.equal(['Hello', 'Before', 'After']);
    const all = await first(customer.messages(conversation, 50), () => true);
    expect(all.filter(({ own }) => !own).map(({ kind }) => kind)).to.deep.equal([
      'join',
      'text',
      'leave',
      'join',
      'text',
    ]);
    expect((await first(customer.conversations, () => true))[0]?.notices).to.deep.equal([]);
  });
});
