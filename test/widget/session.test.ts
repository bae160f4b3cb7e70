import { expect } from 'chai';
import { ChatError, codeOf } from '../../src/errors.ts';
import { Session } from '../../src/widget/session.ts';
import { DoubleClient, type DoubleOptions } from '../support/double-client.ts';

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

async function open(client: DoubleClient) {
  const events: Event[] = [];
  const session = new Session(client, { emit: (event) => void events.push(event), onChange: () => undefined });
  await session.ready;
  await settled();
  const of = (type: string): unknown[] =>
    events.flatMap((event) => (event.type === type ? [(event as CustomEvent<unknown>).detail] : []));
  return { session, events, of };
}

async function scene(options?: DoubleOptions) {
  const client = new DoubleClient(options);
  return { client, desk: client.desk, ...(await open(client)) };
}

describe('a session', () => {
  it('begins with a new conversation, and shows it once it has its first text', async () => {
    const { session, of } = await scene();
    expect(session.screen.name).to.equal('new');
    const sent = await session.send('Hello');
    await settled();
    expect(session.screen).to.deep.equal({ name: 'conversation', id: sent.conversation });
    expect(session.current?.state).to.equal('waiting');
    expect(of('sc-message-sent')).to.deep.equal([sent]);
    expect(of('sc-conversation-start')).to.deep.equal([{ conversation: sent.conversation }]);
  });

  it('shows the conversation that was left open', async () => {
    const client = new DoubleClient();
    const { conversation } = await client.startConversation({ topic: null, text: 'Hello' });
    const { session } = await open(client);
    expect(session.current?.id).to.equal(conversation);
  });

  it('shows an ended one only if it has just ended or has something new', async () => {
    const old = new DoubleClient({ start: Date.now() - 86_400_000 });
    const { conversation } = await old.startConversation({ topic: null, text: 'Hello' });
    old.desk.join(conversation);
    old.desk.end(conversation);
    expect((await open(old)).session.screen.name).to.equal('new');
    old.desk.say(conversation, 'One more thing');
    expect((await open(old)).session.screen.name).to.equal('conversation');
    const recent = new DoubleClient();
    const { conversation: second } = await recent.startConversation({ topic: null, text: 'Hello' });
    recent.desk.end(second);
    expect((await open(recent)).session.current?.id).to.equal(second);
  });

  it('does not leave a conversation when its last unread message is read', async () => {
    const client = new DoubleClient({ start: Date.now() - 86_400_000 });
    const { conversation } = await client.startConversation({ topic: null, text: 'Hello' });
    client.desk.say(conversation, 'Hi');
    client.desk.end(conversation);
    const { session } = await open(client);
    session.seen();
    await settled();
    expect(session.unread).to.equal(0);
    expect(session.current?.id).to.equal(conversation);
  });

  it('tells of messages that arrive, by their ids, each once', async () => {
    const { session, desk, of, events } = await scene();
    const { conversation } = await session.send('Hello');
    await settled();
    desk.join(conversation);
    await settled();
    const message = desk.say(conversation, 'Top secret');
    await settled();
    desk.progress(conversation, 'read');
    await settled();
    expect(of('sc-message-received')).to.deep.equal([{ conversation, message }]);
    expect(of('sc-unread')).to.deep.equal([{ unread: 1 }]);
    expect(JSON.stringify(events.map((event) => (event as CustomEvent<unknown>).detail))).not.to.match(/secret|Hello/);
  });

  it('does not tell of history or of what was there before', async () => {
    const client = new DoubleClient();
    const { conversation } = await client.startConversation({ topic: null, text: 'Hello' });
    client.desk.say(conversation, 'Hi');
    const { of } = await open(client);
    client.desk.say(conversation, 'Old', { message: { history: true } });
    await settled();
    expect(of('sc-message-received')).to.deep.equal([]);
  });

  it('tells who answers, who types, how it ends', async () => {
    const { session, desk, of } = await scene();
    const { conversation } = await session.send('Hello');
    await settled();
    desk.join(conversation);
    await settled();
    expect(session.agent?.name).to.equal('Sara');
    desk.type(conversation);
    await settled();
    expect(session.typers.map(({ name }) => name)).to.deep.equal(['Sara']);
    desk.type(conversation, false);
    await settled();
    desk.leave(conversation);
    await settled();
    expect(session.agent).to.equal(null);
    desk.end(conversation);
    await settled();
    expect(of('sc-agent-change')).to.deep.equal([
      { device: 'device-Sara' },
      { device: null },
      { device: 'device-Sara' },
    ]);
    expect(of('sc-typing')).to.deep.equal([
      { conversation, typing: true },
      { conversation, typing: false },
    ]);
    expect(of('sc-conversation-end')).to.deep.equal([{ conversation }]);
  });

  it('begins anew after the end', async () => {
    const { session, desk } = await scene();
    const first = await session.send('Hello');
    await settled();
    desk.end(first.conversation);
    await settled();
    const second = await session.send('Again');
    await settled();
    expect(second.conversation).not.to.equal(first.conversation);
    expect(session.current?.id).to.equal(second.conversation);
  });

  it('sends one after the other: two at once make one conversation', async () => {
    const { session, client } = await scene();
    const [first, second] = await Promise.all([session.send('One'), session.send('Two')]);
    expect(second.conversation).to.equal(first.conversation);
    client.failNext = new ChatError('environment', 'store-full', 'no room');
    const results = await Promise.allSettled([session.send('Three'), session.send('Four')]);
    expect(results.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled']);
  });

  it('tells each change of the verification and each problem once', async () => {
    const { desk, of } = await scene();
    desk.verification({ state: 'stale' });
    await settled();
    desk.problem('store-full', true);
    await settled();
    desk.connection('offline');
    await settled();
    desk.problem('store-lost', false);
    await settled();
    expect(of('sc-verification-change')).to.deep.equal([{ state: 'verified' }, { state: 'stale' }]);
    expect(of('sc-error')).to.deep.equal([
      { code: 'store-full', recoverable: true },
      { code: 'store-lost', recoverable: false },
    ]);
    expect(of('sc-storage-lost')).to.deep.equal([{ code: 'store-lost' }]);
  });

  it('rejects with the engine’s error and stays where it was', async () => {
    const { session, client } = await scene();
    client.failNext = new ChatError('environment', 'store-full', 'no room');
    const code = await session.send('Hello').then(
      () => null,
      (error: unknown) => codeOf(error),
    );
    expect(code).to.equal('store-full');
    expect(session.screen.name).to.equal('new');
    expect(() => session.open('nowhere'))
      .to.throw(ChatError)
      .with.property('code', 'conversation-unknown');
  });

  it('keeps the drafts of each conversation and of the next one apart', async () => {
    const { session } = await scene();
    session.draft.write('for later');
    await session.draft.flush();
    const { conversation } = await session.send('Hello');
    await settled();
    expect(session.draft.text).to.equal('');
    session.draft.write('in the first');
    session.startNew({ topic: 'Cards' });
    await settled();
    expect(session.draft.text).to.equal('');
    session.open(conversation);
    await settled();
    expect(session.draft.text).to.equal('in the first');
  });

  it('leaves a conversation that another tab deleted', async () => {
    const { session, client } = await scene();
    await session.send('Hello');
    await settled();
    await client.wipe();
    await settled();
    expect(session.screen.name).to.equal('new');
  });

  it('closes the client once, stores the draft before, and is silent afterwards', async () => {
    const { session, client, desk, events } = await scene();
    const { conversation } = await session.send('Hello');
    await settled();
    session.draft.write('unsent');
    await session.close();
    await session.close();
    const count = events.length;
    desk.say(conversation, 'Hi');
    await settled();
    expect(client.closed).to.equal(true);
    expect(events).to.have.length(count);
    expect(client.view(conversation).draft).to.equal('unsent');
  });
});
