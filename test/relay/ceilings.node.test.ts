import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import { codeOf } from '../../src/errors.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { mailSize } from '../../src/relay/store.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const DAY = 86_400_000;
const endless = { burst: 1e9, perMinute: 0 };

describe('relay ceilings', () => {
  let world: RelayWorld;
  afterEach(() => world.stop());

  const prekeys = (count: number): Signed[] =>
    Array.from({ length: count }, () => [new Uint8Array(randomBytes(40)), new Uint8Array(64)]);
  const frame = (to: DeviceKeys, size: number): { to: Uint8Array; kind: 'frame'; bytes: Uint8Array } => ({
    to: to.id,
    kind: 'frame',
    bytes: new Uint8Array(size),
  });

  it('bounds the mail of all mailboxes together, keeps a part of it for members, and frees it by acknowledgement', async () => {
    const one = mailSize({ items: 1, bytes: 1_000 });
    world = await RelayWorld.start({ durable: true, limits: { mailBytes: 4 * one, memberReserve: 0.5 } });
    const [agent, customer, hoarder] = [await newKeys(), await newKeys(), await newKeys()];
    await world.publish({ keys: agent, role: 'agent' });
    await world.enter(customer);
    const [stranger, member, reader] = [await world.enter(), await world.enter(agent), await world.enter(hoarder)];
    const items = [frame(hoarder, 1_000), frame(customer, 1_000), frame(hoarder, 1_000)];
    expect((await stranger.request('send', { items })).results).to.deep.equal(['accepted', 'accepted', 'mailbox-full']);
    expect((await member.request('send', { items })).results).to.deep.equal(['accepted', 'accepted', 'mailbox-full']);
    await world.restart();
    const again = await world.enter();
    const full = await again.request('send', { items: [frame(customer, 1_000)] });
    expect(full.results).to.deep.equal(['mailbox-full']);
    reader.socket.terminate();
    const fetching = await world.enter(hoarder);
    await fetching.request('subscribe', {});
    await fetching.next('mail');
    await fetching.request('ack', { upTo: (await fetching.next('mail')).seq });
    // Two of four are held: customers may not have more, and members may.
    expect((await again.request('send', { items: [frame(customer, 1_000)] })).results).to.deep.equal(['mailbox-full']);
    const served = await (await world.enter(agent)).request('send', { items: [frame(customer, 1_000)] });
    expect(served.results).to.deep.equal(['accepted']);
  });

  it('bounds the prekeys of all devices together, those that it remembers too, also after a restart', async () => {
    world = await RelayWorld.start({ durable: true, limits: { prekeys: 20, memberReserve: 0.5 } });
    const [agent, keys] = [await newKeys(), await newKeys()];
    await world.publish({ keys: agent, role: 'agent' });
    const first = await world.enter(keys);
    expect(await first.codeOf('prekeys-publish', { signed: null, oneTime: prekeys(10) })).to.equal('ok');
    const other = await world.enter();
    expect(await other.codeOf('prekeys-publish', { signed: null, oneTime: prekeys(1) })).to.equal('quota');
    // A signed prekey takes the place of the last one, and is always taken.
    const signed: Signed = [utf8('signed'), new Uint8Array(64)];
    expect(await other.codeOf('prekeys-publish', { signed, oneTime: [] })).to.equal('ok');
    // Handed out it is remembered, and still takes room.
    expect((await other.request('prekeys-fetch', { device: keys.id })).oneTime).not.to.equal(null);
    expect(await other.codeOf('prekeys-publish', { signed: null, oneTime: prekeys(1) })).to.equal('quota');
    await world.restart();
    const publish = async (whose: DeviceKeys, count: number): Promise<string> =>
      (await world.enter(whose)).codeOf('prekeys-publish', { signed: null, oneTime: prekeys(count) });
    expect(await publish(keys, 1)).to.equal('quota');
    expect(await publish(agent, 11)).to.equal('quota');
    expect(await publish(agent, 10)).to.equal('ok');
  });

  it('gives back the room of prekeys and devices that expired', async () => {
    let now = Date.now();
    const callbacks: (() => void)[] = [];
    const clock = {
      now: () => now,
      after: (_ms: number, callback: () => void) => {
        callbacks.push(callback);
        return () => undefined;
      },
    };
    const limits = { prekeys: 10, memberReserve: 0, devices: 2, idleAfter: Infinity, deviceLife: 20 * DAY };
    world = await RelayWorld.start({ clock, limits });
    const [keys, other] = [await newKeys(), await newKeys()];
    const client = await world.enter(keys);
    await client.request('prekeys-publish', { signed: null, oneTime: prekeys(10) });
    await world.enter(other);
    expect(await codeOfThrow(() => world.enter())).to.equal('rate-limited');
    now += 30 * DAY;
    callbacks.at(-1)?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await client.codeOf('prekeys-publish', { signed: null, oneTime: prekeys(10) })).to.equal('ok');
    await world.enter();
  });

  it('bounds devices, and lets known ones and members in when there is no room', async () => {
    world = await RelayWorld.start({ durable: true, limits: { devices: 4, memberReserve: 0.5 } });
    const [agent, known] = [await newKeys(), await newKeys()];
    await world.publish({ keys: agent, role: 'agent' });
    // The root key that published and this one are two of four.
    await world.enter(known);
    expect(await codeOfThrow(() => world.enter())).to.equal('rate-limited');
    await world.enter(known);
    await world.enter(agent);
    await world.restart();
    expect(await codeOfThrow(() => world.enter())).to.equal('rate-limited');
    await world.enter(known);
    await world.enter(agent);
  });

  it('counts two first connections of a device at once as one', async () => {
    world = await RelayWorld.start({ durable: true, limits: { devices: 2, memberReserve: 0 } });
    const keys = await newKeys();
    await Promise.all([world.enter(keys), world.enter(keys), world.enter(keys)]);
    await world.enter();
    expect(await codeOfThrow(() => world.enter())).to.equal('rate-limited');
  });

  describe('of members', () => {
    let desk: DeviceKeys;
    let other: DeviceKeys;
    let agent: DeviceKeys;
    let customer: DeviceKeys;
    let elsewhere: DeviceKeys;
    const ofWorld = async (limits: Record<string, unknown>, isOpen = false): Promise<void> => {
      [desk, other] = [await newKeys(), await newKeys()];
      [agent, customer, elsewhere] = [await newKeys(), await newKeys(), await newKeys()];
      world = await RelayWorld.start({ desks: isOpen ? 'open' : [desk.key, other.key], limits });
      const root = await world.enter(desk, desk.key);
      const bundle = await world.bundle([{ keys: agent, role: 'agent' }], { root: desk });
      await root.request('directory-publish', { bundle });
      await world.enter(customer, desk.key);
      await world.enter(elsewhere, other.key);
    };

    it('have a larger share of the mailboxes of their own desk alone', async () => {
      await ofWorld({ customerItems: 1, memberItems: 3 });
      const member = await world.enter(agent, desk.key);
      const send = async (to: DeviceKeys): Promise<readonly string[]> =>
        (await member.request('send', { items: [1, 2, 3, 4].map(() => frame(to, 10)) })).results;
      expect(await send(customer)).to.deep.equal(['accepted', 'accepted', 'accepted', 'mailbox-full']);
      expect(await send(elsewhere)).to.deep.equal(['accepted', 'mailbox-full', 'mailbox-full', 'mailbox-full']);
    });

    it('are bound like anybody by what their address may lay into mailboxes of other desks', async () => {
      await ofWorld({ rates: { addressMailBytes: { burst: 100, perMinute: 0 } } });
      const member = await world.enter(agent, desk.key);
      const send = (to: DeviceKeys): Promise<string> => member.codeOf('send', { items: [frame(to, 60)] });
      expect([await send(elsewhere), await send(elsewhere)]).to.deep.equal(['ok', 'rate-limited']);
      expect([await send(customer), await send(customer)]).to.deep.equal(['ok', 'ok']);
    });

    it('spend on other desks what one who is no member would', async () => {
      const rates = {
        deviceMail: { burst: 2, perMinute: 0 },
        deviceSignals: { burst: 2, perMinute: 0 },
        devicePrekeyFetches: { burst: 2, perMinute: 0 },
        addressMailBytes: endless,
      };
      await ofWorld({ memberFactor: 4, rates });
      const member = await world.enter(agent, desk.key);
      const until = async (ask: () => Promise<string>): Promise<number> => {
        for (let i = 0; ; i++) if ((await ask()) !== 'ok') return i;
      };
      const bytes = utf8('x');
      for (const to of [elsewhere, customer]) {
        const again = await newKeys();
        const bundle = await world.bundle(
          [again, agent].map((keys) => ({ keys, role: 'agent' })),
          { root: desk },
        );
        await (await world.enter(desk, desk.key)).request('directory-publish', { bundle });
        const fresh = await world.enter(again, desk.key);
        const most = to === customer ? 8 : 2;
        expect(await until(() => fresh.codeOf('send', { items: [frame(to, 1)] }))).to.equal(most);
        expect(await until(() => fresh.codeOf('signal', { to: to.id, bytes }))).to.equal(most);
        expect(await until(() => fresh.codeOf('prekeys-fetch', { device: to.id }))).to.equal(most);
      }
      expect(await member.codeOf('send', { items: [frame(customer, 1)] })).to.equal('ok');
    });

    it('have nothing more where anybody can make a desk and himself its member', async () => {
      await ofWorld({ customerItems: 1, memberItems: 3, blobBytesPerAddress: 100 }, true);
      const member = await world.enter(agent, desk.key);
      const { results } = await member.request('send', { items: [frame(customer, 1), frame(customer, 1)] });
      expect(results).to.deep.equal(['accepted', 'mailbox-full']);
      expect(await member.codeOf('blob-create', { size: 101 })).to.equal('quota');
    });

    it('keep the order of their mail although it is looked up whose devices it is for', async () => {
      await ofWorld({});
      const member = await world.enter(agent, desk.key);
      const reader = await world.enter(customer, desk.key);
      const get = world.store.get.bind(world.store);
      // The first look takes the longest.
      let delay = 40;
      world.store.get = async (table, key) => {
        if (table === 'devices') await new Promise((resolve) => setTimeout(resolve, (delay = Math.max(0, delay - 10))));
        return get(table, key);
      };
      const items = (text: string, count: number) =>
        Array.from({ length: count }, () => ({ to: customer.id, kind: 'frame' as const, bytes: utf8(text) }));
      await Promise.all(
        ['a', 'b', 'c'].map((text, i) => member.request('send', { items: items(text, i === 0 ? 20 : 1) })),
      );
      await reader.request('subscribe', {});
      const texts = [];
      for (let i = 0; i < 22; i++) texts.push(Buffer.from((await reader.next('mail')).bytes).toString());
      expect(texts.join('')).to.equal(`${'a'.repeat(20)}bc`);
    });
  });

  it('bounds the desks of a relay that serves any, not new directories of those it has', async () => {
    world = await RelayWorld.start({ desks: 'open', limits: { desks: 1 } });
    const [one, two] = [await newKeys(), await newKeys()];
    const publish = async (root: DeviceKeys): Promise<string> =>
      (await world.enter(root, root.key)).codeOf('directory-publish', { bundle: await world.bundle([], { root }) });
    expect([await publish(one), await publish(one), await publish(two)]).to.deep.equal(['ok', 'ok', 'quota']);
  });

  it('bounds the blobs of a desk', async () => {
    const [one, two] = [await newKeys(), await newKeys()];
    world = await RelayWorld.start({ desks: [one.key, two.key], limits: { blobBytesPerDesk: 100 } });
    const create = async (desk: DeviceKeys): Promise<string> =>
      (await world.enter(await newKeys(), desk.key)).codeOf('blob-create', { size: 60 });
    expect([await create(one), await create(one), await create(two)]).to.deep.equal(['ok', 'quota', 'ok']);
  });

  it('deletes blobs after the time that the desk keeps things, also when it shortens that', async () => {
    let now = Date.now();
    const callbacks: (() => void)[] = [];
    const clock = {
      now: () => now,
      after: (_ms: number, callback: () => void) => {
        callbacks.push(callback);
        return () => undefined;
      },
    };
    world = await RelayWorld.start({ durable: true, clock, limits: { idleAfter: Infinity } });
    const publish = async (retentionDays: number): Promise<void> => {
      const root = await world.enter(world.root);
      await root.request('directory-publish', { bundle: await world.bundle([], { retentionDays, issuedAt: now }) });
    };
    const client = await world.enter();
    const upload = async (): Promise<Uint8Array> => {
      const { blob } = await client.request('blob-create', { size: 10 });
      await client.request('blob-write', { blob, offset: 0, bytes: new Uint8Array(10) });
      return blob;
    };
    const sweepAfter = async (ms: number): Promise<void> => {
      now += ms;
      callbacks.at(-1)?.();
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const isThere = async (blob: Uint8Array): Promise<boolean> =>
      (await client.codeOf('blob-read', { blob, offset: 0, length: 1 })) === 'ok';
    const unlimited = await upload();
    await publish(5);
    const brief = await upload();
    await sweepAfter(4 * DAY);
    expect([await isThere(unlimited), await isThere(brief)]).to.deep.equal([true, true]);
    await sweepAfter(DAY);
    expect([await isThere(unlimited), await isThere(brief)]).to.deep.equal([false, false]);
    // No time at all would be one in which nobody can fetch it.
    await publish(0);
    const least = await upload();
    await sweepAfter(DAY - 1);
    expect(await isThere(least)).to.equal(true);
    await sweepAfter(1);
    expect(await isThere(least)).to.equal(false);
  });

  it('counts by the address that the outermost of its own proxies saw, whatever the client says', async () => {
    world = await RelayWorld.start({
      trustedProxies: 2,
      limits: {
        blobBytesPerAddress: 100,
        connectionsPerAddress: 4,
        rates: { addressMailBytes: { burst: 100, perMinute: 0 } },
      },
    });
    const to = await newKeys();
    await world.enter(to, world.desk, '192.0.2.9, 10.0.0.1');
    const customer = async (forged: string, address: string): Promise<[string, string]> => {
      const client = await world.enter(await newKeys(), world.desk, `${forged}${address}, 10.0.0.1`);
      const codes: [string, string] = [
        await client.codeOf('send', { items: [frame(to, 60)] }),
        await client.codeOf('blob-create', { size: 60 }),
      ];
      return codes;
    };
    expect(await customer('', '192.0.2.1')).to.deep.equal(['ok', 'ok']);
    expect(await customer('203.0.113.5, ', '192.0.2.1')).to.deep.equal(['rate-limited', 'quota']);
    expect(await customer('192.0.2.2, 203.0.113.5, ', '192.0.2.1')).to.deep.equal(['rate-limited', 'quota']);
    expect(await customer('192.0.2.1, ', '192.0.2.2')).to.deep.equal(['ok', 'ok']);
    // One customer's network in IPv6, however its addresses are written.
    expect(await customer('', '2001:db8:1:2::7')).to.deep.equal(['ok', 'ok']);
    expect(await customer('', '[2001:0DB8:1:2:ffff::8]:4711')).to.deep.equal(['rate-limited', 'quota']);
    await customer('', '192.0.2.1');
    expect(codeOf(await customer('7.7.7.7, ', '192.0.2.1').catch((error: unknown) => error))).to.equal('closed');
  });
});
