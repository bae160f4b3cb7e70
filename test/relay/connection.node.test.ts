import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { systemClock } from '../../src/relay/clock.ts';
import { Connection, type Peer } from '../../src/relay/connection.ts';
import { limitsWith, type LimitChanges } from '../../src/relay/limits.ts';
import type { LogEntry } from '../../src/relay/log.ts';
import { memoryStore } from '../../src/relay/memory-store.ts';
import { servicesOf, type Services } from '../../src/relay/services.ts';
import type { RelayStore } from '../../src/relay/store.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { decodeRelayFrame, encodeRequest } from '../../src/wire/frames.ts';

/** A socket whose unsent bytes are what the test says. */
class HeldPeer implements Peer {
  unsent = 0;
  reading = true;
  closedWith: number | null = null;
  readonly sent: Uint8Array[] = [];
  readonly #callbacks: (() => void)[] = [];

  send(bytes: Uint8Array, sent: () => void): void {
    this.sent.push(bytes);
    this.#callbacks.push(sent);
  }

  close(code: number): void {
    this.closedWith = code;
  }

  pause(): void {
    this.reading = false;
  }

  resume(): void {
    this.reading = true;
  }

  /** All has left. */
  flush(): void {
    this.unsent = 0;
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('relay connection', () => {
  let logged: LogEntry[];

  function connection(
    changes: LimitChanges = { unsentPause: 1_000, unsentLimit: 10_000, requestsAtOnce: 4 },
    store: RelayStore = memoryStore(),
  ): { peer: HeldPeer; under: Connection; services: Services } {
    logged = [];
    const services = servicesOf({
      store,
      data: tmpdir(),
      origins: new Set(),
      desks: 'open',
      limits: limitsWith(changes),
      clock: systemClock,
      random: (length) => new Uint8Array(length),
      crypto: nobleCrypto,
      log: (entry) => {
        logged.push(entry);
      },
    });
    const peer = new HeldPeer();
    const under = new Connection({ services, peer, address: 'address', number: 1 });
    under.start();
    return { peer, under, services };
  }

  it('is closed as a slow consumer when too much is unsent', () => {
    const { peer, under } = connection();
    peer.unsent = 10_000;
    under.push('unsubscribed', {});
    expect(peer.closedWith).to.equal(null);
    peer.unsent = 10_001;
    under.push('unsubscribed', {});
    expect(peer.closedWith).to.equal(CLOSE_CODES['slow-consumer']);
    const count = peer.sent.length;
    under.push('unsubscribed', {});
    expect(peer.sent.length).to.equal(count);
  });

  it('closes who has much unsent when all together have too much, and leaves the others alone', () => {
    const { peer, under, services } = connection({ unsentPause: 1 << 20, unsentLimit: 1 << 20, unsentTotal: 1_000 });
    peer.unsent = 256 << 10;
    services.outgoing.unsent = 2_000;
    under.push('unsubscribed', {});
    expect(peer.closedWith).to.equal(null);
    services.outgoing.unsent = 600;
    peer.unsent += 1;
    expect(under.isCongested).to.equal(true);
    under.push('unsubscribed', {});
    expect(peer.closedWith).to.equal(null);
    services.outgoing.unsent = 1_000;
    under.push('unsubscribed', {});
    expect(peer.closedWith).to.equal(CLOSE_CODES['slow-consumer']);
    peer.flush();
    expect(services.outgoing.unsent).to.be.lessThan(1_000);
  });

  it('serves nothing while much is unsent, and all of it in order after', async () => {
    const { peer, under } = connection();
    peer.unsent = 2_000;
    for (let id = 0; id < 20; id++) under.receive(encodeRequest('ping', id, {}));
    await turn();
    expect(peer.sent.length).to.equal(1);
    expect(peer.reading).to.equal(false);
    peer.flush();
    await turn();
    const ids = peer.sent.slice(1).map((bytes) => {
      const frame = decodeRelayFrame(bytes, () => 'ping');
      return frame.is === 'ok' ? frame.id : null;
    });
    expect(ids).to.deep.equal(Array.from({ length: 20 }, (_, i) => i));
    expect(peer.reading).to.equal(true);
  });

  it('works on a bounded number of requests at once', async () => {
    const store = memoryStore();
    let reading = 0;
    let most = 0;
    const go: (() => void)[] = [];
    store.get = async () => {
      most = Math.max(most, ++reading);
      await new Promise<void>((resolve) => go.push(resolve));
      reading -= 1;
      return undefined;
    };
    const { peer, under } = connection(undefined, store);
    for (let id = 0; id < 10; id++) under.receive(encodeRequest('ticket-read', id, { id: new Uint8Array(16) }));
    await turn();
    expect([most, peer.reading]).to.deep.equal([4, false]);
    while (peer.sent.length < 11) {
      go.splice(0).forEach((resolve) => {
        resolve();
      });
      await turn();
    }
    expect([most, peer.reading]).to.deep.equal([4, true]);
  });

  it('answers a fault of the store as unavailable, logs what and where but no message, and goes on', async () => {
    const store = memoryStore();
    store.get = () => Promise.reject(new Error('planted words'));
    const { peer, under } = connection(undefined, store);
    under.receive(encodeRequest('ticket-read', 5, { id: new Uint8Array(16) }));
    await turn();
    const answer = decodeRelayFrame(peer.sent.at(-1) ?? utf8(''), () => 'ticket-read');
    expect(answer).to.deep.equal({
      is: 'error',
      id: 5,
      refusal: { code: 'unavailable', retryAfter: null, by: null },
    });
    expect(peer.closedWith).to.equal(null);
    expect(logged.find(({ event }) => event === 'fault')).to.include({ request: 'ticket-read', name: 'Error' });
    expect(JSON.stringify(logged)).not.to.include('planted');
  });
});
