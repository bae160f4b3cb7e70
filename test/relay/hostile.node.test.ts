import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import { Hub } from '../../src/relay/hub.ts';
import type { Caller } from '../../src/relay/session.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { newKeys, RelayWorld, until } from '../support/relay-world.ts';

const newId = (): Uint8Array => new Uint8Array(randomBytes(16));
const DAY = 86_400_000;

describe('relay against hostile clients', () => {
  let world: RelayWorld;
  afterEach(() => world.stop());

  it('lets go of a refused upgrade whose client does not, and can close', async () => {
    world = await RelayWorld.start({ limits: { drainWithin: 200 } });
    const lingering = await new Promise<Socket>((resolve) => {
      const socket = connectTcp({
        port: Number(new URL(world.httpOrigin).port),
        host: '127.0.0.1',
        allowHalfOpen: true,
      });
      socket.on('error', () => undefined);
      socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.resume();
      socket.once('end', () => {
        resolve(socket);
      });
    });
    const outcome = await Promise.race([
      world.relay.close().then(() => 'closed'),
      new Promise((resolve) => setTimeout(() => resolve('hangs'), 3_000)),
    ]);
    lingering.destroy();
    expect(outcome).to.equal('closed');
  });

  it('counts what is asked before auth although it is refused, and auth that is repeated', async () => {
    world = await RelayWorld.start({
      limits: {
        refusalsBeforeFlooding: 5,
        rates: { addressRequests: { burst: 3, perMinute: 0 }, deviceRequests: { burst: 3, perMinute: 0 } },
      },
    });
    const stranger = await world.connect();
    const item = { to: newId(), kind: 'frame' as const, bytes: utf8('x') };
    const codes = [];
    for (let i = 0; i < 8; i++) codes.push(await stranger.codeOf('send', { items: [item] }));
    expect(codes).to.deep.equal([
      ...Array<string>(3).fill('unauthenticated'),
      ...Array<string>(5).fill('rate-limited'),
    ]);
    expect(await stranger.closed).to.equal(CLOSE_CODES.flooding);
    const device = await world.enter();
    const again = [];
    for (let i = 0; i < 8; i++) again.push(await device.codeOf('auth', { signed: [newId(), new Uint8Array(64)] }));
    expect(again).to.deep.equal([
      ...Array<string>(3).fill('already-authenticated'),
      ...Array<string>(5).fill('rate-limited'),
    ]);
    expect(await device.closed).to.equal(CLOSE_CODES.flooding);
  });

  it('does not gather a message from more pieces than any proxy makes of it', async () => {
    world = await RelayWorld.start();
    const client = await world.connect();
    // Each piece keeps alive what it was read with.
    for (let i = 0; i < 1_000; i++) client.socket.send(Uint8Array.of(0), { binary: true, fin: false });
    expect(await client.closed).to.equal(1008);
  });

  it('outlives that the system refuses it connections', async () => {
    world = await RelayWorld.start();
    const requests = channel('http.server.request.start');
    const server = await new Promise<Server>((resolve, reject) => {
      const seen = (message: unknown): void => {
        requests.unsubscribe(seen);
        resolve((message as { server: Server }).server);
      };
      requests.subscribe(seen);
      fetch(`${world.httpOrigin}/healthz`).catch(reject);
    });
    // What Node emits when accept(2) fails, as it does without file descriptors left.
    for (let i = 0; i < 3; i++) server.emit('error', Object.assign(new Error('accept'), { code: 'EMFILE' }));
    expect(world.logged.filter(({ event, code }) => event === 'fault' && code === 'EMFILE')).to.have.length(3);
  });

  it('leaves others room in the queue when one address fills it', async () => {
    world = await RelayWorld.start({ trustedProxies: 1, limits: { queueEntriesPerAddress: 3 } });
    const announce = async (address: string): Promise<string> => {
      const keys = await newKeys();
      const client = await world.enter(keys, world.desk, address);
      return client.codeOf('announce', world.conversation(keys));
    };
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push(await announce('192.0.2.1'));
    expect(codes).to.deep.equal(['ok', 'ok', 'ok', 'quota']);
    expect(await announce('192.0.2.2')).to.equal('ok');
  });

  it('gives back an address its room in the queue, and counts an announcement that is repeated once', async () => {
    world = await RelayWorld.start({ limits: { queueEntriesPerAddress: 1 } });
    const keys = await newKeys();
    const client = await world.enter(keys);
    const [one, two] = [world.conversation(keys), world.conversation(keys)];
    expect(await client.codeOf('announce', one)).to.equal('ok');
    expect(await client.codeOf('announce', one)).to.equal('ok');
    expect(await client.codeOf('announce', two)).to.equal('quota');
    await client.request('finish', { conversation: one.conversation });
    expect(await client.codeOf('announce', two)).to.equal('ok');
  });

  it('lets nobody take the id of a conversation that it has heard of', async () => {
    world = await RelayWorld.start();
    const [keys, hostile] = [await newKeys(), await newKeys()];
    const [customer, other] = [await world.enter(keys), await world.enter(hostile)];
    const { conversation, salt } = world.conversation(keys);
    expect(await other.codeOf('announce', { conversation, salt })).to.equal('forbidden');
    expect(await other.codeOf('announce', { conversation, salt: newId() })).to.equal('forbidden');
    expect(await customer.codeOf('announce', { conversation, salt })).to.equal('ok');
  });

  it('leaves others room for blobs when the devices of one address promise themselves all', async () => {
    world = await RelayWorld.start({ trustedProxies: 1, limits: { blobBytesPerAddress: 100 } });
    const agent = await newKeys();
    await world.publish({ keys: agent, role: 'agent' });
    const create = async (address: string, size: number, keys = agent): Promise<string> =>
      (await world.enter(keys, world.desk, address)).codeOf('blob-create', { size });
    expect(await create('192.0.2.1', 60, await newKeys())).to.equal('ok');
    expect(await create('192.0.2.1', 60, await newKeys())).to.equal('quota');
    expect(await create('192.0.2.1', 60)).to.equal('ok');
    expect(await create('192.0.2.2', 60, await newKeys())).to.equal('ok');
  });

  it('holds an address to a rate of new tickets, not of those that it moves', async () => {
    world = await RelayWorld.start({ limits: { rates: { addressNewTickets: { burst: 2, perMinute: 0 } } } });
    const device = await world.enter();
    const put = (id: Uint8Array): Promise<string> =>
      device.codeOf('ticket-put', { id, half: new Uint8Array(32), expires: Date.now() + DAY });
    const first = newId();
    expect([await put(first), await put(newId()), await put(newId())]).to.deep.equal(['ok', 'ok', 'rate-limited']);
    expect(await put(first)).to.equal('ok');
  });

  it('bounds what the customers of one address lay into mailboxes together, and not what members do', async () => {
    world = await RelayWorld.start({ limits: { rates: { addressMailBytes: { burst: 100, perMinute: 0 } } } });
    const [agent, to] = [await newKeys(), await newKeys()];
    await world.publish({ keys: agent, role: 'agent' });
    await world.enter(to);
    const item = { to: to.id, kind: 'frame' as const, bytes: new Uint8Array(60) };
    expect(await (await world.enter()).codeOf('send', { items: [item] })).to.equal('ok');
    expect(await (await world.enter()).codeOf('send', { items: [item] })).to.equal('rate-limited');
    expect(await (await world.enter(agent)).codeOf('send', { items: [item, item] })).to.equal('ok');
  });

  it('holds a member to a rate of changes of duty', async () => {
    world = await RelayWorld.start({
      limits: { memberFactor: 1, rates: { deviceQueueMoves: { burst: 2, perMinute: 0 } } },
    });
    const agent = await newKeys();
    await world.publish({ keys: agent, role: 'agent' });
    const client = await world.enter(agent);
    const codes = [];
    for (const state of ['on', 'off', 'on'] as const) codes.push(await client.codeOf('duty', { state }));
    expect(codes).to.deep.equal(['ok', 'ok', 'rate-limited']);
  });

  it('tells watchers of a new directory although its own store then fails', async () => {
    world = await RelayWorld.start();
    const [agent, other] = [await newKeys(), await newKeys()];
    await world.publish({ keys: agent, role: 'agent' }, { keys: other, role: 'agent' });
    const keys = await newKeys();
    const customer = await world.enter(keys);
    await customer.request('directory-watch', { desk: world.desk });
    const { conversation, salt } = world.conversation(keys);
    await customer.request('announce', { conversation, salt });
    await (await world.enter(agent)).request('claim', { conversation });
    const commit = world.store.commit.bind(world.store);
    world.store.commit = async (changes) => {
      if (changes.some(({ table }) => table === 'queue')) throw new Error('no space left');
      return commit(changes);
    };
    const root = await world.enter(world.root);
    const bundle = await world.bundle([{ keys: other, role: 'agent' }]);
    expect(await root.codeOf('directory-publish', { bundle })).to.equal('unavailable');
    expect((await customer.next('directory')).bundle).to.deep.equal(bundle);
    world.store.commit = commit;
    await until(async () => (await (await world.enter(other)).codeOf('claim', { conversation })) === 'ok');
  });

  /** Lets writes to the queue wait until the returned function is called. */
  function holdQueue(): () => void {
    const commit = world.store.commit.bind(world.store);
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    world.store.commit = async (changes) => {
      if (changes.some(({ table }) => table === 'queue')) await held;
      return commit(changes);
    };
    return go;
  }

  it('grants a member nothing that it asked for before it was removed and that is served after', async () => {
    world = await RelayWorld.start();
    const [agent, other] = [await newKeys(), await newKeys()];
    await world.publish({ keys: agent, role: 'agent' }, { keys: other, role: 'agent' });
    const keys = await newKeys();
    const [customer, leaving] = [await world.enter(keys), await world.enter(agent)];
    const { conversation: claimed, salt } = world.conversation(keys);
    await customer.request('announce', { conversation: claimed, salt });
    await leaving.request('claim', { conversation: claimed });
    const go = holdQueue();
    const announced = customer.request('announce', world.conversation(keys));
    const asked = [
      leaving.codeOf('queue-watch', {}),
      leaving.codeOf('finish', { conversation: claimed }),
      leaving.codeOf('assign', { conversation: claimed, to: other.id }),
      leaving.codeOf('requeue', { conversation: claimed }),
    ];
    await leaving.request('ping', {});
    const root = await world.enter(world.root);
    const watched = await world.enter();
    await watched.request('directory-watch', { desk: world.desk });
    const published = root.request('directory-publish', {
      bundle: await world.bundle([{ keys: other, role: 'agent' }]),
    });
    await watched.next('directory');
    go();
    await Promise.all([announced, published]);
    expect(await Promise.all(asked)).to.deep.equal(Array<string>(4).fill('forbidden'));
    await customer.request('announce', world.conversation(keys));
    expect(leaving.untaken('queue')).to.equal(0);
    expect(await (await world.enter(other)).codeOf('claim', { conversation: claimed })).to.equal('ok');
  });

  it('ends a connection whose mail it cannot read, so that the next one gets it', async () => {
    world = await RelayWorld.start();
    const keys = await newKeys();
    const [sender, reader] = [await world.enter(), await world.enter(keys)];
    const read = world.store.read.bind(world.store);
    world.store.read = async () => {
      throw new Error('input/output error');
    };
    await reader.request('subscribe', {});
    await sender.request('send', { items: [{ to: keys.id, kind: 'frame', bytes: utf8('kept') }] });
    expect(await reader.closed).to.equal(CLOSE_CODES.internal);
    world.store.read = read;
    const again = await world.enter(keys);
    await again.request('subscribe', {});
    expect((await again.next('mail')).bytes).to.deep.equal(utf8('kept'));
  });
});

describe('relay hub', () => {
  it('keeps no session that ended while it waited for its turn', () => {
    const hub = new Hub();
    const pushed: Uint8Array[] = [];
    const identity = { key: newId(), device: newId(), deviceName: 'aa', desk: newId(), deskName: 'bb' };
    const session = { identity, isOpen: false, pushEncoded: (bytes: Uint8Array) => pushed.push(bytes) };
    hub.join('root/bb', session as unknown as Caller, 1);
    hub.publish('root/bb', 'enrolment', {});
    expect(pushed).to.deep.equal([]);
  });
});
