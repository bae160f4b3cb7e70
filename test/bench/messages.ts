/**
 * What a long conversation costs `<secure-chat>`: from the page's beginning to the first message on screen, memory, scrolling
 * up, and one more message. `npx tsx test/bench/messages.ts [messages] [pages]`, about five minutes for 100,000. Needs
 * `npm run build` first. Medians and ratios in tables, then as JSON.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { ScTranscript } from '../../src/ui/transcript.ts';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { bundled, median, rounded } from '../support/bench-browser.ts';
import type { BenchPage } from '../support/bench-page.ts';
import { launchProfile } from '../support/browser.ts';
import { ChatTab } from '../support/chat-tab.ts';
import { Stack } from '../support/stack.ts';

/** In the page. */
declare const bench: BenchPage;
declare function transcript(): ScTranscript;

const RUNS = 5;
const FEW = 100;
const FRAME = 1_000 / 60;

interface Opened {
  /** From the navigation to the client being open, ms. */
  readonly ready: number;
  /** … and to the frame with the first message. */
  readonly painted: number;
  /** The longest task until then; 0: none took 50 ms. */
  readonly task: number;
}

interface Paged {
  /** Messages in the transcript after it. */
  readonly messages: number;
  /** From reaching the top to the frame with the earlier messages, ms. */
  readonly time: number;
  /** Frames that were not drawn meanwhile. */
  readonly dropped: number;
}

const [many = 100_000, pages = 40] = process.argv.slice(2).map(Number);
const directory = await mkdtemp(join(tmpdir(), 'messages-'));
const stack = await Stack.start();
let context = null as BrowserContext | null;
const opening: Record<string, string | number>[] = [];
const scrolling: Record<string, string | number>[] = [];
const reading: { messages: number; time: number; each: number }[] = [];

try {
  await browser();
  const first = await ChatTab.open(chromium(), stack.page('help.html'));
  await first.send('Hello');
  for (const count of [FEW, many - FEW]) {
    const filled = await hoard(count);
    console.log(`${count} messages written in ${Math.round(filled / 1_000)} s`);
    await measure(count === FEW ? FEW : many);
  }
  const time = await inStore((options) => bench.listAll(options), {});
  reading.push({ messages: many, time: Math.round(time), each: rounded((time * 1_000) / many) });
} finally {
  await context?.close();
  await stack.stop();
  await rm(directory, { recursive: true });
}

console.table(opening);
console.table(scrolling);
console.table(reading);
console.log(
  `opening: medians of ${RUNS} loads of a page, ms; heap behind a collection; reading: all rows at once, ms, and µs for each`,
);
console.log(JSON.stringify({ bench: 'messages', node: process.version, many, opening, scrolling, reading }));

function chromium(): BrowserContext {
  if (context === null) throw new Error('no browser is open');
  return context;
}

/** Another process on the same profile: nothing is in memory. */
async function browser(): Promise<void> {
  await context?.close();
  context = await launchProfile(join(directory, 'profile'));
  await context.addInitScript('globalThis.__name = (value) => value');
  await context.addInitScript(() => {
    const inside = (root: Element | null | undefined, name: string): Element | null | undefined =>
      root?.shadowRoot?.querySelector(name);
    Object.assign(globalThis, {
      transcript: () => inside(inside(document.querySelector('secure-chat'), 'sc-panel'), 'sc-transcript'),
    });
  });
}

/** Does something in a page of the chat's origin in which no chat is. */
async function inStore<T, R>(
  work: (options: T & { relay: string; deskKey: string }) => Promise<R>,
  options: T,
): Promise<R> {
  await browser();
  const page = await chromium().newPage();
  await page.goto(stack.page('img/mark.svg'));
  await page.evaluate(await bundled('test/support/bench-page.ts', 'iife'));
  const all = { ...options, relay: stack.relay, deskKey: stack.desk.deskKey };
  return page.evaluate(work as never, all as never);
}

function hoard(count: number): Promise<number> {
  return inStore((options) => bench.hoard(options), { count });
}

async function measure(messages: number): Promise<void> {
  await browser();
  const page = await chromium().newPage();
  await opened(page);
  const loads: Opened[] = [];
  for (let i = 0; i < RUNS; i++) loads.push(await opened(page));
  const heap = await heapOf(page);
  opening.push({
    messages,
    ready: rounded(median(loads.map(({ ready }) => ready))),
    painted: rounded(median(loads.map(({ painted }) => painted))),
    task: rounded(Math.max(...loads.map(({ task }) => task))),
    'heap, MB': heap,
    'send, ms': rounded(await sent(page)),
  });
  if (messages <= FEW) return;
  const all: Paged[] = [];
  for (let i = 0; i < pages; i++) all.push(await scrolledUp(page));
  for (const at of [0, 1, 4, 9, 19, 39, 79].filter((index) => index < pages)) {
    const shown = all[at];
    if (shown) scrolling.push({ page: at + 1, ...shown });
  }
  scrolling.push({
    page: 'sum',
    messages: all.at(-1)?.messages ?? 0,
    time: total(all, 'time'),
    dropped: total(all, 'dropped'),
  });
  opening.push({
    messages: `${messages}, ${pages} pages further up`,
    'heap, MB': await heapOf(page),
    'send, ms': rounded(await sent(page)),
  });
}

function total(all: readonly Paged[], what: 'time' | 'dropped'): number {
  return Math.round(all.reduce((sum, one) => sum + one[what], 0));
}

/** Loads the page and opens the chat as soon as it can be. */
async function opened(page: Page): Promise<Opened> {
  await page.goto(stack.page('help.html'));
  return page.evaluate(async () => {
    let task = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) task = Math.max(task, duration);
    }).observe({ type: 'longtask', buffered: true });
    await customElements.whenDefined('secure-chat');
    const chat = document.querySelector('secure-chat') as SecureChatElement;
    chat.show();
    await chat.ready;
    const ready = performance.now();
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    while (!transcript()?.shadowRoot?.querySelector('.message')) await frame();
    await frame();
    return { ready, painted: performance.now(), task };
  });
}

/** Scrolls to the top and waits for what is above it. */
function scrolledUp(page: Page): Promise<Paged> {
  return page.evaluate(async (length) => {
    const shown = transcript();
    const log = shown.shadowRoot?.querySelector('.log');
    if (!log) throw new Error('no conversation is on screen');
    const before = shown.messages?.length ?? 0;
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    let last = await frame();
    let dropped = 0;
    const start = performance.now();
    log.scrollTop = 0;
    while ((shown.messages?.length ?? 0) === before || shown.isUpdatePending) {
      const now = await frame();
      dropped += Math.max(0, Math.round((now - last) / length) - 1);
      last = now;
    }
    const now = await frame();
    dropped += Math.max(0, Math.round((now - last) / length) - 1);
    return { messages: shown.messages?.length ?? 0, time: Math.round(performance.now() - start), dropped };
  }, FRAME);
}

/** From `send()` to the frame with the message, ms; the median of five. */
async function sent(page: Page): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    all.push(
      await page.evaluate(async () => {
        const text = `One more, ${performance.now()}`;
        const start = performance.now();
        await (document.querySelector('secure-chat') as SecureChatElement).send(text);
        while (transcript().messages?.at(-1)?.text !== text)
          await new Promise((resolve) => requestAnimationFrame(resolve));
        return performance.now() - start;
      }),
    );
  }
  return median(all);
}

/** Of the page's scripts, behind a collection of what they have left, MB. */
async function heapOf(page: Page): Promise<number> {
  const session = await chromium().newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return rounded((metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 1_048_576);
}
