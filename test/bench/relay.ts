/**
 * How fast the relay delivers mail with durable writes, beside a bare `ws` echo on the same machine in the same run:
 * `npx tsx test/bench/relay.ts [seconds per part]`. The servers run in processes of their own.
 * @module
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket, WebSocketServer } from 'ws';
import { createRelay, lmdbStore } from '../../src/relay/main.ts';
import { newKeys } from '../support/relay-world.ts';
import { WireClient } from '../support/wire-client.ts';

const PAIRS = 8;
const SIZE = 2_048;
/** Receivers acknowledge together what came in this time, ms, as the client does. */
const ACK_EVERY = 10;
const endless = { burst: 1e9, perMinute: 1e9 };

interface Result {
  readonly name: string;
  readonly inFlight: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU of the server for each delivery, µs. */
  readonly cpu: number;
}

interface Measured {
  readonly latencies: number[];
  readonly seconds: number;
}

const [role, argument] = process.argv.slice(2);
if (role === 'serve-relay' && argument !== undefined) await serveRelay(argument);
else if (role === 'serve-echo') serveEcho();
else await main(Number(role ?? 3));

async function main(seconds: number): Promise<void> {
  const results: Result[] = [];
  for (const inFlight of [1, 16]) {
    results.push(await part('ws echo', inFlight, ['serve-echo'], (port) => measureEcho(port, inFlight, seconds)));
    const directory = await mkdtemp(join(tmpdir(), 'relay-bench-'));
    const measure = (port: number): Promise<Measured> => measureRelay(port, inFlight, seconds);
    results.push(await part('relay, LMDB', inFlight, ['serve-relay', directory], measure));
    await rm(directory, { recursive: true });
  }
  const columns = ['name', 'inFlight', 'perSecond', 'p50', 'p99', 'cpu'] as const;
  console.table(results, [...columns]);
  console.log(`${PAIRS} pairs, ${SIZE} B each; latencies in ms from sending to having it; cpu: µs of the server each`);
  console.log(JSON.stringify({ pairs: PAIRS, size: SIZE, node: process.version, results }));
}

/** Runs one server and measures it. */
async function part(
  name: string,
  inFlight: number,
  args: string[],
  measure: (port: number) => Promise<Measured>,
): Promise<Result> {
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--import', 'tsx'] });
  const port = await told(child, 'port');
  await measure(port).then(() => undefined);
  child.send('cpu');
  const before = await told(child, 'cpu');
  const { latencies, seconds } = await measure(port);
  child.send('cpu');
  const spent = (await told(child, 'cpu')) - before;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await gone;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => round(latencies[Math.floor(latencies.length * share)] ?? 0);
  const count = latencies.length;
  return {
    name,
    inFlight,
    perSecond: Math.round(count / seconds),
    p50: at(0.5),
    p99: at(0.99),
    cpu: round(spent / count),
  };
}

async function measureEcho(port: number, inFlight: number, seconds: number): Promise<Measured> {
  const sockets = await Promise.all(
    Array.from({ length: PAIRS }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
      await new Promise((resolve) => socket.once('open', resolve));
      return socket;
    }),
  );
  const measured = await run(seconds, inFlight, (index, pending) => {
    const socket = sockets[index];
    socket?.removeAllListeners('message').on('message', (data: Buffer) => {
      pending.arrived(data.readDoubleBE(0));
    });
    return (bytes) => socket?.send(bytes);
  });
  for (const socket of sockets) socket.terminate();
  return measured;
}

async function measureRelay(port: number, inFlight: number, seconds: number): Promise<Measured> {
  const origin = `ws://127.0.0.1:${port}`;
  const desk = (await newKeys()).key;
  const pairs = await Promise.all(
    Array.from({ length: PAIRS }, async () => {
      const keys = await newKeys();
      const receiver = await WireClient.enter(origin, keys, desk);
      await receiver.request('subscribe', {});
      const sender = await WireClient.enter(origin, await newKeys(), desk);
      return { to: keys.id, receiver, sender, acknowledged: Promise.resolve<unknown>(null) };
    }),
  );
  const measured = await run(seconds, inFlight, (index, pending) => {
    const pair = pairs[index];
    if (pair === undefined) throw new Error('no such pair');
    const { to, receiver, sender } = pair;
    let upTo = 0;
    let acknowledging = false;
    receiver.onPush = (type, body) => {
      if (type !== 'mail' || !('bytes' in body) || !('seq' in body)) return false;
      pending.arrived(Buffer.from(body.bytes).readDoubleBE(0));
      upTo = body.seq;
      if (!acknowledging) {
        acknowledging = true;
        pair.acknowledged = new Promise((resolve) => setTimeout(resolve, ACK_EVERY)).then(() => {
          acknowledging = false;
          return receiver.request('ack', { upTo });
        });
        pair.acknowledged.catch(fail);
      }
      return true;
    };
    return (bytes) => {
      sender
        .request('send', { items: [{ to, kind: 'frame', bytes }] })
        .then(({ results }) => {
          if (results[0] !== 'accepted') fail(results[0]);
        })
        .catch(fail);
    };
  });
  for (const { receiver, sender, acknowledged } of pairs) {
    await acknowledged;
    receiver.socket.terminate();
    sender.socket.terminate();
  }
  return measured;
}

/** Keeps so many messages of each pair on their way, for so long, and then waits for the last. */
async function run(
  seconds: number,
  inFlight: number,
  pairOf: (index: number, pending: { arrived: (sentAt: number) => void }) => (bytes: Uint8Array) => void,
): Promise<Measured> {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1_000;
  await Promise.all(
    Array.from({ length: PAIRS }, async (_, index) => {
      await new Promise<void>((resolve) => {
        let open = 0;
        const next = (): void => {
          const bytes = Buffer.alloc(SIZE, 7);
          bytes.writeDoubleBE(performance.now());
          open += 1;
          send(new Uint8Array(bytes));
        };
        const send = pairOf(index, {
          arrived: (sentAt) => {
            open -= 1;
            latencies.push(performance.now() - sentAt);
            if (performance.now() < end) next();
            else if (open === 0) resolve();
          },
        });
        for (let i = 0; i < inFlight; i++) next();
      });
    }),
  );
  return { latencies, seconds: (performance.now() - start) / 1_000 };
}

async function serveRelay(directory: string): Promise<void> {
  const rates = {
    deviceRequests: endless,
    deviceMail: endless,
    addressConnections: endless,
    addressNewDevices: endless,
  };
  const relay = createRelay({
    store: lmdbStore(join(directory, 'store')),
    data: directory,
    desks: 'open',
    limits: { rates },
  });
  tell((await relay.listen(0)).port);
}

function serveEcho(): void {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(data)));
  server.on('listening', () => {
    tell((server.address() as AddressInfo).port);
  });
}

/** Tells the parent the port, and the CPU time used whenever it asks. */
function tell(port: number): void {
  process.send?.({ port });
  process.on('disconnect', () => process.exit());
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system });
  });
}

function told(child: ChildProcess, what: 'port' | 'cpu'): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: { port?: number; cpu?: number }) => {
      resolve(message[what] ?? 0);
    });
    child.once('exit', () => {
      reject(new Error('the server ended'));
    });
  });
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
