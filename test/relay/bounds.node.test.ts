import { expect } from 'chai';
import { connect as connectTcp } from 'node:net';
import { utf8 } from '../../src/bytes/bytes.ts';
import { ChatError } from '../../src/errors.ts';
import { limitsWith } from '../../src/relay/limits.ts';
import { Rates } from '../../src/relay/rates.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { encodeRequest } from '../../src/wire/frames.ts';
import { MAX_BLOB_PART } from '../../src/wire/limits.ts';
import { newKeys, RelayWorld, until } from '../support/relay-world.ts';

describe('relay bounds', () => {
  let world: RelayWorld;
  afterEach(() => world.stop());

  it('refuses beyond a rate and says when to come again', async () => {
    world = await RelayWorld.start({ limits: { rates: { deviceSignals: { burst: 3, perMinute: 60 } } } });
    const [client, to] = [await world.enter(), await newKeys()];
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push(await client.codeOf('signal', { to: to.id, bytes: utf8('x') }));
    expect(codes).to.deep.equal(['ok', 'ok', 'ok', 'rate-limited']);
    try {
      await client.request('signal', { to: to.id, bytes: utf8('x') });
      expect.fail('was not refused');
    } catch (error) {
      expect(error instanceof ChatError && error.details.retryAfter).to.be.within(1, 1_000);
    }
    const other = await world.enter();
    expect(await other.codeOf('signal', { to: to.id, bytes: utf8('x') })).to.equal('ok');
  });

  it('closes who goes on although refused', async () => {
    world = await RelayWorld.start({
      limits: { refusalsBeforeFlooding: 5, rates: { addressRequests: { burst: 1, perMinute: 0 } } },
    });
    const client = await world.connect();
    const codes = [];
    for (let i = 0; i < 6; i++) codes.push(await client.codeOf('ping', {}));
    expect(codes).to.deep.equal(['ok', ...Array<string>(5).fill('rate-limited')]);
    expect(await client.closed).to.equal(CLOSE_CODES.flooding);
  });

  it('bounds connections of an address, new devices of an address, and connections of a device', async () => {
    world = await RelayWorld.start({
      limits: {
        connectionsPerAddress: 4,
        connectionsPerDevice: 2,
        rates: { addressNewDevices: { burst: 2, perMinute: 0 } },
      },
    });
    const [ann, bob] = [await newKeys(), await newKeys()];
    const first = await world.enter(ann);
    const second = await world.enter(ann);
    const third = await world.enter(ann);
    expect(await first.closed).to.equal(CLOSE_CODES['too-many-connections']);
    expect(await second.codeOf('ping', {})).to.equal('ok');
    const fourth = await world.enter(bob);
    expect(await fourth.codeOf('ping', {})).to.equal('ok');
    const fifth = await world.connect();
    try {
      await fifth.auth(await newKeys(), world.desk);
      expect.fail('a third new device came in');
    } catch (error) {
      expect(error instanceof ChatError && error.code).to.equal('rate-limited');
    }
    await fifth.closed;
    const [sixth, seventh] = [await world.connect(), await world.connect()];
    expect(await seventh.closed).to.equal(CLOSE_CODES['too-many-connections']);
    await third.close();
    expect(await sixth.codeOf('ping', {})).to.equal('ok');
    await until(async () => (await (await world.connect()).codeOf('ping', {}).catch(() => '')) === 'ok');
  });

  it('does not grow when a client does not read: mail waits, requests wait', async function () {
    this.timeout(30_000);
    world = await RelayWorld.start({
      limits: {
        unsentPause: 256 << 10,
        unsentLimit: 1 << 20,
        rates: {
          deviceMail: { burst: 1e6, perMinute: 0 },
          deviceRequests: { burst: 1e6, perMinute: 0 },
          addressMailBytes: { burst: 1e9, perMinute: 0 },
        },
      },
    });
    const [slowKeys, sender] = [await newKeys(), await world.enter()];
    const slow = await world.enter(slowKeys);
    await slow.request('subscribe', {});
    slow.socket.pause();
    const bytes = new Uint8Array(131_072);
    for (let i = 0; i < 128; i++) {
      const { results } = await sender.request('send', { items: [{ to: slowKeys.id, kind: 'frame', bytes }] });
      expect(results).to.deep.equal(['accepted']);
    }
    // 16 MiB wait for it, in the store and not in the socket: it stays connected and gets all of it.
    slow.socket.resume();
    for (let i = 0; i < 128; i++) {
      const { seq } = await slow.next('mail');
      if (i % 32 === 31) await slow.request('ack', { upTo: seq });
    }
    slow.socket.pause();
    const { blob } = await sender.request('blob-create', { size: MAX_BLOB_PART });
    await sender.request('blob-write', { blob, offset: 0, bytes: new Uint8Array(MAX_BLOB_PART) });
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_000; i++) {
      slow.socket.send(encodeRequest('blob-read', 1_000_000 + i, { blob, offset: 0, length: MAX_BLOB_PART }));
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Answering all would hold 131 MB; reading stops at a few of them.
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(40 << 20);
    expect(await sender.codeOf('ping', {})).to.equal('ok');
  });

  it('says going-away to all when it closes, after what is under way, and takes nobody in', async () => {
    world = await RelayWorld.start({ durable: true });
    const [one, keys] = [await world.enter(), await newKeys()];
    await world.enter(keys);
    const sent = one.request('send', { items: [{ to: keys.id, kind: 'frame', bytes: utf8('last') }] });
    // On its way before the relay is told.
    await one.request('ping', {});
    const closing = world.relay.close();
    expect((await sent).results).to.deep.equal(['accepted']);
    expect(await one.closed).to.equal(CLOSE_CODES['going-away']);
    await closing;
    const refused = await world.connect().then(
      () => false,
      () => true,
    );
    expect(refused).to.equal(true);
    await world.store.close();
    await world.run();
    const again = await world.enter(keys);
    await again.request('subscribe', {});
    expect(Buffer.from((await again.next('mail')).bytes).toString()).to.equal('last');
  });

  it('ends in time although a client does not answer', async () => {
    world = await RelayWorld.start({ limits: { drainWithin: 200 } });
    const { port } = new URL(world.httpOrigin);
    const silent = connectTcp(Number(port), '127.0.0.1');
    silent.on('error', () => undefined);
    silent.write('GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n');
    silent.write('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    await new Promise((resolve) => silent.once('data', resolve));
    const before = Date.now();
    await world.relay.close();
    expect(Date.now() - before).to.be.lessThan(1_500);
    silent.destroy();
  });
});

describe('relay rates', () => {
  it('fills again with time, up to the burst, and counts each owner apart', () => {
    let now = 0;
    const rates = new Rates(limitsWith({ rates: { deviceMail: { burst: 10, perMinute: 60 } } }).rates, () => now);
    expect(rates.take('deviceMail', 'a', { count: 10 })).to.equal(null);
    expect(rates.take('deviceMail', 'a')).to.equal(1_000);
    expect(rates.take('deviceMail', 'b')).to.equal(null);
    now = 999;
    expect(rates.take('deviceMail', 'a')).to.be.within(1, 2);
    now = 1_000;
    expect(rates.take('deviceMail', 'a')).to.equal(null);
    now = 1_000_000;
    expect(rates.take('deviceMail', 'a', { count: 10 })).to.equal(null);
    expect(rates.take('deviceMail', 'a', { count: 1 })).to.equal(1_000);
    expect(rates.take('deviceMail', 'c', { count: 20, factor: 2 })).to.equal(null);
    // More than a whole bucket passes when the bucket is full, and empties it.
    expect(rates.take('deviceMail', 'd', { count: 24 })).to.equal(null);
    expect(rates.take('deviceMail', 'd')).to.equal(1_000);
    // A clock that goes back neither fills nor empties.
    now = 0;
    expect(rates.take('deviceMail', 'd')).to.equal(1_000);
  });
});
