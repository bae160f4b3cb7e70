/**
 * What sealing costs on the disk: writes and reads in Chromium's IndexedDB with durability `strict`, sealed and as they are; and
 * what a step under the lock costs, alone and beside another tab. `npx tsx test/bench/store.ts [runs]`, about a minute.
 * @module
 */
import { at, BenchBrowser, median, rounded } from '../support/bench-browser.ts';
import type { BenchPage } from '../support/bench-page.ts';

/** In the page. */
declare const bench: BenchPage;

/** Bytes of a value; a text message of a few sentences takes that. */
const SIZE = 700;
const STEPS_MS = 5_000;

interface Pace {
  readonly what: string;
  /** Rows in a second, from the median. */
  readonly plain: number;
  readonly sealed: number;
  /** What of the pace is left. */
  readonly ratio: number;
}

interface StepCost {
  readonly what: string;
  readonly median: number;
  readonly p95: number;
  /** Of all tabs together. */
  readonly perSecond: number;
}

const runs = Number(process.argv[2] ?? 300);
const pace: Pace[] = [];
const steps: StepCost[] = [];
const browser = await BenchBrowser.start();

try {
  const page = await browser.tab();
  for (const rows of [1, 20]) {
    const timed: Record<'plain' | 'sealed', { writes: number[]; reads: number[] }> = {
      plain: { writes: [], reads: [] },
      sealed: { writes: [], reads: [] },
    };
    // In turns, so that what else the machine does hits both.
    for (let round = 0; round < 3; round++) {
      for (const kind of ['plain', 'sealed'] as const) {
        const options = {
          name: `${kind} ${rows} ${round}`,
          sealed: kind === 'sealed',
          rows,
          count: Math.ceil(runs / 30) * 10,
        };
        timed[kind].writes.push(...(await page.evaluate((what) => bench.writes(what), { ...options, size: SIZE })));
        timed[kind].reads.push(...(await page.evaluate((what) => bench.reads(what), options)));
        await page.evaluate((name) => bench.forget(name), options.name);
      }
    }
    for (const what of ['writes', 'reads'] as const) {
      const [plain, sealed] = [timed.plain, timed.sealed].map((all) => (rows * 1_000) / median(all[what]));
      if (plain === undefined || sealed === undefined) throw new Error('nothing was measured');
      const name =
        what === 'writes'
          ? `written, ${rows} in a commit`
          : rows === 1
            ? 'read one by one'
            : `read in lists of ${rows}`;
      pace.push({
        what: name,
        plain: Math.round(plain),
        sealed: Math.round(sealed),
        ratio: rounded(sealed / plain, 2),
      });
    }
  }

  for (const count of [1, 2]) {
    const tabs = [page, ...(count === 1 ? [] : [await browser.tab()])];
    const name = `steps ${count}`;
    const until = Date.now() + STEPS_MS;
    const all = await Promise.all(tabs.map((tab) => tab.evaluate((what) => bench.steps(what), { name, until })));
    const counted = await page.evaluate((what) => bench.counted(what), name);
    if (counted !== all.flat().length) throw new Error(`${all.flat().length} steps, but ${counted} have counted`);
    all.forEach((times, i) =>
      steps.push({
        what: count === 1 ? 'a tab alone' : `tab ${i + 1} of two`,
        median: rounded(median(times), 2),
        p95: rounded(at(times, 0.95), 2),
        perSecond: rounded((all.flat().length * 1_000) / STEPS_MS),
      }),
    );
  }
} finally {
  await browser.close();
}

console.table(pace);
console.table(steps);
console.log(`rows of ${SIZE} B in a second (medians of ${runs}); a step reads and writes one row, ms`);
console.log(JSON.stringify({ bench: 'store', node: process.version, runs, size: SIZE, pace, steps }));
