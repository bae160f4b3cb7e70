import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { newKeys, RelayWorld, until } from '../support/relay-world.ts';
import type { WireClient } from '../support/wire-client.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const frame = (to: DeviceKeys, body: string) => ({ to: to.id, kind: 'frame' as const, bytes: utf8(body) });

for (const durable of [false, true]) {
  describe(`relay mail, ${durable ? 'LMDB' : 'memory'}`, () => {
    let world: RelayWorld;
    let [ann, bob]: DeviceKeys[] = [];
    let sender: WireClient;
    let receiver: WireClient;
    beforeEach(async () => {
      world = await RelayWorld.start({ durable });
      [ann, bob] = [await newKeys(), await newKeys()];
      sender = await world.enter(ann);
      receiver = await world.enter(bob);
    });
    afterEach(() => world.stop());

    it('delivers in order, with sender and kind, once subscribed', async () => {
      const items = [frame(bob!, 'one'), { ...frame(bob!, 'two'), kind: 'reset' as const }];
      expect((await sender.request('send', { items })).results).to.deep.equal(['accepted', 'accepted']);
      await receiver.request('subscribe', {});
      const [one, two] = [await receiver.next('mail'), await receiver.next('mail')];
      expect([one, two].map(({ kind, bytes }) => `${kind} ${text(bytes)}`)).to.deep.equal(['frame one', 'reset two']);
      expect(text(one.from)).to.equal(text(ann!.id));
      expect(one.at).to.be.closeTo(Date.now(), 5_000);
      expect(two.seq).to.be.greaterThan(one.seq);
      await sender.request('send', { items: [frame(bob!, 'three')] });
      expect(text((await receiver.next('mail')).bytes)).to.equal('three');
    });

    it('answers each item by itself', async () => {
      const stranger = await newKeys();
      const items = [
        frame(stranger, 'nobody'),
        { ...frame(bob!, 'x'), kind: 'reset' as const, bytes: new Uint8Array(2_689) },
        { ...frame(bob!, 'x'), bytes: new Uint8Array(131_073) },
        frame(bob!, 'fine'),
      ];
      const { results } = await sender.request('send', { items });
      expect(results).to.deep.equal(['device-unknown', 'too-large', 'too-large', 'accepted']);
      await receiver.request('subscribe', {});
      expect(text((await receiver.next('mail')).bytes)).to.equal('fine');
    });

    it('carries a frame of the greatest size', async () => {
      const bytes = new Uint8Array(131_072).fill(7);
      expect((await sender.request('send', { items: [{ to: bob!.id, kind: 'frame', bytes }] })).results[0]).to.equal(
        'accepted',
      );
      await receiver.request('subscribe', {});
      expect((await receiver.next('mail')).bytes).to.deep.equal(bytes);
    });

    it('keeps what is not acknowledged and deletes what is', async () => {
      await sender.request('send', { items: ['a', 'b', 'c'].map((body) => frame(bob!, body)) });
      await receiver.request('subscribe', {});
      const a = await receiver.next('mail');
      await receiver.request('ack', { upTo: a.seq });
      await receiver.close();
      const again = await world.enter(bob);
      await again.request('subscribe', {});
      expect(text((await again.next('mail')).bytes)).to.equal('b');
      const c = await again.next('mail');
      expect(text(c.bytes)).to.equal('c');
      await again.request('ack', { upTo: c.seq });
      const third = await world.connect();
      expect((await third.auth(bob!, world.desk)).queued).to.equal(0);
      await third.request('subscribe', {});
      await again.next('unsubscribed');
      await sender.request('send', { items: [frame(bob!, 'd')] });
      const d = await third.next('mail');
      expect(text(d.bytes)).to.equal('d');
      expect(d.seq).to.be.greaterThan(c.seq);
      expect(again.untaken('mail')).to.equal(0);
    });

    it('lets the last subscriber win and the earlier one acknowledge nothing', async () => {
      await receiver.request('subscribe', {});
      await sender.request('send', { items: [frame(bob!, 'a')] });
      const { seq } = await receiver.next('mail');
      const second = await world.enter(bob);
      await second.request('subscribe', {});
      await receiver.next('unsubscribed');
      expect(await receiver.codeOf('ack', { upTo: seq })).to.equal('forbidden');
      expect(text((await second.next('mail')).bytes)).to.equal('a');
      await sender.request('send', { items: [frame(bob!, 'b')] });
      expect(text((await second.next('mail')).bytes)).to.equal('b');
      expect(receiver.untaken('mail')).to.equal(0);
      // Subscribing again on the same connection brings what is not acknowledged once more.
      await second.request('subscribe', {});
      expect(text((await second.next('mail')).bytes)).to.equal('a');
      expect(await second.codeOf('ack', { upTo: seq })).to.equal('ok');
    });

    it('refuses to acknowledge what was not pushed', async () => {
      expect(await receiver.codeOf('ack', { upTo: 1 })).to.equal('forbidden');
      await receiver.request('subscribe', {});
      await sender.request('send', { items: [frame(bob!, 'a')] });
      const { seq } = await receiver.next('mail');
      expect(await receiver.codeOf('ack', { upTo: seq + 1 })).to.equal('forbidden');
      expect(await sender.codeOf('ack', { upTo: seq })).to.equal('forbidden');
    });

    it('pushes at most 64 that are not acknowledged, then goes on, losing none', async () => {
      await receiver.request('subscribe', {});
      const bodies = Array.from({ length: 200 }, (_, i) => `${i}`);
      await Promise.all(bodies.map((body) => sender.request('send', { items: [frame(bob!, body)] })));
      await until(() => receiver.untaken('mail') === 64);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(receiver.untaken('mail')).to.equal(64);
      const got: string[] = [];
      while (got.length < 200) {
        const { seq, bytes } = await receiver.next('mail');
        got.push(text(bytes));
        if (got.length % 10 === 0) await receiver.request('ack', { upTo: seq });
      }
      expect(got).to.deep.equal(bodies);
    });

    it('says when a mailbox or the share of one sender is full, and has room again after acknowledgement', async () => {
      await world.stop();
      world = await RelayWorld.start({ durable, limits: { mailboxItems: 3, customerItems: 2 } });
      const [from, other, to] = [await world.enter(ann), await world.enter(), await world.enter(bob)];
      const items = ['a', 'b', 'c'].map((body) => frame(bob!, body));
      expect((await from.request('send', { items })).results).to.deep.equal(['accepted', 'accepted', 'mailbox-full']);
      expect((await other.request('send', { items })).results).to.deep.equal([
        'accepted',
        'mailbox-full',
        'mailbox-full',
      ]);
      await to.request('subscribe', {});
      const first = await to.next('mail');
      await to.request('ack', { upTo: first.seq });
      expect((await from.request('send', { items: [frame(bob!, 'd')] })).results).to.deep.equal(['accepted']);
    });

    it('gives members a larger share than customers', async () => {
      await world.stop();
      world = await RelayWorld.start({ durable, limits: { customerItems: 1, memberItems: 2 } });
      await world.publish({ keys: ann!, role: 'agent' });
      await world.enter(bob);
      const items = ['a', 'b', 'c'].map((body) => frame(bob!, body));
      const results = async (client: WireClient): Promise<string[]> =>
        (await client.request('send', { items })).results;
      expect(await results(await world.enter(ann))).to.deep.equal(['accepted', 'accepted', 'mailbox-full']);
      expect(await results(await world.enter())).to.deep.equal(['accepted', 'mailbox-full', 'mailbox-full']);
    });

    it('carries signals to whom is connected, and stores none', async () => {
      const second = await world.enter(bob);
      await sender.request('signal', { to: bob!.id, bytes: utf8('typing') });
      for (const client of [receiver, second]) {
        const { from, bytes } = await client.next('signal');
        expect(text(bytes)).to.equal('typing');
        expect(text(from)).to.equal(text(ann!.id));
      }
      const absent = await newKeys();
      expect(await sender.codeOf('signal', { to: absent.id, bytes: utf8('typing') })).to.equal('ok');
      const late = await world.enter(absent);
      await late.request('subscribe', {});
      await late.request('ping', {});
      expect(late.untaken('signal') + late.untaken('mail')).to.equal(0);
    });
  });
}
