import { expect } from 'chai';
import type { ChatClient, CustomerClient } from '../../src/engine/views.ts';
import { ChatWorld, first, texts, textsWith } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';
import { until } from '../support/relay-world.ts';

describe('several tabs of one device', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  const leads = async (client: ChatClient): Promise<boolean> => (await first(client.status, () => true)).leader;
  const online = (client: ChatClient) => first(client.status, ({ connection }) => connection === 'online');
  const leading = async (clients: readonly ChatClient[]): Promise<number> =>
    (await Promise.all(clients.map(leads))).filter(Boolean).length;

  for (const count of [2, 5]) {
    it(`${count}: one leads, all see everything, all may speak, each word goes out once`, async () => {
      const phone = new HeldDevice();
      const sara = await world.agent('Sara');
      const tabs: CustomerClient[] = [];
      for (let i = 0; i < count; i++) tabs.push(await world.customer(phone));
      const [leader, follower] = [tabs[0], tabs[count - 1]] as [CustomerClient, CustomerClient];
      await Promise.all(tabs.map(online));
      expect(await leading(tabs)).to.equal(1);
      expect(await leads(leader)).to.equal(true);
      const { conversation } = await follower.startConversation({ topic: null, text: 'Hello' });
      await first(sara.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
      await sara.claim(conversation);
      await sara.sendText(conversation, 'Good morning');
      for (const tab of tabs) {
        expect(await textsWith(tab, conversation, 'Good morning')).to.deep.equal(['Hello', 'Good morning']);
        await first(tab.conversations, ([one]) => one?.state === 'active' && one.unread === 1);
      }
      await Promise.all(tabs.map((tab, i) => tab.sendText(conversation, `From tab ${i}`)));
      const wanted = tabs.map((_, i) => `From tab ${i}`);
      const got = await first(sara.messages(conversation, 100), (all) =>
        wanted.every((text) => texts(all).includes(text)),
      );
      expect(texts(got)).to.have.length(count + 2);
      await follower.markRead(conversation);
      for (const tab of tabs) await first(tab.conversations, ([one]) => one?.unread === 0);

      // The leader goes; another takes over, and nothing is lost or doubled.
      await leader.close();
      const rest = tabs.slice(1);
      await until(async () => (await leading(rest)) === 1, 5_000);
      await sara.sendText(conversation, 'Still there?');
      for (const tab of rest) await textsWith(tab, conversation, 'Still there?');
      await Promise.all(rest.map((tab, i) => tab.sendText(conversation, `Again ${i}`)));
      await first(sara.messages(conversation, 100), (all) => rest.every((_, i) => texts(all).includes(`Again ${i}`)));
      const end = texts(await first(sara.messages(conversation, 100), () => true));
      expect(new Set(end).size).to.equal(end.length);
      expect(end).to.have.length(count + 2 + 1 + rest.length);
      const [view] = await first(sara.conversations, () => true);
      expect(view?.notices).to.deep.equal([]);
      expect(phone.net.reusedKeys()).to.deep.equal([]);
      await first(follower.messages(conversation, 100), (all) =>
        all.filter((one) => one.own && one.kind === 'text').every(({ progress }) => progress === 'delivered'),
      );
    });
  }

  it('share drafts, and a wipe in one forgets everything in all', async () => {
    const phone = new HeldDevice();
    const sara = await world.agent('Sara');
    const [one, two] = [await world.customer(phone), await world.customer(phone)];
    await one.saveOpeningDraft('I would like to');
    await first(two.openingDraft, (draft) => draft === 'I would like to');
    const { conversation } = await two.startConversation({ topic: null, text: 'Hello' });
    await first(one.openingDraft, (draft) => draft === '');
    await one.saveDraft(conversation, 'And also');
    await first(two.conversations, ([view]) => view?.draft === 'And also');
    await two.sendText(conversation, 'And also this');
    await first(one.conversations, ([view]) => view?.draft === '');
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await two.wipe();
    expect(await phone.rows('messages')).to.equal(0);
    expect(await phone.rows('conversations')).to.equal(0);
    expect(await phone.rows('vault')).to.equal(0);
    const lost = await one.sendText(conversation, 'Who am I?').catch((error: unknown) => error);
    expect(lost).to.have.property('code');
    await one.close();
    const fresh = await world.customer(phone);
    expect(await first(fresh.conversations, () => true)).to.deep.equal([]);
    const { conversation: next } = await fresh.startConversation({ topic: null, text: 'Somebody new' });
    const queue = await first(sara.queue, (all) => all.some(({ known }) => known?.preview === 'Somebody new'));
    const customers = new Set(queue.map(({ known }) => known?.customer));
    expect(customers.size).to.equal(2);
    expect(next).to.not.equal(conversation);
  });

  it('hand over while the relay is away, and go on when it is back', async () => {
    const phone = new HeldDevice();
    const sara = await world.agent('Sara');
    const [one, two] = [await world.customer(phone), await world.customer(phone)];
    const { conversation } = await one.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await first(two.conversations, ([view]) => view?.state === 'active');
    phone.net.isDown = () => true;
    phone.net.cut();
    await first(two.status, ({ connection }) => connection !== 'online');
    await two.sendText(conversation, 'Said offline');
    await one.close();
    await until(() => leads(two), 5_000);
    await sara.sendText(conversation, 'Said meanwhile');
    phone.net.isDown = () => false;
    await textsWith(sara, conversation, 'Said offline', 20_000);
    await textsWith(two, conversation, 'Said meanwhile', 20_000);
    expect(phone.net.reusedKeys()).to.deep.equal([]);
  });
});
