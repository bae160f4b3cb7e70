import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { newKeys, RelayWorld, until } from '../support/relay-world.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('relay against slow and greedy peers', function () {
  this.timeout(40_000);
  let world: RelayWorld;
  afterEach(() => world.stop());

  function raw(): Socket {
    const socket = connect(Number(new URL(world.httpOrigin).port), '127.0.0.1');
    socket.on('error', () => undefined);
    return socket.resume();
  }

  /** Writes a byte now and then until the socket is closed; resolves with how long that took, ms. */
  async function trickle(socket: Socket, bytes: Uint8Array, every: number): Promise<number> {
    const began = Date.now();
    let at = 0;
    const timer = setInterval(() => {
      socket.write(bytes.subarray(at, ++at));
    }, every);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(timer);
    return Date.now() - began;
  }

  it('closes whose headers trickle, and serves the others meanwhile', async () => {
    world = await RelayWorld.start({ limits: { connectionsPerAddress: 500 } });
    const headers = Buffer.from(`GET /v1 HTTP/1.1\r\nHost: x\r\nX-Padding: ${'y'.repeat(2_000)}`);
    const sockets = Array.from({ length: 200 }, raw);
    const closed = Promise.all(sockets.map((socket) => trickle(socket, headers, 200)));
    await pause(500);
    const client = await world.enter(await newKeys());
    const began = Date.now();
    for (let i = 0; i < 50; i++) await client.request('ping', {});
    expect(Date.now() - began).to.be.lessThan(5_000);
    for (const time of await closed) expect(time).to.be.within(9_000, 16_000);
  });

  it('closes whose frame trickles, as one who says nothing', async () => {
    world = await RelayWorld.start({ limits: { idleAfter: 2_000, authWithin: 60_000 } });
    const client = await world.enter(await newKeys());
    const { socket } = client as unknown as { socket: { _socket: Socket } };
    // A masked binary frame of 100,000 B, byte by byte.
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa0, 1, 2, 3, 4]);
    const frame = Buffer.concat([head, Buffer.alloc(100_000)]);
    const time = await trickle(socket._socket, frame, 50);
    expect(await client.closed).to.be.oneOf([CLOSE_CODES.idle, 1006]);
    expect(time).to.be.within(1_500, 6_000);
  });

  it('bounds the sockets of one address that never become a connection', async () => {
    world = await RelayWorld.start({ limits: { connectionsPerAddress: 6 } });
    const sockets = Array.from({ length: 100 }, raw);
    const open = (): number => sockets.filter((socket) => !socket.closed).length;
    await until(() => open() === 70).catch(() => undefined);
    await pause(300);
    const left = open();
    for (const socket of sockets) socket.destroy();
    expect(left).to.equal(70);
    // Gone, they count no more.
    await until(async () => (await (await world.connect().catch(() => null))?.codeOf('ping', {})) === 'ok');
  });

  it('answers pings of the WebSocket within the rate of requests, and keeps nothing for who does not read', async () => {
    world = await RelayWorld.start({
      limits: { refusalsBeforeFlooding: 10, rates: { deviceRequests: { burst: 50, perMinute: 0 } } },
    });
    const client = await world.enter(await newKeys());
    let pongs = 0;
    client.socket.on('pong', () => (pongs += 1));
    for (let i = 0; i < 100; i++) client.socket.ping('x'.repeat(100));
    expect(await client.closed).to.equal(CLOSE_CODES.flooding);
    expect(pongs).to.equal(50);
  });
});
