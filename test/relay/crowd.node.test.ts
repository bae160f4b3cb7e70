import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { RelayService } from '../support/relay-service.ts';
import { newKeys } from '../support/relay-world.ts';
import { WireClient } from '../support/wire-client.ts';

const CLIENTS = 1_000;
/** How many clients this one process makes at a time: their signatures are work for it too. */
const AT_ONCE = 50;

async function inGroups<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map((item, i) => work(item, at + i)))));
  }
  return results;
}

/** As a proxy tells them: each client from an address of its own. */
const addressOf = (index: number): string => `10.1.${index >> 8}.${index & 255}`;

describe('relay and a crowd', function () {
  this.timeout(180_000);
  let directory: string;
  let service: RelayService;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'relay-crowd-'));
  });
  after(async () => {
    await service.end('SIGKILL');
    await rm(directory, { recursive: true });
  });

  it(`takes ${CLIENTS} clients back at once after it went away and after it was killed, and no mail is lost or twice`, async () => {
    const desk = (await newKeys()).key;
    const start = async (...more: string[]): Promise<void> => {
      service = await RelayService.start(directory, desk, '--trusted-proxies', '1', ...more);
    };
    await start();
    const keys = await inGroups(Array.from({ length: CLIENTS }), () => newKeys());
    const enter = (device: DeviceKeys, i: number): Promise<WireClient> =>
      WireClient.enter(service.origin, device, desk, addressOf(i));
    let clients = await inGroups(keys, enter);
    for (const [round, signal, code] of [
      [0, 'SIGTERM', CLOSE_CODES['going-away']],
      [1, 'SIGKILL', 1006],
    ] as const) {
      // Each writes to the next one, which is not listening.
      const accepted = await inGroups(clients, (client, i) => {
        const bytes = utf8(`${round} of ${i}`);
        const to = keys[(i + 1) % CLIENTS]?.id ?? new Uint8Array(16);
        return client.request('send', { items: [{ to, kind: 'frame', bytes }] });
      });
      expect(accepted.every(({ results }) => results[0] === 'accepted')).to.equal(true);
      service.signal(signal);
      expect(new Set(await Promise.all(clients.map(({ closed }) => closed)))).to.deep.equal(new Set([code]));
      await service.ended;
      await start();
      const began = performance.now();
      // All sockets at once; who was turned away would fail here.
      const sockets = await Promise.all(keys.map((_, i) => WireClient.connect(service.origin, addressOf(i))));
      await Promise.all(sockets.map((client, i) => client.auth(keys[i] as DeviceKeys, desk)));
      clients = sockets;
      const texts = await Promise.all(
        clients.map(async (client) => {
          await client.request('subscribe', {});
          const { bytes, seq } = await client.next('mail', 60_000);
          await client.request('ack', { upTo: seq });
          return Buffer.from(bytes).toString();
        }),
      );
      const seconds = (performance.now() - began) / 1_000;
      console.log(`      ${CLIENTS} back with their mail after ${seconds.toFixed(1)} s (${signal})`);
      expect(texts).to.deep.equal(keys.map((_, i) => `${round} of ${(i + CLIENTS - 1) % CLIENTS}`));
      expect(clients.map((client) => client.untaken('mail')).every((count) => count === 0)).to.equal(true);
    }
    expect(service.log.filter(({ level }) => level === 'error')).to.deep.equal([]);
    for (const client of clients) client.socket.terminate();
  });
});
