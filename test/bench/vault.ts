/**
 * What a PIN costs: stretching it in Node, on a page's thread and in a worker, and opening a vault with it at a real relay.
 * `npx tsx test/bench/vault.ts [runs]`, about two minutes. Medians in tables, then as JSON.
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { LEAST_STRETCH, type StretchParameters } from '../../src/vault/pin-parameters.ts';
import { stretchPin } from '../../src/vault/pin-stretch.ts';
import { BenchBrowser, median, rounded } from '../support/bench-browser.ts';
import type { BenchPage, Watched } from '../support/bench-page.ts';
import { Stack } from '../support/stack.ts';

/** In the page. */
declare const bench: BenchPage;

const COSTS: readonly StretchParameters[] = [LEAST_STRETCH, { m: 47_104, t: 2, p: 1 }, { m: 65_536, t: 3, p: 1 }];
const named = ({ m, t }: StretchParameters): string => `${rounded(m / 1024)} MiB, ${t} passes`;

/** The worst of all runs, ms; null: not looked at. As `Watched`. */
interface Blocks {
  readonly task: number | null;
  readonly frame: number | null;
  readonly silence: number | null;
}

interface Stretching extends Blocks {
  readonly where: string;
  readonly cost: string;
  /** Median, ms. */
  readonly time: number;
}

interface Opening extends Blocks {
  readonly what: string;
  readonly time: number;
  /** What of it is not the stretching. */
  readonly rest: number | null;
}

const UNSEEN: Blocks = { task: null, frame: null, silence: null };

const runs = Number(process.argv[2] ?? 5);
const stretching: Stretching[] = [];
const opening: Opening[] = [];

for (const cost of COSTS) {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await stretchPin('482915', new Uint8Array(randomBytes(32)), cost);
    times.push(performance.now() - start);
  }
  stretching.push({ where: 'Node', cost: named(cost), time: rounded(median(times)), ...UNSEEN });
}

const [browser, stack] = await Promise.all([BenchBrowser.start(), Stack.start()]);
try {
  for (const rate of [1, 4]) {
    const page = await browser.tab();
    await browser.throttle(page, rate);
    for (const place of ['page', 'worker'] as const) {
      for (const cost of rate === 1 ? COSTS : [LEAST_STRETCH]) {
        // The first one starts the worker and compiles.
        await page.evaluate(([where, what]) => bench.stretch(where, what), [place, cost] as const);
        await measureStretch(page, place, cost, rate);
      }
    }
    for (const place of ['page', 'worker'] as const) await measureUnlock(page, place, rate);
    await page.close();
  }
} finally {
  await browser.close();
  await stack.stop();
}

console.table(stretching);
console.table(opening);
console.log(`${runs} runs each, times in ms. 4×: the page's thread is slowed down, which a worker's is not.`);
console.log('The longest task (0: below 50), time without a frame, and without a turn for timers and messages.');
console.log(JSON.stringify({ bench: 'vault', node: process.version, runs, stretching, opening }));

async function measureStretch(page: Page, place: 'page' | 'worker', cost: StretchParameters, rate: number) {
  const all: Watched[] = [];
  for (let i = 0; i < runs; i++) {
    all.push(await page.evaluate(([where, what]) => bench.stretch(where, what), [place, cost] as const));
  }
  stretching.push({
    where: `Chromium, ${place}${rate === 1 ? '' : `, ${rate}× slower`}`,
    cost: named(cost),
    time: rounded(median(all.map(({ time }) => time))),
    ...worstOf(all),
  });
}

async function measureUnlock(page: Page, place: 'page' | 'worker', rate: number) {
  const options = { relay: stack.relay, place, cost: LEAST_STRETCH, count: runs };
  const { enrolled, all } = await page.evaluate((what) => bench.unlock(what), options);
  const how = `stretched ${place === 'page' ? 'on the page' : 'in the worker'}${rate === 1 ? '' : `, ${rate}× slower`}`;
  opening.push(
    { what: `setting a PIN, ${how}`, time: rounded(enrolled.time), rest: null, ...worstOf([enrolled]) },
    {
      what: `unlocking, ${how}`,
      time: rounded(median(all.map(({ time }) => time))),
      rest: rounded(median(all.map((one) => one.time - one.stretching))),
      ...worstOf(all),
    },
  );
  if (place === 'worker') return;
  const guests = await page.evaluate((what) => bench.guest(what), { relay: stack.relay, count: runs });
  const slower = rate === 1 ? '' : `, ${rate}× slower`;
  opening.push({ what: `opening a guest's vault${slower}`, time: rounded(median(guests)), rest: null, ...UNSEEN });
}

function worstOf(all: readonly Watched[]): Blocks {
  const worst = (what: 'task' | 'frame' | 'silence'): number => rounded(Math.max(...all.map((one) => one[what])));
  return { task: worst('task'), frame: worst('frame'), silence: worst('silence') };
}
