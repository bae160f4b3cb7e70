import { expect } from 'chai';
import fc from 'fast-check';
import { DrivenClock, settled } from '../../src/adapters/memory/driven-clock.ts';
import { toHex } from '../../src/bytes/text.ts';
import {
  connectRelay,
  type RelayConnection,
  type RelayDevice,
  type RelayState,
} from '../../src/engine/relay-connection.ts';
import { type ChatError, codeOf } from '../../src/errors.ts';
import { deviceKeysFrom } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { CLOSE_CODES, type CloseName } from '../../src/wire/codes.ts';
import { encodePush, encodeReply } from '../../src/wire/frames.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { ScriptedRelay } from '../support/scripted-relay.ts';

const URL = 'wss://relay.example';
const desk = new Uint8Array(32).fill(9);
const unexpected = (error: unknown): never => {
  throw error;
};

describe('the relay connection', () => {
  let device: RelayDevice;
  let clock: DrivenClock;
  let relay: ScriptedRelay;
  /** What chance gives: 255 is nearly 1, the longest wait. */
  let chance = 255;
  const opened: RelayConnection[] = [];

  before(async () => {
    device = { keys: await deviceKeysFrom(nobleCrypto, new Uint8Array(32).fill(5)), crypto: nobleCrypto, desk };
  });

  beforeEach(() => {
    clock = new DrivenClock();
    relay = new ScriptedRelay(clock);
    chance = 255;
  });

  afterEach(() => {
    for (const connection of opened.splice(0)) connection.close();
    expect(clock.timers, 'timers left behind').to.equal(0);
  });

  const random = (length: number): Uint8Array => new Uint8Array(length).fill(chance);

  function connect(who: RelayDevice | null = device, url = URL): RelayConnection {
    const connection = connectRelay({ ports: { transport: relay.transport, clock, random }, url, device: who });
    opened.push(connection);
    return connection;
  }

  async function online(who: RelayDevice | null = device): Promise<RelayConnection> {
    const connection = connect(who);
    await settled();
    expect(connection.now.connection).to.equal('online');
    return connection;
  }

  const codeOfState = (connection: RelayConnection): string | null => connection.now.problem?.code ?? null;
  const drop = { conversation: new Uint8Array(16) };

  describe('opening', () => {
    it('authenticates this device for its desk to the relay of the URL', async () => {
      relay.skew = 5_000;
      const connection = connect(device, 'wss://Relay.Example:443/chat/');
      expect(connection.now).to.deep.equal({
        connection: 'connecting',
        latency: null,
        skew: null,
        problem: null,
        retryAt: null,
      });
      await settled();
      expect(relay.peer.url).to.equal('wss://relay.example/chat/v1');
      expect(relay.auths).to.have.length(1);
      expect(relay.auths[0]).to.include({ v: 1, relay: 'wss://relay.example' });
      expect(relay.auths[0]?.key).to.deep.equal(device.keys.key);
      expect(relay.auths[0]?.desk).to.deep.equal(desk);
      expect(connection.now).to.include({ connection: 'online', problem: null, skew: 5_000, retryAt: null });
    });

    it('refuses URLs that would send in the clear or are none, before anything is opened', async () => {
      for (const url of ['ws://relay.example', 'ws://127.0.0.1.example', 'ws://localhost.example', 'ws://10.0.0.1']) {
        expect(await codeOfThrow(() => connect(device, url))).to.equal('relay-insecure');
      }
      for (const url of [
        '',
        'relay.example',
        'https://relay.example',
        'wss://relay.example?token=1',
        'wss://a:b@relay.example',
      ]) {
        expect(await codeOfThrow(() => connect(device, url))).to.equal('relay-url-malformed');
      }
      for (const url of ['ws://localhost:8080', 'ws://127.0.0.1:8080', 'ws://[::1]:8080', 'wss://relay.example'])
        connect(device, url);
      await settled();
      expect(relay.peers).to.have.length(4);
    });

    it('does without a device for what needs none, and refuses the rest', async () => {
      const connection = await online(null);
      expect(relay.auths).to.have.length(0);
      relay.onRequest = (frame) => {
        if (frame.type === 'ticket-read') relay.reply(frame, { half: new Uint8Array(32).fill(1) });
      };
      const { half } = await connection.request('ticket-read', { id: new Uint8Array(16) });
      expect(half[0]).to.equal(1);
      expect(await codeOfThrow(() => connection.request('subscribe', {}))).to.equal('relay-unauthenticated');
      expect(relay.requests).to.have.length(1);
    });

    it('tries again when the relay does not greet, or the connection does not open', async () => {
      relay.greets = false;
      const connection = connect();
      await clock.advance(14_999);
      expect(connection.now.problem).to.equal(null);
      await clock.advance(1);
      expect(codeOfState(connection)).to.equal('relay-disconnected');
      await settled();
      expect(relay.peer.isOpen).to.equal(false);

      relay.transport.setNetwork('dead');
      await clock.advance(500);
      expect(connection.now.retryAt).to.equal(null);
      await clock.advance(15_000);
      expect(connection.now.retryAt).not.to.equal(null);

      relay.transport.setNetwork('up');
      relay.greets = true;
      await clock.advance(1_000);
      expect(connection.now.connection).to.equal('online');
    });

    it('says why the relay refused the device, and waits long before it asks again', async () => {
      relay.authRefusal = 'desk-unknown';
      const connection = connect();
      await settled();
      expect(codeOfState(connection)).to.equal('desk-unknown');
      expect(connection.now.connection).to.equal('connecting');
      expect((connection.now.retryAt ?? 0) - clock.now()).to.be.at.least(30_000);
      relay.authRefusal = null;
      await clock.advance(60_000);
      expect(connection.now.connection).to.equal('online');
    });

    it('does not believe a relay that takes it for another device', async () => {
      relay.authDevice = new Uint8Array(16);
      const connection = connect();
      await settled();
      expect(codeOfState(connection)).to.equal('relay-protocol');
    });
  });

  describe('requests', () => {
    it('get their own answers, in whichever order these come', async () => {
      const connection = await online();
      const asked = [1, 2, 3].map((n) => connection.request('prekeys-fetch', { device: new Uint8Array(16).fill(n) }));
      await settled();
      for (const frame of [...relay.requests].reverse()) {
        if (frame.type !== 'prekeys-fetch') throw new Error('another request');
        relay.reply(frame, { key: new Uint8Array(32).fill(frame.body.device[0] ?? 0), signed: null, oneTime: null });
      }
      const answers = await Promise.all(asked);
      expect(answers.map(({ key }) => key[0])).to.deep.equal([1, 2, 3]);
      expect(new Set(relay.requests.map(({ id }) => id)).size).to.equal(3);
    });

    it('are refused with the relay’s code, wait and winner', async () => {
      const connection = await online();
      relay.onRequest = (frame) => {
        relay.refuse(frame, 'already-claimed', { by: new Uint8Array(16).fill(0xab), retryAfter: 700 });
      };
      const error = await connection.request('claim', drop).catch((caught: unknown) => caught);
      expect(error).to.include({ code: 'already-claimed', kind: 'environment' });
      expect(error).to.have.deep.property('details', { retryAfter: 700, by: 'ab'.repeat(16) });
      expect(connection.now.connection).to.equal('online');
    });

    it('time out alone, and a late answer does no harm', async () => {
      const connection = await online();
      const codes: string[] = [];
      const note = (error: unknown): void => void codes.push(codeOf(error));
      connection.request('claim', drop).catch(note);
      connection.request('claim', drop, { timeout: 3_000 }).catch(note);
      await clock.advance(2_999);
      expect(codes).to.deep.equal([]);
      await clock.advance(1);
      expect(codes).to.deep.equal(['relay-timeout']);
      await clock.advance(7_000);
      expect(codes).to.deep.equal(['relay-timeout', 'relay-timeout']);
      for (const frame of relay.requests) if (frame.type === 'claim') relay.reply(frame, {});
      await settled();
      expect(connection.now.connection).to.equal('online');
      expect(relay.peers).to.have.length(1);
      relay.onRequest = (frame) => frame.type === 'claim' && relay.reply(frame, {});
      expect(await connection.request('claim', drop)).to.deep.equal({});
    });

    it('are never lost silently: a connection that breaks rejects all of them', async () => {
      const connection = await online();
      const asked = Array.from({ length: 5 }, () => connection.request('claim', drop).catch((error: unknown) => error));
      await settled();
      relay.peer.close(CLOSE_CODES['slow-consumer']);
      for (const error of await Promise.all(asked)) {
        expect(error).to.include({ code: 'relay-disconnected' });
        expect(error).to.have.nested.property('cause.code', 'relay-slow-consumer');
      }
      expect(await codeOfThrow(() => connection.request('claim', drop))).to.equal('relay-disconnected');
    });

    it('are rejected at once while there is no connection', async () => {
      relay.transport.setNetwork('refusing');
      const connection = connect();
      expect(await codeOfThrow(() => connection.request('claim', drop))).to.equal('relay-disconnected');
      await settled();
      const error = await connection.request('claim', drop).catch((caught: unknown) => caught);
      expect(error).to.have.nested.property('cause.code', 'relay-unreachable');
    });

    it('that break the catalogue are refused here and send nothing', async () => {
      const connection = await online();
      const wrong = { conversation: new Uint8Array(15) };
      expect(await codeOfThrow(() => connection.request('claim', wrong))).to.equal('shape-mismatch');
      await settled();
      expect(relay.requests).to.have.length(0);
      relay.onRequest = (frame) => frame.type === 'claim' && relay.reply(frame, {});
      expect(await connection.request('claim', drop)).to.deep.equal({});
    });
  });

  describe('pushes', () => {
    const signal = (n: number): Uint8Array =>
      encodePush('signal', { from: new Uint8Array(16), bytes: Uint8Array.of(n) });

    it('reach the listeners of their type in order, until these stop', async () => {
      const connection = await online();
      const seen: number[] = [];
      let others = 0;
      const stop = connection.onPush('signal', ({ bytes }) => seen.push(bytes[0] ?? -1));
      connection.onPush('unsubscribed', () => others++);
      for (let n = 0; n < 5; n++) relay.peer.send(signal(n));
      await settled();
      stop();
      relay.peer.send(signal(5));
      relay.peer.send(encodePush('unsubscribed', {}));
      await settled();
      expect(seen).to.deep.equal([0, 1, 2, 3, 4]);
      expect(others).to.equal(1);
    });

    it('reach the listeners of a later connection as well', async () => {
      const connection = await online();
      const seen: number[] = [];
      connection.onPush('signal', ({ bytes }) => seen.push(bytes[0] ?? -1));
      relay.peer.close();
      await clock.advance(1_000);
      relay.peer.send(signal(7));
      await settled();
      expect(seen).to.deep.equal([7]);
    });
  });

  describe('being online', () => {
    it('is told each time, and at once to who asks later', async () => {
      const connection = connect();
      const early: (number | undefined)[] = [];
      const stop = connection.onOnline(({ auth }) => early.push(auth?.queued));
      expect(early).to.deep.equal([]);
      await settled();
      expect(early).to.deep.equal([3]);
      let late = 0;
      connection.onOnline(() => late++);
      expect(late).to.equal(1);
      stop();
      relay.peer.close();
      await clock.advance(1_000);
      expect(late).to.equal(2);
      expect(early).to.deep.equal([3]);
    });

    it('can be asked for by requests made right there', async () => {
      relay.onRequest = (frame) => frame.type === 'subscribe' && relay.reply(frame, {});
      const connection = connect();
      const answers: unknown[] = [];
      connection.onOnline(
        () => void connection.request('subscribe', {}).then((answer) => answers.push(answer), unexpected),
      );
      await settled();
      relay.peer.close();
      await clock.advance(1_000);
      expect(answers).to.deep.equal([{}, {}]);
    });
  });

  describe('heartbeats', () => {
    it('go out every 20 s and measure the round trip', async () => {
      const connection = await online();
      expect(connection.now.latency).to.equal(0);
      const before = relay.pings;
      await clock.advance(60_000);
      expect(relay.pings - before).to.equal(3);

      relay.answersPings = false;
      await clock.advance(20_000);
      await clock.advance(140);
      relay.peer.send(encodeReply('ping', lastPing(), { now: 0 }));
      await settled();
      expect(connection.now.latency).to.equal(140);
      relay.answersPings = true;
    });

    it('that nobody answers end the connection after 10 s', async () => {
      const connection = await online();
      relay.transport.setNetwork('dead');
      const asked = codeOfThrow(() => connection.request('claim', drop, { timeout: 300_000 }));
      await clock.advance(20_000);
      expect(connection.now.connection).to.equal('online');
      await clock.advance(9_999);
      expect(connection.now.connection).to.equal('online');
      await clock.advance(1);
      expect(connection.now.connection).to.equal('connecting');
      expect(connection.now.latency).to.equal(null);
      expect(await asked).to.equal('relay-disconnected');
    });

    it('may be answered late while anything else comes in', async () => {
      const connection = await online();
      relay.answersPings = false;
      await clock.advance(20_000);
      for (let i = 0; i < 5; i++) {
        await clock.advance(8_000);
        relay.peer.send(encodePush('enrolment', {}));
        await settled();
      }
      expect(connection.now.connection).to.equal('online');
      relay.peer.send(encodeReply('ping', lastPing(), { now: 0 }));
      await settled();
      expect(connection.now.latency).to.equal(40_000);
      await clock.advance(30_000);
      expect(connection.now.connection).to.equal('connecting');
    });

    /** Requests are numbered from 0: auth, then pings alone in these tests. */
    function lastPing(): number {
      return relay.pings;
    }
  });

  describe('ends', () => {
    it('are named by the relay’s close codes', async () => {
      const names = Object.keys(CLOSE_CODES) as CloseName[];
      for (const name of names) {
        const connection = await online();
        relay.peer.close(CLOSE_CODES[name]);
        await settled();
        expect(codeOfState(connection)).to.equal(`relay-${name}`);
        connection.close();
      }
      for (const [code, expected] of [
        [1006, 'relay-disconnected'],
        [1000, 'relay-disconnected'],
        [1003, 'relay-protocol'],
        [4999, 'relay-disconnected'],
      ] as const) {
        const connection = await online();
        relay.peer.close(code);
        await settled();
        expect(codeOfState(connection)).to.equal(expected);
        connection.close();
      }
      relay.transport.setNetwork('refusing');
      const connection = connect();
      await settled();
      expect(codeOfState(connection)).to.equal('relay-unreachable');
    });

    it('follow whatever the relay may not send, and the next connection comes as after others', async () => {
      const good = encodePush('enrolment', {});
      const wrong: Uint8Array[] = [
        new Uint8Array(),
        Uint8Array.of(0xff),
        new TextEncoder().encode('hello'),
        good.slice(1),
        Uint8Array.of(...good, 0),
        encodeReply('claim', 4_000, {}),
        encodePush('challenge', { v: 1, nonce: new Uint8Array(32), now: 0 }),
        new Uint8Array(200_000),
      ];
      for (const bytes of wrong) {
        const connection = await online();
        const { peer } = relay;
        const asked = codeOfThrow(() => connection.request('claim', drop));
        await settled();
        peer.send(bytes);
        await settled();
        expect(codeOfState(connection)).to.equal('relay-protocol');
        expect(connection.now.problem?.kind).to.equal('peer');
        expect(peer.isOpen).to.equal(false);
        expect(await asked).to.equal('relay-disconnected');
        await clock.advance(500);
        expect(connection.now.connection).to.equal('online');
        connection.close();
      }
    });

    it('follow any bytes at all, without a wrong effect', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
          const connection = await online();
          relay.peer.send(bytes);
          await settled();
          expect(codeOfState(connection)).to.equal('relay-protocol');
          connection.close();
        }),
        { numRuns: 40 },
      );
    });

    it('follow a push before the greeting', async () => {
      relay.greets = false;
      const connection = connect();
      await settled();
      relay.peer.send(encodePush('enrolment', {}));
      await settled();
      expect(codeOfState(connection)).to.equal('relay-protocol');
    });
  });

  describe('trying again', () => {
    /** Waits for each attempt and gives how long it was waited for, ms. */
    async function waits(connection: RelayConnection, attempts: number): Promise<number[]> {
      const list: number[] = [];
      for (let i = 0; i < attempts; i++) {
        await settled();
        const wait = (connection.now.retryAt ?? NaN) - clock.now();
        list.push(wait);
        await clock.advance(wait);
      }
      return list;
    }

    it('waits longer each time, from half a second to a minute', async () => {
      relay.transport.setNetwork('refusing');
      const longest = await waits(connect(), 9);
      expect(longest.map((ms) => Math.round(ms / 100) / 10)).to.deep.equal([0.5, 1, 2, 4, 8, 16, 32, 60, 60]);
    });

    it('spreads the waits by chance over all of that time', async () => {
      relay.transport.setNetwork('refusing');
      chance = 0;
      expect(await waits(connect(), 4)).to.deep.equal([1, 1, 1, 1]);
      chance = 128;
      expect((await waits(connect(), 4)).map((ms) => Math.round(ms / 50) / 20)).to.deep.equal([0.25, 0.5, 1, 2]);
    });

    it('does not start from the beginning before a connection has held', async () => {
      const connection = await online();
      relay.answersPings = false;
      relay.peer.close();
      const list: number[] = [];
      for (let i = 0; i < 4; i++) {
        await settled();
        list.push((connection.now.retryAt ?? NaN) - clock.now());
        await clock.advance(list.at(-1) ?? 0);
        expect(connection.now.connection).to.equal('online');
        relay.peer.close();
      }
      expect(list.map((ms) => Math.round(ms / 100) / 10)).to.deep.equal([0.5, 1, 2, 4]);
      relay.answersPings = true;
      await clock.advance(10_000);
      expect(connection.now.latency).to.equal(0);
      relay.peer.close();
      await settled();
      expect((connection.now.retryAt ?? NaN) - clock.now()).to.be.within(490, 500);
    });

    it('waits at least half a minute where trying soon would be a nuisance', async () => {
      chance = 0;
      for (const name of ['flooding', 'too-many-connections', 'auth-refused'] as const) {
        const connection = await online();
        relay.peer.close(CLOSE_CODES[name]);
        expect(await waits(connection, 1)).to.deep.equal([30_001]);
        connection.close();
      }
    });

    it('waits at least as long as the relay asks for, within reason', async () => {
      relay.authRefusal = 'rate-limited';
      chance = 0;
      for (const [asked, waited] of [
        [90_000, 90_001],
        [1_000, 30_001],
        [10 ** 9, 600_001],
      ] as const) {
        relay.authRetryAfter = asked;
        const connection = connect();
        expect(await waits(connection, 1)).to.deep.equal([waited]);
        expect(codeOfState(connection)).to.equal('rate-limited');
        connection.close();
      }
    });

    it('happens at once when the network comes back', async () => {
      const connection = await online();
      relay.transport.setNetwork('dead');
      relay.transport.tellReachable(false);
      await settled();
      expect(connection.now.connection).to.equal('offline');
      expect(codeOfState(connection)).to.equal('relay-disconnected');
      await clock.advance(300_000);
      expect(connection.now.connection).to.equal('offline');
      relay.transport.setNetwork('up');
      const before = clock.now();
      relay.transport.tellReachable(true);
      await settled();
      expect(connection.now.connection).to.equal('online');
      expect(clock.now()).to.equal(before);
    });

    it('goes on although the device says it is offline, for it may be wrong', async () => {
      const connection = await online();
      relay.transport.tellReachable(false);
      await settled();
      expect(connection.now.connection).to.equal('offline');
      await clock.advance(1_000);
      expect(connection.now.connection).to.equal('online');
    });

    it('gives up an attempt that hangs when the network changes', async () => {
      relay.transport.setNetwork('dead');
      const connection = connect();
      await clock.advance(1_000);
      relay.transport.setNetwork('up');
      relay.transport.tellReachable(true);
      await settled();
      expect(connection.now.connection).to.equal('online');
    });

    it('asks a connection that seems alive whether it is when the network changes', async () => {
      const connection = await online();
      await clock.advance(5_000);
      relay.transport.setNetwork('dead');
      relay.transport.tellReachable(true);
      await clock.advance(10_000);
      expect(connection.now.connection).to.equal('connecting');
    });
  });

  describe('its state', () => {
    it('is told from the present on, every change once', async () => {
      const connection = connect();
      const seen: RelayState[] = [];
      const stop = connection.state.subscribe((state) => seen.push(state), unexpected);
      await settled();
      relay.peer.close(CLOSE_CODES.internal);
      await clock.advance(500);
      stop();
      relay.peer.close();
      await settled();
      const told = seen.map(({ connection: c, problem }) => `${c} ${problem?.code ?? ''}`.trim());
      expect(told.filter((text, i) => text !== told[i - 1])).to.deep.equal([
        'connecting',
        'online',
        'connecting relay-internal',
        'online',
      ]);
    });
  });

  describe('closing', () => {
    it('ends everything for good', async () => {
      const connection = await online();
      const { peer } = relay;
      const asked = codeOfThrow(() => connection.request('claim', drop));
      let onlines = 0;
      connection.onOnline(() => onlines++);
      connection.close();
      connection.close();
      expect(await asked).to.equal('relay-disconnected');
      await settled();
      expect(peer.isOpen).to.equal(false);
      expect(connection.now).to.include({ connection: 'offline', problem: null, retryAt: null });
      relay.transport.tellReachable(true);
      await clock.advance(600_000);
      expect(relay.peers).to.have.length(1);
      expect(onlines).to.equal(1);
      expect(await codeOfThrow(() => connection.request('claim', drop))).to.equal('relay-disconnected');
    });

    it('works in every state', async () => {
      connect().close();
      relay.greets = false;
      const greeting = connect();
      await settled();
      greeting.close();
      relay.transport.setNetwork('refusing');
      const waiting = connect();
      await settled();
      expect(waiting.now.retryAt).not.to.equal(null);
      waiting.close();
      expect(clock.timers).to.equal(0);
      await clock.advance(600_000);
      expect(relay.peers).to.have.length(1);
    });
  });

  it('lets no listener’s fault end it', async () => {
    const faults: string[] = [];
    const onListenerError = (error: unknown): void => void faults.push((error as Error).message);
    const ports = { transport: relay.transport, clock, random };
    const connection = connectRelay({ ports, url: URL, device, onListenerError });
    opened.push(connection);
    let good = 0;
    connection.onPush('enrolment', () => {
      throw new Error('of pushes');
    });
    connection.onPush('enrolment', () => good++);
    connection.onOnline(() => {
      throw new Error('of going online');
    });
    await settled();
    relay.peer.send(encodePush('enrolment', {}));
    await settled();
    expect(faults).to.deep.equal(['of going online', 'of pushes']);
    expect(good).to.equal(1);
    expect(connection.now.connection).to.equal('online');
  });

  it('shows no secret in what it throws', async () => {
    const connection = await online();
    relay.peer.close();
    await settled();
    const error = connection.now.problem as ChatError;
    expect(JSON.stringify([error.message, error.details])).not.to.include(toHex(device.keys.seed));
  });
});
