import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { chromium, type Browser, type Page } from 'playwright-core';
import { rollup, type OutputChunk } from 'rollup';
import { integrityOf, pinChunks } from '../../tools/pin-chunks.mjs';
import { chromeFlags, findChrome } from '../support/find-chrome.mjs';

/** An entry that loads a panel, which needs a shared chunk and loads a language later; a second panel shares it too. */
const sources: Record<string, string> = {
  entry: `globalThis.ran = [];
    globalThis.panel = () => import('panel');
    globalThis.other = () => import('other');`,
  shared: `globalThis.ran.push('shared'); export const shared = 'shared'.repeat(2);`,
  panel: `import { shared } from 'shared'; globalThis.ran.push('panel');
    export const text = shared; export const language = () => import('language');`,
  other: `import { shared } from 'shared'; globalThis.ran.push('other'); export const text = shared;`,
  language: `globalThis.ran.push('language'); export const hello = 'hallo';`,
};

async function build(): Promise<OutputChunk[]> {
  const bundle = await rollup({
    input: 'entry',
    plugins: [{ name: 'sources', resolveId: (id) => id, load: (id) => sources[id] ?? null }],
  });
  const { output } = await bundle.generate({
    format: 'esm',
    chunkFileNames: 'chunks/[name]-[hash].js',
    plugins: [pinChunks()],
  });
  return output.filter((file) => file.type === 'chunk');
}

describe('lazily loaded chunks are pinned by the entry', function () {
  this.timeout(60_000);
  const files = new Map<string, string>();
  const requests: string[] = [];
  let chunks: OutputChunk[];
  let server: Server;
  let browser: Browser;
  let page: Page;

  const fileOf = (name: string) => {
    const found = chunks.find((chunk) => chunk.name === name);
    if (!found) throw new Error(`no chunk ${name}`);
    return found.fileName;
  };
  const tamper = (name: string) => {
    const file = fileOf(name);
    files.set(file, `globalThis.ran.push('evil');\n${files.get(file)}`);
  };
  const ran = () => page.evaluate<string[]>('globalThis.ran');

  before(async () => {
    chunks = await build();
    server = createServer((request, response) => {
      const name = (request.url ?? '/').slice(1);
      const code = files.get(name);
      requests.push(name);
      response.setHeader(
        'content-security-policy',
        "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'",
      );
      if (name === '') {
        const integrity = integrityOf(files.get('entry.js') ?? '');
        response.setHeader('content-type', 'text/html');
        response.end(
          `<script type="module" src="/entry.js" integrity="${integrity}" crossorigin="anonymous"></script>`,
        );
      } else if (code === undefined) response.writeHead(404).end();
      else response.setHeader('content-type', 'text/javascript').end(code);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: findChrome(), args: chromeFlags });
  });

  after(async () => {
    await browser.close();
    server.close();
  });

  for (const [way, vendor] of [
    ['by a link, under Trusted Types', 'Google Inc.'],
    ['by a script element, as in Safari', 'Apple Computer, Inc.'],
  ] as const) {
    describe(way, () => {
      beforeEach(async () => {
        files.clear();
        for (const { fileName, code } of chunks) files.set(fileName, code);
        requests.length = 0;
        page = await browser.newPage();
        if (vendor.startsWith('Apple')) {
          await page.addInitScript(`Object.defineProperty(navigator, 'vendor', { value: '${vendor}' });`);
          await page.addInitScript(`trustedTypes.createPolicy('default', { createScriptURL: (url) => url });`);
        }
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      });

      afterEach(() => page.close());

      it('loads every chunk once, and each runs once', async () => {
        expect(await page.evaluate('panel().then((m) => m.text)')).to.equal('sharedshared');
        expect(await page.evaluate('panel().then((m) => m.language()).then((m) => m.hello)')).to.equal('hallo');
        expect(await page.evaluate('other().then((m) => m.text)')).to.equal('sharedshared');
        expect(await page.evaluate('panel().then((m) => m.text)')).to.equal('sharedshared');
        expect(await ran()).to.deep.equal(['shared', 'panel', 'language', 'other']);
        const scripts = requests.filter((name) => name.endsWith('.js'));
        expect(scripts).to.have.members(chunks.map((chunk) => chunk.fileName));
      });

      for (const [name, load] of [
        ['panel', 'panel()'],
        ['shared', 'panel()'],
        ['other', 'other()'],
        ['language', 'panel().then((m) => m.language())'],
      ] as const) {
        it(`refuses a changed ${name} and runs none of it`, async () => {
          tamper(name);
          const outcome = await page.evaluate(`${load}.then(() => 'loaded', (error) => error.message)`);
          expect(outcome).to.match(/^cannot load or verify .*\.js$/);
          expect(await ran())
            .not.to.include.members(['evil'])
            .and.not.to.include.members([name]);
        });
      }
    });
  }
});
