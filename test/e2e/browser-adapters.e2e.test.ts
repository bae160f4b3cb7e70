import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { WebSocketServer, type WebSocket } from 'ws';
import type { AdaptersPage } from '../support/adapters-page.ts';
import { chromeFlags, findChrome } from '../support/find-chrome.mjs';

/** In the page. */
declare const page: AdaptersPage;

const entry = join(import.meta.dirname, '../support/adapters-page.ts');

async function scriptOf(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

describe('the browser adapters in real tabs', function () {
  this.timeout(60_000);
  let server: Server;
  let sockets: WebSocketServer;
  let browser: Browser;
  let context: BrowserContext;
  let origin: string;
  let onSocket: (socket: WebSocket) => void;
  let names = 0;
  let name: string;

  before(async () => {
    const script = await scriptOf(entry);
    server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><title>adapters</title><script src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    origin = `127.0.0.1:${port}`;
    sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => onSocket(socket));
    // A name that is no loopback address: over http: such a page is no secure context.
    const args = [...chromeFlags, '--host-resolver-rules=MAP shop.example 127.0.0.1'];
    browser = await chromium.launch({ executablePath: findChrome(), args });
  });

  after(async () => {
    await browser.close();
    sockets.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(async () => {
    context = await browser.newContext();
    // What the transpiler of these tests puts round named functions; a page has none.
    await context.addInitScript('globalThis.__name = (value) => value');
    name = `tabs ${names++}`;
    onSocket = () => undefined;
  });

  afterEach(() => context.close());

  async function tab(host = origin): Promise<Page> {
    const opened = await context.newPage();
    await opened.goto(`http://${host}/`);
    return opened;
  }

  /** A page of an origin that is no secure context. */
  const insecureTab = (): Promise<Page> => tab(origin.replace('127.0.0.1', 'shop.example'));

  /** Kills the process of a tab, as when it runs out of memory. */
  async function crash(victim: Page): Promise<void> {
    const session = await context.newCDPSession(victim);
    const crashed = new Promise((resolve) => victim.once('crash', resolve));
    void session.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  it('wake a watch by a commit in another tab', async () => {
    const [one, two] = [await tab(), await tab()];
    await one.evaluate(async (database) => {
      const store = await page.openDexieRecords(database);
      store.watch(['messages'], () => page.wakes++);
      page.kept['store'] = store;
    }, name);
    await two.evaluate(async (database) => {
      const store = await page.openDexieRecords(database);
      const record = { version: 1, bytes: Uint8Array.of(1, 2, 3) };
      await store.commit([{ table: 'messages', key: 'aa', expects: 0, record }]);
    }, name);
    await one.waitForFunction(() => page.wakes > 0);
    const bytes = await one.evaluate(async () => {
      const store = page.kept['store'] as Awaited<ReturnType<AdaptersPage['openDexieRecords']>>;
      return [...((await store.get('messages', 'aa'))?.bytes ?? [])];
    });
    expect(bytes).to.deep.equal([1, 2, 3]);
  });

  for (const kind of ['browserLocks', 'indexedLocks'] as const) {
    it(`pass a lock on when the tab that held it crashes (${kind})`, async () => {
      const [one, two] = [await tab(), await tab()];
      await one.evaluate(
        ([scope, locks]) =>
          new Promise<void>((resolve) => {
            void page[locks](scope).hold('leader', new AbortController().signal, resolve);
          }),
        [name, kind] as const,
      );
      await two.evaluate(
        ([scope, locks]) => void page[locks](scope).exclusive('leader', async () => page.events.push('mine')),
        [name, kind] as const,
      );
      await two.waitForTimeout(300);
      expect(await two.evaluate(() => page.events)).to.deep.equal([]);
      await crash(one);
      await two.waitForFunction(() => page.events.includes('mine'));
    });
  }

  it('lock where there are no Web Locks, in all tabs of an insecure page', async () => {
    const tabs = [await insecureTab(), await insecureTab(), await insecureTab()];
    for (const one of tabs) expect(await one.evaluate(() => 'locks' in navigator || isSecureContext)).to.equal(false);
    const counted = await Promise.all(
      tabs.map((one) =>
        one.evaluate(async (database) => {
          const store = await page.openDexieRecords(database);
          const locks = page.browserLocks(database);
          const conflicts: string[] = [];
          // Read, wait, write: without a lock most of these would meet a conflict.
          const add = async (): Promise<void> => {
            const row = await store.get('self', 'aa');
            await new Promise((resolve) => setTimeout(resolve, 2));
            const record = { version: (row?.version ?? 0) + 1, bytes: new Uint8Array(1) };
            await store.commit([{ table: 'self', key: 'aa', expects: row?.version ?? 0, record }]);
          };
          for (let i = 0; i < 15; i++) {
            await locks.exclusive('count', add).catch((error: unknown) => conflicts.push(page.codeOf(error)));
          }
          return conflicts;
        }, name),
      ),
    );
    expect(counted).to.deep.equal([[], [], []]);
    const version = await tabs[0]?.evaluate(
      async (database) => (await (await page.openDexieRecords(database)).get('self', 'aa'))?.version,
      name,
    );
    expect(version).to.equal(45);
  });

  it('say that the store is full, write nothing then, and go on when there is room', async () => {
    const one = await tab();
    const session = await context.newCDPSession(one);
    const setQuota = (size?: number): Promise<unknown> =>
      session.send('Storage.overrideQuotaForOrigin', {
        origin: `http://${origin}`,
        ...(size === undefined ? {} : { quotaSize: size }),
      });
    /** Writes rows of 1 MB, each with a small one in another table, until the answer is `until`; gives all answers. */
    const write = (first: number, until: string): Promise<string[]> =>
      one.evaluate(
        async ([database, from, last]) => {
          const store = await page.openDexieRecords(database);
          const answers: string[] = [];
          for (let i = from; i < from + 40 && answers.at(-1) !== last; i++) {
            const key = i.toString(16).padStart(2, '0');
            const small = { version: 1, bytes: new Uint8Array(1) };
            // Random, so that it cannot be compressed away.
            const large = { version: 1, bytes: page.browserRandom(1_000_000) };
            const answer = store.commit([
              { table: 'index', key, expects: 0, record: small },
              { table: 'files', key, expects: 0, record: large },
            ]);
            answers.push(await answer.then(() => 'accepted', page.codeOf));
          }
          store.close();
          return answers;
        },
        [name, first, until] as const,
      );
    await setQuota(3_000_000);
    const answers = await write(0, 'store-full');
    expect(new Set(answers.slice(0, -1)))
      .to.have.property('size')
      .that.is.lessThan(2);
    expect(answers.at(-1)).to.equal('store-full');
    const counts = await one.evaluate(async (database) => {
      const store = await page.openDexieRecords(database);
      const everything = { from: '', to: 'g' };
      const found = [await store.count('index', everything), await store.count('files', everything)];
      store.close();
      return found;
    }, name);
    expect(counts).to.deep.equal([answers.length - 1, answers.length - 1]);
    await setQuota();
    expect((await write(100, 'accepted')).at(-1)).to.equal('accepted');
  });

  it('lose the store when the user clears the site’s data, and do not make it anew', async () => {
    const one = await tab();
    await one.evaluate(async (database) => {
      const store = await page.openDexieRecords(database);
      await store.commit([{ table: 'self', key: 'aa', expects: 0, record: { version: 1, bytes: new Uint8Array(1) } }]);
      store.watch(['self'], () => page.wakes++);
      page.kept['store'] = store;
    }, name);
    const session = await context.newCDPSession(one);
    await session.send('Storage.clearDataForOrigin', { origin: `http://${origin}`, storageTypes: 'indexeddb' });
    const codes = await one.evaluate(async () => {
      const store = page.kept['store'] as Awaited<ReturnType<AdaptersPage['openDexieRecords']>>;
      const record = { version: 1, bytes: new Uint8Array(1) };
      const write = (): Promise<void> => store.commit([{ table: 'self', key: 'bb', expects: 0, record }]);
      const outcomes: string[] = [];
      for (const attempt of [() => store.get('self', 'aa'), write, () => store.get('self', 'bb'), write]) {
        outcomes.push(await attempt().then(() => 'accepted', page.codeOf));
      }
      return outcomes;
    });
    expect(codes).to.deep.equal(['store-lost', 'store-lost', 'store-lost', 'store-lost']);
    expect(await one.evaluate(() => page.wakes)).to.be.greaterThan(0);
  });

  it('write with strict durability', async () => {
    const one = await tab();
    const durabilities = await one.evaluate(async (database) => {
      const seen: string[] = [];
      const begin = Object.getOwnPropertyDescriptor(IDBDatabase.prototype, 'transaction')
        ?.value as IDBDatabase['transaction'];
      IDBDatabase.prototype.transaction = function (...args: Parameters<IDBDatabase['transaction']>) {
        const transaction = begin.apply(this, args);
        if (transaction.mode === 'readwrite') seen.push(transaction.durability);
        return transaction;
      };
      const store = await page.openDexieRecords(database);
      await store.commit([{ table: 'self', key: 'aa', expects: 0, record: { version: 1, bytes: new Uint8Array(1) } }]);
      return seen;
    }, name);
    expect(durabilities).to.deep.equal(['strict']);
  });

  it('carry messages over a WebSocket, and end at text', async () => {
    const received: number[][] = [];
    onSocket = (socket) => {
      socket.on('message', (data: Buffer, isBinary) => {
        received.push([...data]);
        socket.send(isBinary && data.length > 1 ? data : 'text');
      });
    };
    const one = await tab();
    const events = await one.evaluate(
      (url) =>
        new Promise<(string | number)[]>((resolve) => {
          const log: (string | number)[] = [];
          const link = page.webSocketTransport.open(url, {
            onOpen() {
              log.push('open');
              link.send(Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4));
            },
            onMessage(bytes) {
              log.push(`${bytes.constructor.name} ${bytes.join()}`);
              link.send(Uint8Array.of(0));
            },
            onClose(code) {
              log.push(code);
              resolve(log);
            },
          });
          log.push('returned');
        }),
      `ws://${origin}/v1`,
    );
    expect(events).to.deep.equal(['returned', 'open', 'Uint8Array 1,2,3', 1_003]);
    expect(received).to.deep.equal([[1, 2, 3], [0]]);
  });

  it('tell the close codes, a connection that never was, and nothing after their own close', async () => {
    const closed: number[] = [];
    onSocket = (socket) => {
      socket.on('close', (code: number) => closed.push(code));
      socket.on('message', () => socket.close(4_004));
    };
    const one = await tab();
    const events = await one.evaluate(async (url) => {
      const log: (string | number)[] = [];
      const until = (length: number): Promise<void> =>
        new Promise((resolve) => {
          const timer = setInterval(() => {
            if (log.length < length) return;
            clearInterval(timer);
            resolve();
          }, 5);
        });
      const handlers = (send: boolean) => ({
        onOpen: () => {
          log.push('open');
          if (send) link.send(Uint8Array.of(1));
        },
        onMessage: () => log.push('message'),
        onClose: (code: number) => log.push(code),
      });
      let link = page.webSocketTransport.open(url, handlers(true));
      await until(2);
      link = page.webSocketTransport.open('ws://127.0.0.1:1/v1', handlers(false));
      await until(3);
      link = page.webSocketTransport.open(url, handlers(false));
      await until(4);
      link.close();
      link.close();
      link.send(Uint8Array.of(1));
      page.webSocketTransport.open(url, handlers(false)).close();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return log;
    }, `ws://${origin}/v1`);
    expect(events).to.deep.equal(['open', 4_004, 1_006, 'open']);
    // The last one was closed before it opened: whether the server ever sees it is the browser's affair.
    expect(closed.slice(0, 2)).to.deep.equal([4_004, 1_005]);
  });

  it('tell when the device goes offline and comes back, until told to stop', async () => {
    const one = await tab();
    await one.evaluate(() => {
      page.kept['stop'] = page.webSocketTransport.onReachable((online) => page.events.push(String(online)));
    });
    await context.setOffline(true);
    await one.waitForFunction(() => page.events.length === 1);
    await context.setOffline(false);
    await one.waitForFunction(() => page.events.length === 2);
    await one.evaluate(() => (page.kept['stop'] as () => void)());
    await context.setOffline(true);
    await context.setOffline(false);
    await one.waitForTimeout(100);
    expect(await one.evaluate(() => page.events)).to.deep.equal(['false', 'true']);
  });

  it('keep long times and give random bytes of any length', async () => {
    const one = await tab();
    const results = await one.evaluate(async () => {
      let early = 0;
      const cancel = page.browserClock.after(2 ** 33, () => early++);
      const order: string[] = [];
      const stop = page.browserClock.after(20, () => order.push('stopped'));
      page.browserClock.after(5, () => order.push('first'));
      stop();
      const before = page.browserClock.now();
      await new Promise<void>((resolve) => void page.browserClock.after(60, resolve));
      cancel();
      const passed = page.browserClock.now() - before;
      const long = page.browserRandom(200_000);
      const zeros = long.slice(-1_000).filter((byte) => byte === 0).length;
      return { early, order, late: passed >= 59 && passed < 5_000, length: long.length, fewZeros: zeros < 100 };
    });
    expect(results).to.deep.equal({ early: 0, order: ['first'], late: true, length: 200_000, fewZeros: true });
  });
});
