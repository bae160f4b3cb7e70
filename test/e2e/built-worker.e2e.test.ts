import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { expect } from 'chai';
import { rollup, type OutputAsset, type OutputChunk } from 'rollup';
import esbuild from 'rollup-plugin-esbuild';
import type { Browser } from 'playwright-core';
import { stretchWorker } from '../../tools/stretch-worker.mjs';
import { launchBrowser } from '../support/browser.ts';
import type { StretchReport } from '../support/stretch-page.ts';

type Files = (OutputAsset | OutputChunk)[];

const compile = esbuild({ target: 'es2022', tsconfig: 'tsconfig.base.json' });

/** The page of the stretcher's tests, built as the product is. */
async function built(how: 'hashed' | 'none'): Promise<Files> {
  const bundle = await rollup({
    input: { page: 'test/support/stretch-page.ts' },
    plugins: [nodeResolve({ browser: true }), stretchWorker(how), compile],
  });
  const { output } = await bundle.generate({ format: 'esm', assetFileNames: 'chunks/[name]-[hash][extname]' });
  return output;
}

const scriptOf = (file: OutputAsset | OutputChunk): string =>
  file.type === 'chunk' ? file.code : Buffer.from(file.source).toString();

const importsNothing = (code: string): boolean => !/\bimport\b|\brequire\b/.test(code);

describe('the built worker', function () {
  this.timeout(120_000);
  const files = new Map<string, string>();
  /** Each file's page, on this server or another. */
  let servers: Server[];
  let browser: Browser;
  let policy: string;
  const requests: string[] = [];

  const originOf = (i: number): string => `http://localhost:${(servers[i]?.address() as AddressInfo).port}`;

  function serve(): Server {
    return createServer((request, response) => {
      const [path = '', scripts = ''] = (request.url ?? '/').slice(1).split('?');
      const code = files.get(path);
      requests.push(path);
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('content-security-policy', policy);
      response.setHeader('content-type', code === undefined ? 'text/html' : 'text/javascript');
      response.end(
        code ?? `<!doctype html><title>page</title><script type="module" src="${scripts}/page.js"></script>`,
      );
    });
  }

  before(async () => {
    servers = [serve(), serve()];
    for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  beforeEach(() => {
    files.clear();
    requests.length = 0;
    policy =
      `default-src 'none'; script-src 'self' ${originOf(1)}; require-trusted-types-for 'script'; ` +
      'trusted-types lit-html secure-chat';
  });

  async function reportOf(output: Files, scripts: string): Promise<{ report: StretchReport; complaints: string[] }> {
    for (const file of output) files.set(file.fileName, scriptOf(file));
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.addInitScript(() => {
      addEventListener('message', ({ data }: MessageEvent<object>) => Object.assign(globalThis, data));
    });
    await page.goto(`${originOf(0)}/?${scripts}`);
    await page.waitForFunction(() => 'report' in globalThis);
    const report = await page.evaluate(() => (globalThis as unknown as { report: StretchReport }).report);
    await page.close();
    return { report, complaints: complaints.filter((text) => !text.includes('favicon')) };
  }

  it('is one file with its hash in its name, and works under the strictest policy without a complaint', async () => {
    const output = await built('hashed');
    const [worker, ...others] = output.filter(({ type }) => type === 'asset');
    expect(others).to.deep.equal([]);
    expect(worker?.fileName).to.match(/^chunks\/stretch-worker-[\w-]{8,}\.js$/);
    expect(importsNothing(scriptOf(worker as OutputAsset))).to.equal(true);
    // Bundlers write small files into the script, as data: nothing may be loaded from there.
    expect(scriptOf(worker as OutputAsset).length).to.be.greaterThan(8_192);
    const { report, complaints } = await reportOf(output, '');
    expect(report.outcomes[0]).to.match(/^\d+(,\d+){3}$/);
    expect(report).to.deep.equal({ outcomes: [report.outcomes[0], report.outcomes[0]], able: true, violations: [] });
    expect(complaints).to.deep.equal([]);
    expect(requests).to.include(worker?.fileName);
  });

  it('is not tried where the scripts come from another origin', async () => {
    const { report, complaints } = await reportOf(await built('hashed'), originOf(1));
    expect(report).to.deep.equal({ outcomes: ['not tried', 'not tried'], able: null, violations: [] });
    expect(complaints).to.deep.equal([]);
    expect(requests.filter((name) => name.includes('worker'))).to.deep.equal([]);
  });

  it('is unavailable, and not tried again, where the file is missing', async () => {
    const output = await built('hashed');
    const { report } = await reportOf(
      output.filter(({ type }) => type === 'chunk'),
      '',
    );
    expect(report).to.deep.equal({
      outcomes: ['worker-unavailable', 'worker-unavailable'],
      able: false,
      violations: [],
    });
  });

  it('is not there in a single file', async () => {
    const output = await built('none');
    expect(output.map(({ fileName }) => fileName)).to.deep.equal(['page.js']);
    const { report } = await reportOf(output, '');
    expect(report).to.deep.equal({ outcomes: ['not tried', 'not tried'], able: null, violations: [] });
  });

  it('lies for bundlers beside the module that asks for it, and imports nothing', async () => {
    const bundle = await rollup({
      input: 'src/adapters/browser/browser-device.ts',
      external: (id) => !/^[./]/.test(id),
      plugins: [stretchWorker('beside'), compile],
    });
    const { output } = await bundle.generate({ format: 'esm', preserveModules: true, preserveModulesRoot: 'src' });
    const asking = output.find(({ fileName }) => fileName === 'adapters/browser/stretch-script.js') as OutputChunk;
    expect(asking.code).to.match(/new URL\(['"]\.\/stretch-worker\.js['"], import\.meta\.url\)/);
    const worker = output.find(({ fileName }) => fileName === 'adapters/browser/stretch-worker.js');
    expect(importsNothing(scriptOf(worker as OutputAsset))).to.equal(true);
  });
});
