import { expect } from 'chai';
import { toHex } from '../../src/bytes/text.ts';
import { ChatWorld, Device, first, named, textsWith } from '../support/chat-world.ts';
import { HostileTransport } from '../support/hostile-transport.ts';
import { HeldDevice } from '../support/held-device.ts';

describe('typing', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is seen by the other side, in every tab, and ends with the message or by itself', async () => {
    const phone = new HeldDevice();
    const laptop = new HeldDevice();
    const sara = await world.agent('Sara', laptop);
    const customer = await world.customer(phone);
    const second = await world.customer(phone);
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await first(sara.queue, (queue) => queue.some(({ known }) => known !== null));
    await sara.claim(conversation);
    await sara.sendText(conversation, 'Good morning');
    await textsWith(customer, conversation, 'Good morning');
    await customer.sendText(conversation, 'My card');
    await textsWith(sara, conversation, 'My card');
    await first(sara.messages(conversation, 50), (all) =>
      all.filter(({ own }) => own).every(({ progress }) => progress === 'delivered'),
    );
    const isTyping = (views: readonly { conversation: string }[]): boolean =>
      views.some((view) => view.conversation === conversation);

    sara.setTyping(conversation, true);
    for (const tab of [customer, second]) await first(tab.typing, isTyping);
    await sara.sendText(conversation, 'What about it?');
    for (const tab of [customer, second]) await first(tab.typing, (views) => !isTyping(views));

    // The follower types as well as the leader.
    second.setTyping(conversation, true);
    const [view] = await first(sara.typing, isTyping);
    expect(view?.devices).to.have.length(1);
    laptop.clock.forward(11_000);
    await first(sara.typing, (views) => !isTyping(views));
    customer.setTyping(conversation, true);
    await first(sara.typing, isTyping);
    customer.setTyping(conversation, false);
    await first(sara.typing, (views) => !isTyping(views));
  });

  it('is nobody’s after the end, of who has not joined, of a stranger, or said twice', async () => {
    const transport = new HostileTransport();
    const eve = await world.raw('Eve');
    const ada = await world.raw('Ada');
    const customer = await world.customer(new Device(), { ports: { ...new Device().tab(), transport } });
    const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
    await eve.hears('text', 'Hello');
    await ada.hears('text', 'Hello');
    const talk = eve.talk();
    const to = world.deviceOf(talk);
    const seen: string[] = [];
    customer.typing.subscribe(
      (views) => seen.push(...views.flatMap(({ devices }) => devices)),
      (error) => seen.push(String(error)),
    );
    const signals: Uint8Array[] = [];
    transport.letIn = (name, _body, bytes) => {
      if (name === 'signal') signals.push(bytes);
      return true;
    };
    const settled = () => new Promise((resolve) => setTimeout(resolve, 150));
    for (const member of [ada, eve])
      await member.say(talk, { kind: 'text', content: { text: 'not joined' }, to: [to] });
    for (const member of [ada, eve]) await member.hears('receipt');
    await ada.client.request('signal', { to, bytes: ada.typing(to, true) });
    await settled();
    expect(seen).to.deep.equal([]);

    await eve.say(talk, { kind: 'join', content: { how: 'claim', have: [] }, to: [to] });
    await first(customer.conversations, ([one]) => named(one, 'joined').includes('Eve'));
    await eve.hears('participants');
    await ada.client.request('signal', { to, bytes: ada.typing(to, true) });
    const said = eve.typing(to, true);
    await eve.client.request('signal', { to, bytes: said });
    await first(customer.typing, (views) => views.length === 1);
    expect(new Set(seen)).to.deep.equal(new Set([toHex(eve.keys.id)]));
    await eve.client.request('signal', { to, bytes: eve.typing(to, false, Date.now() + 5) });
    await first(customer.typing, (views) => views.length === 0);
    // The relay repeats it, and invents one.
    const before = seen.length;
    for (const bytes of signals) transport.replay(bytes);
    transport.push('signal', {
      from: eve.keys.id,
      bytes: said.map((byte, i) => (i === said.length - 1 ? byte ^ 1 : byte)),
    });
    transport.push('signal', { from: eve.keys.id, bytes: eve.typing(to, true, Date.now() - 3_600_000) });
    transport.push('signal', { from: eve.keys.id, bytes: new Uint8Array([1, 2, 3]) });
    await settled();
    expect(seen.length).to.equal(before);

    await customer.endConversation(conversation);
    await eve.client.request('signal', { to, bytes: eve.typing(to, true, Date.now() + 10) });
    await settled();
    expect(seen.length).to.equal(before);
    const sent: string[] = [];
    transport.letOut = (name) => sent.push(name) > 0;
    customer.setTyping(conversation, true);
    await settled();
    expect(sent).to.not.include('signal');
  });
});
