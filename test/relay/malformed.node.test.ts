import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { utf8 } from '../../src/bytes/bytes.ts';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { decodeRequest, encodeRequest } from '../../src/wire/frames.ts';
import { MAX_WIRE_MESSAGE } from '../../src/wire/limits.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';
import type { WireClient } from '../support/wire-client.ts';

describe('relay against malformed messages', () => {
  let world: RelayWorld;
  /** A well-behaved client that must notice nothing. */
  let bystander: WireClient;
  before(async () => {
    world = await RelayWorld.start({
      limits: {
        rates: { addressConnections: { burst: 1e6, perMinute: 1e6 }, addressRequests: { burst: 1e6, perMinute: 1e6 } },
      },
    });
    bystander = await world.enter();
  });
  afterEach(async () => {
    expect((await bystander.request('ping', {})).now).to.be.greaterThan(0);
  });
  after(() => world.stop());

  async function closeCodeAfter(message: Uint8Array | string): Promise<number> {
    const client = await world.connect();
    client.socket.send(message);
    return client.closed;
  }

  const ping = encodeRequest('ping', 1, {});
  const cases: Record<string, Uint8Array | string> = {
    'text that says the same': Buffer.from(ping).toString('latin1'),
    'an empty text': '',
    'no bytes at all': new Uint8Array(),
    'bytes after the end': new Uint8Array([...ping, 0]),
    'bytes that end too early': ping.subarray(0, -1),
    'an array of indefinite length': new Uint8Array([0x9f, ...ping.subarray(1), 0xff]),
    'a number longer than it must be': new Uint8Array([0x83, 0x64, ...utf8('ping'), 0x18, 0x01, 0xa0]),
    'a map instead of an array': encodeCbor({ type: 'ping', id: 1, body: {} }),
    'an unknown type': encodeCbor(['pong', 1, {}]),
    'a type that every object has': encodeCbor(['constructor', 1, {}]),
    'no id': encodeCbor(['ping', {}]),
    'a part too many': encodeCbor(['ping', 1, {}, null]),
    'an id that is too large': encodeCbor(['ping', 2 ** 32, {}]),
    'an unknown field': encodeCbor(['ping', 1, { extra: null }]),
    'a missing field': encodeCbor(['directory-fetch', 1, {}]),
    'a field of another type': encodeCbor(['directory-fetch', 1, { desk: 'desk' }]),
    'a field of another size': encodeCbor(['directory-fetch', 1, { desk: new Uint8Array(31) }]),
    'a list that is too long': encodeCbor([
      'send',
      1,
      { items: Array.from({ length: 25 }, () => ({ to: new Uint8Array(16), kind: 'frame', bytes: utf8('x') })) },
    ]),
    'an answer': encodeCbor(['ok', 1, {}]),
    'a deep nest': new Uint8Array(10_000).fill(0x81),
    'a promise of more than there is': new Uint8Array([0x9b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
  };
  for (const [name, message] of Object.entries(cases)) {
    it(`closes the connection on ${name}`, async () => {
      expect(await closeCodeAfter(message)).to.equal(CLOSE_CODES.malformed);
    });
  }

  it('closes the connection on a message that is too large, whole or in pieces', async () => {
    expect(await closeCodeAfter(new Uint8Array(MAX_WIRE_MESSAGE + 1))).to.equal(CLOSE_CODES['message-too-large']);
    const client = await world.connect();
    for (let i = 0; i < 5; i++) client.socket.send(new Uint8Array(MAX_WIRE_MESSAGE / 4), { fin: false });
    expect(await client.closed).to.equal(CLOSE_CODES['message-too-large']);
  });

  it('serves a message in pieces like a whole one', async () => {
    const client = await world.connect();
    await client.next('challenge');
    client.socket.removeAllListeners('message');
    const half = ping.length >> 1;
    client.socket.send(ping.subarray(0, half), { fin: false });
    client.socket.send(ping.subarray(half), { fin: true });
    const data = await new Promise<Buffer>((resolve) => client.socket.once('message', resolve));
    expect(data[0]).to.equal(0x83);
  });

  it('closes on random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 300 }), async (bytes) => {
        expect(await closeCodeAfter(bytes)).to.equal(CLOSE_CODES.malformed);
      }),
      { numRuns: 60 },
    );
  });

  it('survives mutated requests on authenticated connections: an answer or a close, never silence', async function () {
    this.timeout(30_000);
    const id = new Uint8Array(randomBytes(16));
    const originals = [
      encodeRequest('send', 7, { items: [{ to: id, kind: 'frame', bytes: utf8('some bytes') }] }),
      encodeRequest('prekeys-fetch', 7, { device: id }),
      encodeRequest('prekeys-publish', 7, { signed: null, oneTime: [[utf8('prekey'), new Uint8Array(64)]] }),
      encodeRequest('ticket-put', 7, { id, half: new Uint8Array(32), expires: Date.now() + 1_000 }),
      encodeRequest('directory-publish', 7, { bundle: utf8('bundle') }),
      encodeRequest('blob-create', 7, { size: 10 }),
      encodeRequest('announce', 7, { conversation: id, salt: id }),
      encodeRequest('auth', 7, { signed: [utf8('auth'), new Uint8Array(64)] }),
    ];
    const keys = await newKeys();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }),
        async (original, flips) => {
          const bytes = original.slice();
          for (const [at, flip] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
          const client = await world.enter(keys);
          const answered = new Promise<string>((resolve) => {
            client.socket.removeAllListeners('message');
            client.socket.once('message', () => {
              resolve('answer');
            });
          });
          client.socket.send(bytes);
          const outcome = await Promise.race([answered, client.closed]);
          let wellFormed = true;
          try {
            decodeRequest(bytes);
          } catch {
            wellFormed = false;
          }
          expect(outcome).to.equal(wellFormed ? 'answer' : CLOSE_CODES.malformed);
          client.socket.terminate();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('ignores everything after the malformed message', async () => {
    const client = await world.enter();
    const answers: unknown[] = [];
    client.socket.on('message', (data) => answers.push(data));
    client.socket.send(encodeCbor(['pong', 1, {}]));
    for (let i = 0; i < 20; i++) client.socket.send(encodeRequest('ping', i, {}));
    expect(await client.closed).to.equal(CLOSE_CODES.malformed);
    expect(answers).to.have.length(0);
  });

  it('offers the socket at its path alone', async () => {
    const status = (path: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        const socket = new WebSocket(world.origin + path);
        socket.on('unexpected-response', (_request, response) => {
          resolve(response.statusCode);
          socket.terminate();
        });
        socket.on('open', () => {
          resolve(101);
          socket.terminate();
        });
        socket.on('error', () => undefined);
      });
    expect(await status('/')).to.equal(404);
    expect(await status('/v2')).to.equal(404);
    expect(await status('/v1/')).to.equal(404);
    expect(await status('/v1')).to.equal(101);
  });
});
