import { expect } from 'chai';
import type { ConversationView, MessageView } from '../../src/engine/views.ts';
import { ChatWorld, Device, first, textsWith } from '../support/chat-world.ts';

describe('what a client shows', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('no read receipts leave a client that allows none', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer(new Device(), { receipts: false });
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    await customer.markRead(conversation);
    await first(customer.conversations, ([one]) => one?.unread === 0);
    await customer.sendText(conversation, 'I have read it');
    await textsWith(sara, conversation, 'I have read it');
    await sara.markRead(conversation);
    // The other direction is for the agent to say; it came behind everything the customer had sent.
    await first(customer.messages(conversation, 50), (all) =>
      all.some(({ text, progress }) => text === 'I have read it' && progress === 'read'),
    );
    const own = await first(sara.messages(conversation, 50), () => true);
    expect(own.find(({ text }) => text === 'Good morning')?.progress).to.equal('delivered');
  });

  it('orders rise, progress only goes on, unread counts what others wrote, the preview is the last text', async () => {
    const sara = await world.agent('Sara');
    const customer = await world.customer();
    const { conversation } = await customer.startConversation({ topic: 'Card', text: 'One' });
    const steps = ['held', 'sending', 'sent', 'delivered', 'read'];
    const progress = new Map<string, string[]>();
    const wrong: string[] = [];
    const watch = (name: string) => (all: readonly MessageView[]) => {
      all.forEach((one, i) => {
        if (i > 0 && one.order <= (all[i - 1]?.order ?? 0)) wrong.push(`${name}: order ${one.order}`);
        if (one.own !== (one.progress !== null)) wrong.push(`${name}: progress of ${one.kind}`);
        if (one.from.self !== one.own) wrong.push(`${name}: from of ${one.kind}`);
        if (one.progress === null) return;
        const before = progress.get(one.id) ?? [];
        if (before.at(-1) !== one.progress) progress.set(one.id, [...before, one.progress]);
      });
    };
    const fail = (error: unknown) => wrong.push(String(error));
    customer.messages(conversation, 100).subscribe(watch('customer'), fail);
    sara.messages(conversation, 100).subscribe(watch('agent'), fail);
    const previews: ConversationView[] = [];
    customer.conversations.subscribe((views) => previews.push(...views), fail);

    await first(sara.queue, (queue) => queue.some(({ known }) => known?.unread === 1));
    await customer.sendText(conversation, 'Two');
    await first(sara.conversations, ([one]) => one?.unread === 2 && one.preview === 'Two' && one.topic === 'Card');
    await sara.claim(conversation);
    await sara.markRead(conversation);
    await first(sara.conversations, ([one]) => one?.unread === 0);
    for (let i = 0; i < 5; i++) await sara.sendText(conversation, `Answer ${i}`);
    await textsWith(customer, conversation, 'Answer 4');
    await first(customer.conversations, ([one]) => one?.unread === 5 && one.preview === 'Answer 4');
    expect((await first(sara.conversations, () => true))[0]).to.include({ unread: 0, preview: 'Answer 4' });
    await customer.markRead(conversation);
    await first(customer.conversations, ([one]) => one?.unread === 0);
    const all = await first(sara.messages(conversation, 100), (views) =>
      views.filter(({ own, kind }) => own && kind === 'text').every((one) => one.progress === 'read'),
    );
    // The newest so many, oldest first.
    const last = await first(sara.messages(conversation, 3), () => true);
    expect(last.map(({ id }) => id)).to.deep.equal(all.slice(-3).map(({ id }) => id));
    expect(wrong).to.deep.equal([]);
    for (const [id, seen] of progress) {
      const ranks = seen.map((one) => steps.indexOf(one));
      expect(ranks, `${id}: ${seen.join()}`).to.deep.equal([...ranks].sort((a, b) => a - b));
    }
    expect(previews.every(({ startedAt, lastAt }) => lastAt >= startedAt)).to.equal(true);
  });

  it('the draft of a conversation is kept with it, and is gone when it was sent', async () => {
    const phone = new Device();
    const customer = await world.customer(phone);
    await customer.saveOpeningDraft('My first words');
    await customer.close();
    const again = await world.customer(phone);
    await first(again.openingDraft, (draft) => draft === 'My first words');
    const { conversation } = await again.startConversation({ topic: null, text: 'Hello' });
    await first(again.openingDraft, (draft) => draft === '');
    await again.saveDraft(conversation, 'Half a sen');
    await again.close();
    const third = await world.customer(phone);
    await first(third.conversations, ([one]) => one?.draft === 'Half a sen');
    await third.sendText(conversation, 'Half a sentence');
    await first(third.conversations, ([one]) => one?.draft === '');
  });
});
