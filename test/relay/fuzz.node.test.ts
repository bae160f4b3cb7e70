import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { REQUESTS } from '../../src/wire/requests.ts';
import { RelayService } from '../support/relay-service.ts';
import { newKeys } from '../support/relay-world.ts';
import { WireClient } from '../support/wire-client.ts';

/** `FUZZ_FRAMES=1000000` for a long run. */
const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 10_000);
const CONNECTIONS = 8;
/** Frames of a connection that are on their way at once. */
const WINDOW = 64;
/** When it stops although fewer were sent, ms: a slow machine is no fault of the relay. */
const AT_MOST = FRAMES * 6;

/** A small generator, so that a failure can be had again: the seed is printed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('relay against random frames', function () {
  this.timeout(60_000 + 2 * AT_MOST);
  let directory: string;
  let service: RelayService;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'relay-fuzz-'));
  });
  after(async () => {
    await service.end('SIGKILL');
    await rm(directory, { recursive: true });
  });

  it('answers or closes, meets no fault of its own, does not grow, and serves the others', async () => {
    const seed = Date.now() % 1_000_000;
    const below = randomFrom(seed);
    const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
    const desk = (await newKeys()).key;
    const endless = '1000000000/1000000000';
    const rates = [
      'addressConnections',
      'addressRequests',
      'addressNewTickets',
      'addressNewDevices',
      'addressMailBytes',
    ];
    const ofDevices = ['Requests', 'Mail', 'Signals', 'Publications', 'PrekeyFetches', 'QueueMoves', 'Blobs'];
    const limits = [...rates, ...ofDevices.map((name) => `device${name}`)].map((name) => `rates.${name}=${endless}`);
    service = await RelayService.start(directory, desk, '--limit', ...limits, 'unsentTotal=64MiB');
    const keys = await newKeys();
    const bystander = await WireClient.enter(service.origin, await newKeys(), desk);

    const types = Object.keys(REQUESTS);
    const known = [desk, keys.key, keys.id, new Uint8Array(16), new Uint8Array(32), new Uint8Array(64)];
    const bytes = (): Uint8Array =>
      below(3) > 0 ? pick(known) : Uint8Array.from({ length: pick([0, 1, 16, 31, 32, 33, 64, 300]) }, () => below(256));
    const number = (): number => pick([0, 1, 2, 15, 64, 1_000, 65_552, 2 ** 32, 2 ** 53 - 1]);
    const value = (depth: number): CborValue => {
      const kind = below(depth > 3 ? 5 : 8);
      if (kind < 2) return bytes();
      if (kind === 2) return number();
      if (kind === 3) return pick(['frame', 'reset', 'on', 'off', '', '../../../etc/passwd', 'x'.repeat(300)]);
      if (kind === 4) return pick([null, true, false]);
      if (kind === 5) return Array.from({ length: below(4) }, () => value(depth + 1));
      return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(fields), value(depth + 1)]));
    };
    const fields = ['device', 'desk', 'to', 'bytes', 'items', 'kind', 'blob', 'offset', 'size', 'id', 'half', 'signed'];
    /** A request that is of the catalogue: the relay must answer it. */
    const wellFormed = (id: number): Uint8Array => {
      const sixteen = (): Uint8Array => pick([keys.id, new Uint8Array(16).fill(below(4))]);
      const thirtyTwo = (): Uint8Array => pick([desk, keys.key, new Uint8Array(32).fill(below(4))]);
      const signed = (): Uint8Array[] => [
        Uint8Array.from({ length: 1 + below(200) }, () => below(256)),
        new Uint8Array(64),
      ];
      const items = (): CborValue[] =>
        Array.from({ length: 1 + below(3) }, () => ({
          to: sixteen(),
          kind: pick(['frame', 'reset']),
          bytes: new Uint8Array(1 + below(90)),
        }));
      const request = pick<[string, CborValue]>([
        ['ping', {}],
        ['prekeys-publish', { signed: pick([null, signed()]), oneTime: Array.from({ length: below(3) }, signed) }],
        ['prekeys-count', {}],
        ['prekeys-fetch', { device: sixteen() }],
        ['send', { items: items() }],
        ['signal', { to: sixteen(), bytes: new Uint8Array(1 + below(256)) }],
        ['ack', { upTo: number() % 2 ** 40 }],
        ['directory-fetch', { desk: thirtyTwo() }],
        ['directory-watch', { desk: thirtyTwo() }],
        ['directory-publish', { bundle: Uint8Array.from({ length: 1 + below(500) }, () => below(256)) }],
        ['enrol', { desk: thirtyTwo(), request: signed() }],
        ['enrolments', {}],
        ['duty-list', { desk: thirtyTwo() }],
        ['announce', { conversation: sixteen(), salt: sixteen() }],
        ['queue-watch', {}],
        ['claim', { conversation: sixteen() }],
        ['assign', { conversation: sixteen(), to: sixteen() }],
        ['finish', { conversation: sixteen() }],
        ['blob-status', { blob: thirtyTwo() }],
        ['blob-read', { blob: thirtyTwo(), offset: below(10), length: 1 + below(1_000) }],
        ['blob-write', { blob: thirtyTwo(), offset: below(10), bytes: new Uint8Array(1 + below(100)) }],
        ['ticket-read', { id: sixteen() }],
        ['ticket-drop', { id: sixteen() }],
        ['vault-destroy', { signed: signed() }],
      ]);
      return encodeCbor([request[0], id, request[1]]);
    };
    /** Anything else. */
    const odd = (id: number): Uint8Array | string => {
      const kind = below(5);
      if (kind === 0) return encodeCbor([pick(types), id, value(0)]);
      if (kind === 1) return encodeCbor(value(0));
      if (kind === 2) return Uint8Array.from({ length: below(300) }, () => below(256));
      if (kind === 3) return 'text'.repeat(below(20));
      const changed = wellFormed(id).slice();
      for (let i = 0; i <= below(3); i++) changed[below(changed.length)] = below(256);
      return changed;
    };

    const counts = { sent: 0, answered: 0, closed: 0 };
    const codes = new Map<number, number>();
    const end = Date.now() + AT_MOST;
    const goesOn = (): boolean => counts.sent < FRAMES && Date.now() < end;

    async function oneConnection(isKnown: boolean): Promise<void> {
      const client = isKnown
        ? await WireClient.enter(service.origin, keys, desk)
        : await WireClient.connect(service.origin);
      const { socket } = client;
      let [open, id] = [0, 1_000];
      let wake = (): void => undefined;
      socket.removeAllListeners('message').on('message', () => {
        open -= 1;
        counts.answered += 1;
        wake();
      });
      void client.closed.then(() => {
        wake();
      });
      while (goesOn() && socket.readyState === WebSocket.OPEN) {
        // One in two hundred may end the connection.
        const frame = below(200) === 0 ? odd(++id) : wellFormed(++id);
        socket.send(frame);
        counts.sent += 1;
        open += 1;
        if (open >= WINDOW) await new Promise<void>((resolve) => (wake = resolve));
      }
      // What was sent last has its answer soon, or the connection its end.
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 500));
      const code = await Promise.race([client.closed, late]);
      if (code === null) socket.terminate();
      else {
        codes.set(code, (codes.get(code) ?? 0) + 1);
        counts.closed += 1;
      }
    }
    const before = await service.memory();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, i) => {
        while (goesOn()) await oneConnection(i % 2 === 0);
      }),
    );
    // Below the messages: frames that no WebSocket would send.
    const handshake = `GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    let raw = 0;
    for (; raw < 300; raw++) {
      const socket = connect(service.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(handshake);
      await new Promise((resolve) => socket.once('data', resolve));
      socket.end(Uint8Array.from({ length: 2 + below(200) }, () => below(256)));
      await new Promise((resolve) => socket.resume().once('close', resolve));
    }
    console.log(
      `      ${counts.sent} frames: ${counts.answered} answers and pushes, ${counts.closed} connections closed ` +
        `(${[...codes].map(([code, count]) => `${code}: ${count}`).join(', ')}); ${raw} of raw bytes; seed ${seed}`,
    );
    expect((await bystander.request('ping', {})).now).to.be.greaterThan(0);
    expect(counts.sent).to.be.greaterThan(FRAMES / 20);
    expect(counts.answered).to.be.greaterThan(counts.sent / 2);
    expect(
      [...codes.keys()].filter((code) => code !== CLOSE_CODES.malformed && code !== CLOSE_CODES.idle),
    ).to.deep.equal([]);
    expect(service.log.filter(({ event }) => event === 'fault' || event === 'crash')).to.deep.equal([]);
    expect((await service.memory()) - before).to.be.lessThan(256 << 20);
    expect(await service.end()).to.equal(0);
    expect([service.errors, service.stray]).to.deep.equal(['', '']);
  });
});
