import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { RecordStore } from '../../src/engine/ports.ts';
import type { AdaptersPage } from '../support/adapters-page.ts';
import { launchBrowser } from '../support/browser.ts';

/** In the page. */
declare const page: AdaptersPage;

describe('the store of a session in real tabs', function () {
  this.timeout(60_000);
  let server: Server;
  let browser: Browser;
  let context: BrowserContext;
  let origin: string;

  before(async () => {
    const entryPoints = [join(import.meta.dirname, '../support/adapters-page.ts')];
    const { outputFiles } = await build({ entryPoints, bundle: true, format: 'iife', target: 'es2022', write: false });
    server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript ? outputFiles[0]?.text : '<!doctype html><title>tab</title><script src="/page.js"></script>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(async () => {
    context = await browser.newContext();
    // What the transpiler of these tests puts round named functions; a page has none.
    await context.addInitScript('globalThis.__name = (value) => value');
  });
  afterEach(() => context.close());

  async function tab(path = ''): Promise<Page> {
    const opened = await context.newPage();
    await opened.goto(`${origin}/${path}`);
    return opened;
  }

  /** Opens the tab's store and says what is in it. */
  const open = (one: Page): Promise<{ slot: string; rows: number }> =>
    one.evaluate(async () => {
      const store = await page.openSessionRecords('desk');
      page.kept['store'] = store;
      const slot = (await store.get('vault', 'aa'))?.bytes.join() ?? 'none';
      return { slot, rows: await store.count('messages', { from: '', to: 'g' }) };
    });

  /** Writes a slot, and one row more. */
  const write = (one: Page, value: number): Promise<void> =>
    one.evaluate(async (byte) => {
      const store = page.kept['store'] as RecordStore;
      const expects = (await store.get('vault', 'aa'))?.version ?? 0;
      const record = { version: expects + 1, bytes: Uint8Array.of(byte) };
      await store.commit([{ table: 'vault', key: 'aa', expects, record }]);
      const key = `0${await store.count('messages', { from: '', to: 'g' })}`;
      await store.commit([{ table: 'messages', key, expects: 0, record: { version: 1, bytes: Uint8Array.of(byte) } }]);
    }, value);

  const databases = (one: Page): Promise<number> =>
    one.evaluate(
      async () => (await indexedDB.databases()).filter(({ name }) => name?.startsWith('desk session')).length,
    );

  it('goes on after a reload, a link, another site, and the way back', async () => {
    const one = await tab();
    expect(await open(one)).to.deep.equal({ slot: 'none', rows: 0 });
    await write(one, 1);
    for (const move of [
      () => one.reload(),
      () => one.goto(`${origin}/next`),
      () => one.goto(`${origin.replace('localhost', '127.0.0.1')}/elsewhere`).then(() => one.goto(`${origin}/again`)),
      () => one.goBack().then(() => one.goBack()),
    ]) {
      await move();
      expect(await open(one)).to.deep.equal({ slot: '1', rows: 1 });
    }
    expect(await databases(one)).to.equal(1);
  });

  it('is not that of another tab, and not readable when its tab is closed', async () => {
    const one = await tab();
    await open(one);
    await write(one, 1);
    const two = await tab();
    expect(await open(two)).to.deep.equal({ slot: 'none', rows: 0 });
    await write(two, 2);
    await one.close();
    const three = await tab();
    expect(await open(three)).to.deep.equal({ slot: 'none', rows: 0 });
    const traces = await three.evaluate(() => [...Object.values<string>(localStorage), ...Object.keys(sessionStorage)]);
    // Nothing in them but that the databases are held, or since when they are not.
    for (const trace of traces) expect(trace).to.match(/^(\d*|desk session vault)$/);
  });

  it('begins anew in a tab that another one opens, with a copy of its storage, and disturbs neither', async () => {
    const one = await tab();
    await open(one);
    await write(one, 1);
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      one.evaluate(() => void window.open(location.href)),
    ]);
    await copy.waitForLoadState();
    expect(await copy.evaluate(() => sessionStorage.length), 'the storage was copied').to.equal(1);
    expect(await open(copy)).to.deep.equal({ slot: 'none', rows: 0 });
    await write(copy, 2);
    await write(one, 3);
    await one.reload();
    await copy.reload();
    expect(await open(one)).to.deep.equal({ slot: '3', rows: 2 });
    expect(await open(copy)).to.deep.equal({ slot: '2', rows: 1 });
    expect(await databases(one)).to.equal(2);
  });

  it('is the copy’s when the first tab is gone before', async () => {
    const one = await tab();
    await open(one);
    await write(one, 1);
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      one.evaluate(() => void window.open(location.href)),
    ]);
    await copy.waitForLoadState();
    await one.close();
    expect(await open(copy)).to.deep.equal({ slot: '1', rows: 1 });
    expect(await databases(copy)).to.equal(1);
  });
});
