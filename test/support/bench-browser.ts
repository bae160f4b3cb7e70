/**
 * A Chromium whose pages run `bench-page.ts`, with a profile on the disk: a private window would keep its database in memory.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { launchProfile } from './browser.ts';

const root = join(import.meta.dirname, '../..');
const SCRIPTS: Readonly<Record<string, string>> = {
  '/page.js': 'test/support/bench-page.ts',
  // Where `stretch-script.ts` looks for it.
  '/stretch-worker.ts': 'src/adapters/browser/stretch-worker.ts',
};

export class BenchBrowser {
  readonly context: BrowserContext;
  readonly #directory: string;
  readonly #server: Server;

  private constructor(context: BrowserContext, directory: string, server: Server) {
    this.context = context;
    this.#directory = directory;
    this.#server = server;
  }

  static async start(): Promise<BenchBrowser> {
    const scripts = new Map<string, string>();
    for (const [path, source] of Object.entries(SCRIPTS)) scripts.set(path, await bundled(source));
    const server = createServer((request, response) => {
      const script = scripts.get(request.url ?? '');
      response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
      response.end(script ?? '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const directory = await mkdtemp(join(tmpdir(), 'bench-'));
    const context = await launchProfile(join(directory, 'profile'));
    await context.addInitScript('globalThis.__name = (value) => value');
    return new BenchBrowser(context, directory, server);
  }

  /** One more tab, with `bench` in it. */
  async tab(): Promise<Page> {
    const page = await this.context.newPage();
    const { port } = this.#server.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/`);
    await page.waitForFunction(() => 'bench' in globalThis);
    return page;
  }

  /** Slows the thread of a page down. */
  async throttle(page: Page, rate: number): Promise<void> {
    const session = await this.context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
  }

  async close(): Promise<void> {
    await this.context.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#directory, { recursive: true });
  }
}

/** A program in one file. `iife`: to be run in a page that has not asked for it; no worker can be found from there. */
export async function bundled(path: string, format: 'esm' | 'iife' = 'esm'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, path)],
    bundle: true,
    format,
    logOverride: { 'empty-import-meta': 'silent' },
    target: 'es2022',
    tsconfig: join(root, 'tsconfig.base.json'),
    alias: { dexie: join(root, 'node_modules/dexie/dist/modern/dexie.mjs') },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return at(values, 0.5);
}

/** The value below which this share of them lies. */
export function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

/** With so many digits behind the point. */
export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
