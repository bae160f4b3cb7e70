import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';
import type { Signed } from '../../src/identity/signature.ts';

const prekey = (name: string): Signed => [utf8(name), new Uint8Array(64).fill(1)];
const batch = (from: number, count: number): Signed[] =>
  Array.from({ length: count }, (_, i) => prekey(`prekey ${from + i}`));
const generous = { oneTimePerPair: { burst: 1_000, perMinute: 0 }, oneTimePerTarget: { burst: 1_000, perMinute: 0 } };

describe('relay prekeys', () => {
  let world: RelayWorld;
  afterEach(() => world.stop());

  for (const durable of [false, true]) {
    it(`hands each one-time prekey out once under 50 fetches at once (${durable ? 'LMDB' : 'memory'})`, async () => {
      world = await RelayWorld.start({ durable, limits: { rates: generous } });
      const keys = await newKeys();
      const owner = await world.enter(keys);
      expect(await owner.request('prekeys-publish', { signed: prekey('signed'), oneTime: batch(0, 40) })).to.deep.equal(
        {
          oneTime: 40,
        },
      );
      const fetchers = await Promise.all(Array.from({ length: 10 }, () => world.enter()));
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, i) => fetchers[i % 10]!.request('prekeys-fetch', { device: keys.id })),
      );
      for (const { key, signed } of replies) {
        expect(key).to.deep.equal(keys.key);
        expect(signed).to.deep.equal(prekey('signed'));
      }
      const handed = replies.flatMap(({ oneTime }) => (oneTime === null ? [] : [Buffer.from(oneTime[0]).toString()]));
      expect(handed).to.have.length(40);
      expect(new Set(handed).size).to.equal(40);
      expect(await owner.request('prekeys-count', {})).to.deep.equal({ signed: true, oneTime: 0 });
    });
  }

  it('does not take a prekey into stock twice, whether it is still there or was handed out', async () => {
    world = await RelayWorld.start({ durable: true, limits: { rates: generous } });
    const keys = await newKeys();
    let owner = await world.enter(keys);
    await owner.request('prekeys-publish', { signed: null, oneTime: batch(0, 3) });
    const fetcher = await world.enter();
    const { oneTime } = await fetcher.request('prekeys-fetch', { device: keys.id });
    await world.restart();
    owner = await world.enter(keys);
    expect(await owner.request('prekeys-publish', { signed: null, oneTime: batch(0, 4) })).to.deep.equal({
      oneTime: 3,
    });
    const again = await world.enter();
    for (let i = 0; i < 3; i++) {
      const next = (await again.request('prekeys-fetch', { device: keys.id })).oneTime;
      expect(next).not.to.equal(null);
      expect(next?.[0]).not.to.deep.equal(oneTime?.[0]);
    }
    expect((await again.request('prekeys-fetch', { device: keys.id })).oneTime).to.equal(null);
  });

  it('refuses a stock above 100 as a whole, and replaces the signed prekey alone', async () => {
    world = await RelayWorld.start();
    const keys = await newKeys();
    const owner = await world.enter(keys);
    await owner.request('prekeys-publish', { signed: prekey('first'), oneTime: batch(0, 50) });
    await owner.request('prekeys-publish', { signed: prekey('second'), oneTime: batch(50, 45) });
    expect(await owner.codeOf('prekeys-publish', { signed: prekey('third'), oneTime: batch(95, 6) })).to.equal('quota');
    expect(await owner.request('prekeys-count', {})).to.deep.equal({ signed: true, oneTime: 95 });
    const { signed } = await (await world.enter()).request('prekeys-fetch', { device: keys.id });
    expect(signed).to.deep.equal(prekey('second'));
  });

  it('gives nobody more than a few of one device, and all together no faster than the rate, without failing', async () => {
    world = await RelayWorld.start({
      limits: { rates: { oneTimePerPair: { burst: 3, perMinute: 0 }, oneTimePerTarget: { burst: 10, perMinute: 0 } } },
    });
    const keys = await newKeys();
    const owner = await world.enter(keys);
    await owner.request('prekeys-publish', { signed: prekey('signed'), oneTime: batch(0, 50) });
    const takes = async (): Promise<number> => {
      const fetcher = await world.enter();
      const replies = [];
      for (let i = 0; i < 6; i++) replies.push(await fetcher.request('prekeys-fetch', { device: keys.id }));
      replies.forEach(({ signed }) => expect(signed).to.deep.equal(prekey('signed')));
      return replies.filter(({ oneTime }) => oneTime !== null).length;
    };
    expect([await takes(), await takes(), await takes(), await takes(), await takes()]).to.deep.equal([3, 3, 3, 1, 0]);
    expect((await owner.request('prekeys-count', {})).oneTime).to.equal(40);
  });

  it('knows the key of a device without prekeys, and no device that never came', async () => {
    world = await RelayWorld.start();
    const keys = await newKeys();
    await world.enter(keys);
    const fetcher = await world.enter();
    expect(await fetcher.request('prekeys-fetch', { device: keys.id })).to.deep.equal({
      key: keys.key,
      signed: null,
      oneTime: null,
    });
    expect(await fetcher.codeOf('prekeys-fetch', { device: new Uint8Array(16) })).to.equal('device-unknown');
  });

  it('drops prekeys when their time is over', async () => {
    let now = Date.now();
    const clock = { now: () => now, after: () => () => undefined };
    world = await RelayWorld.start({ clock });
    const keys = await newKeys();
    const owner = await world.enter(keys);
    await owner.request('prekeys-publish', { signed: prekey('signed'), oneTime: batch(0, 3) });
    const fetcher = await world.enter();
    now += 16 * 86_400_000;
    const later = await fetcher.request('prekeys-fetch', { device: keys.id });
    expect([later.signed, later.oneTime === null]).to.deep.equal([null, false]);
    now += 14 * 86_400_000;
    expect((await fetcher.request('prekeys-fetch', { device: keys.id })).oneTime).to.equal(null);
    expect(toHex((await fetcher.request('prekeys-fetch', { device: keys.id })).key)).to.equal(toHex(keys.key));
  });
});
