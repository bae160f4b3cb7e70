import { writeFileSync } from 'node:fs';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import puppeteer from 'puppeteer-core';
import { chromeFlags, findChrome } from './test/support/find-chrome.mjs';
import { webkitLauncher } from './test/support/webkit-launcher.mjs';
import { dexieFile, leanDexie } from './tools/lean-dexie.mjs';

const isVectors = (path) => /^\/test\/vectors\/[^/]+\.json$/.test(path);

/** Chosen by ENGINES=chromium,firefox,webkit. */
const engines = {
  chromium: () =>
    chromeLauncher({
      concurrency: 2,
      launchOptions: { executablePath: findChrome(), args: chromeFlags },
      createPage: async ({ context }) => {
        // A window of its own: a tab behind another one gets no frames, and nothing in it counts as seen.
        const page = await context.newPage({ type: 'window' });
        const session = await page.createCDPSession();
        await session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
        return page;
      },
    }),
  // Over WebDriver BiDi; Debian: apt-get install firefox-esr
  firefox: () =>
    chromeLauncher({
      concurrency: 1,
      puppeteer,
      launchOptions: { browser: 'firefox', executablePath: process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr' },
    }),
  webkit: webkitLauncher,
};

function count(suite, totals) {
  for (const test of suite.tests) {
    if (test.skipped) totals.skipped++;
    else if (test.passed) totals.passed++;
    else totals.failed++;
  }
  for (const inner of suite.suites) count(inner, totals);
}

/** Totals for test/run.mjs. A file that failed without a failing test (it did not load, a hook threw) is one failure. */
const totalsReporter = {
  onTestRunFinished({ sessions }) {
    const totals = { passed: 0, failed: 0, skipped: 0 };
    for (const session of sessions) {
      const before = totals.failed;
      if (session.testResults) count(session.testResults, totals);
      if (!session.passed && totals.failed === before) totals.failed++;
    }
    writeFileSync(process.env.TEST_TOTALS, JSON.stringify(totals));
  },
};

/** A rejection that nobody handles fails the running test, as it does in Node. */
const page = (framework) => `<!doctype html>
<html lang="en">
  <head><title>tests</title></head>
  <body>
    <script>addEventListener('unhandledrejection', (event) => reportError(event.reason));</script>
    <script type="module" src="${framework}"></script>
  </body>
</html>`;

export default {
  files: ['test/**/*.test.ts', '!test/**/*.node.test.ts', '!test/e2e/**', '!test/bench/**'],
  nodeResolve: { browser: true },
  hostname: '127.0.0.1',
  concurrency: 2,
  concurrentBrowsers: 1,
  testsFinishTimeout: 120_000,
  testRunnerHtml: page,
  testFramework: { config: { timeout: 20_000 } },
  reporters: [
    defaultReporter({ reportTestProgress: process.stdout.isTTY === true }),
    ...(process.env.TEST_TOTALS ? [totalsReporter] : []),
  ],
  plugins: [
    {
      name: 'dexie', // as the build has it
      resolveImport: ({ source }) => (source === 'dexie' ? `/node_modules/${dexieFile}` : undefined),
      transform: ({ path, body }) => (path.endsWith(dexieFile) ? leanDexie(String(body)) : undefined),
    },
    {
      name: 'vectors', // esbuild drops `with { type: 'json' }` below ES2025, so the file must come as a module
      resolveMimeType: ({ path }) => (isVectors(path) ? 'js' : undefined),
      transform: ({ path, body }) => (isVectors(path) ? `export default ${body};` : undefined),
    },
    esbuildPlugin({ ts: true, tsconfig: 'tsconfig.base.json', target: 'es2022' }),
  ],
  browsers: (process.env.ENGINES ?? 'chromium').split(',').map((name) => {
    if (!Object.hasOwn(engines, name)) throw new Error(`ENGINES: no engine ${name}, only ${Object.keys(engines)}`);
    return engines[name]();
  }),
};
