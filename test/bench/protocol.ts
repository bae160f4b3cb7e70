/**
 * What the protocol costs: `npx tsx test/bench/protocol.ts`, about ten seconds. Medians in a table, then as JSON.
 * Public-key work is that of the pure implementation; a browser's own is faster.
 */
import { performance } from 'node:perf_hooks';
import { sessionCodec } from '../../src/protocol/session.ts';
import {
  headerOf,
  pairOf,
  receive,
  send,
  signedReceipt,
  signedText,
  world,
  crypto,
  restart,
  type Pair,
} from '../protocol/world.ts';
import { respondSession } from '../../src/protocol/handshake.ts';

interface Row {
  readonly what: string;
  readonly median: number;
  readonly unit: 'ms' | 'B';
  readonly runs: number;
}

const rows: Row[] = [];

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function add(what: string, unit: Row['unit'], values: readonly number[]): void {
  rows.push({ what, median: Number(median(values).toFixed(unit === 'ms' ? 3 : 0)), unit, runs: values.length });
}

/** Two ends that know each other: no header is sent any more until someone opens an epoch. */
async function acquainted(seed: string): Promise<Pair> {
  const pair = await pairOf({ seed });
  const { a, b } = pair;
  await receive(b, await send(a, await signedText(a.self, 'x')));
  await receive(a, await send(b, await signedText(b.self, 'y')));
  await receive(b, await send(a, await signedReceipt(a.self), { kind: 'receipt' }));
  return pair;
}

async function setup(runs: number): Promise<void> {
  const { desk } = await world();
  const [both, answer]: [number[], number[]] = [[], []];
  for (let i = 0; i < runs; i++) {
    let pair: Pair | undefined;
    both.push(await timed(async () => (pair = await pairOf({ seed: `setup ${i}` }))));
    const { a, b, signedPrekey, oneTime } = pair!;
    const secrets = { signedPrekeySeed: signedPrekey.seed, oneTimeSeed: oneTime!.seed };
    answer.push(
      await timed(() => respondSession({ crypto, self: b.self, desk, header: headerOf(a.session), ...secrets })),
    );
  }
  add('setup: two prekeys, hello, answer', 'ms', both);
  add('setup: the answer alone', 'ms', answer);
}

async function turns(runs: number): Promise<void> {
  const { a, b } = await acquainted('turns');
  const [opening, entering]: [number[], number[]] = [[], []];
  for (let i = 0; i < runs; i++) {
    const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
    const message = await signedText(from.self, 'x'.repeat(100));
    let frame: Uint8Array = new Uint8Array();
    opening.push(await timed(async () => (frame = await send(from, message))));
    entering.push(await timed(() => receive(to, frame)));
  }
  add('turn: opening an epoch, 100 B', 'ms', opening);
  add('turn: entering it', 'ms', entering);
}

async function frames(runs: number): Promise<void> {
  for (const [name, size] of [
    ['100 B', 100],
    ['1 kB', 1_000],
    ['16 kB', 16_000],
  ] as const) {
    const { a, b } = await acquainted(`frames ${name}`);
    const message = await signedText(a.self, 'x'.repeat(size));
    const [out, into, lengths]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < runs; i++) {
      let frame: Uint8Array = new Uint8Array();
      // As a receipt it stays in its epoch: what is measured is the frame alone.
      out.push(await timed(async () => (frame = await send(a, message, { kind: 'receipt' }))));
      into.push(await timed(() => receive(b, frame)));
      lengths.push(frame.length - size);
    }
    add(`encrypt ${name}`, 'ms', out);
    add(`decrypt ${name}`, 'ms', into);
    add(`overhead ${name}: envelope, signature, padding, frame`, 'B', lengths);
  }
}

async function sizes(): Promise<void> {
  const fresh = await pairOf({ seed: 'sizes' });
  add('state before the answer', 'B', [sessionCodec.encode(fresh.a.session).length]);
  const { a, b } = await acquainted('sizes');
  add('state in course', 'B', [sessionCodec.encode(a.session).length]);
  const message = await signedText(a.self, 'x');
  const plain = (await send(a, message, { kind: 'receipt' })).length;
  await receive(a, await send(b, await signedText(b.self, 'y')));
  add('header of an epoch', 'B', [(await send(a, message)).length - plain]);
  add('header of a session (hello)', 'B', [(await send(fresh.a, message)).length - plain]);
  const storing: number[] = [];
  for (let i = 0; i < 100; i++) storing.push(await timed(async () => restart(a)));
  add('state: encode and decode', 'ms', storing);
}

await world();
await setup(20);
await turns(40);
await frames(100);
await sizes();

for (const { what, median: value, unit, runs } of rows)
  console.log(`${what.padEnd(56)}${String(value).padStart(10)} ${unit.padEnd(3)} (${runs})`);
console.log(JSON.stringify({ bench: 'protocol', node: process.version, rows }));
