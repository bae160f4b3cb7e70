// `npm test`: builds if the sources are newer than the build, then runs the tests in Node, in browsers, and end to end.
// Each stage's time is printed; the last line is `N passed, N failed`, and the exit code says the same.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChrome } from './support/find-chrome.mjs';

const root = join(import.meta.dirname, '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const stageLimit = 15 * 60_000;

/** What the build is made from, and a file that the build writes last. */
const sources = ['src', 'package-lock.json', 'rollup.config.mjs', 'tsconfig.base.json'];
const product = join(root, 'dist/browser/sri.json');

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((time, name) => Math.max(time, newest(join(path, name))), stat.mtimeMs);
}

const buildNeeded = () =>
  !existsSync(product) || sources.some((source) => newest(join(root, source)) > statSync(product).mtimeMs);

/** Runs a command to its end and returns its exit code; a command that hangs is killed, and that is a failure. */
function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    const timer = setTimeout(() => {
      console.error(`${args[0] ?? command}: not finished after ${stageLimit / 60_000} minutes`);
      child.kill('SIGKILL');
    }, stageLimit);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'secure-chat-test-'));
const sum = { passed: 0, failed: 0, skipped: 0 };

async function stage(name, work) {
  console.log(`\n== ${name}`);
  const start = performance.now();
  const note = await work();
  console.log(`== ${name}: ${note}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** One runner of tests. It must write its totals; a runner that fails without naming a failed test is itself one. */
const tests = (name, command, args, env) =>
  stage(name, async () => {
    const file = join(scratch, `${name}.json`);
    const code = await run(command, args, { ...env, TEST_TOTALS: file });
    const totals = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 0, skipped: 0 };
    if (totals.passed + totals.failed === 0) console.error(`${name}: no test has run`);
    if (totals.failed === 0 && (code !== 0 || totals.passed === 0)) totals.failed = 1;
    for (const key of Object.keys(sum)) sum[key] += totals[key];
    const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
    return `${totals.passed} passed, ${totals.failed} failed${skipped}`;
  });

/** Node's tests in two halves that take about as long, side by side on two processors. */
const withEngines = ['test/engine/**/*.test.ts', 'test/scenario/**/*.test.ts'];
const withoutEngines = readdirSync(join(root, 'test'), { withFileTypes: true })
  .filter(
    (entry) =>
      entry.isDirectory() &&
      !['e2e', 'bench', 'engine', 'scenario', 'support', 'vectors', 'contracts'].includes(entry.name),
  )
  .map(({ name }) => `test/${name}/**/*.test.ts`);

const mocha = ['--forbid-only', '--reporter', 'test/support/totals-reporter.cjs'];

try {
  let chrome;
  await stage('browser', async () => (chrome = findChrome()));
  let built = true;
  if (buildNeeded()) {
    await stage('build', async () => {
      built = (await run('npm', ['run', '--silent', 'build'])) === 0;
      return built ? 'built' : 'failed';
    });
  }
  if (built) {
    await Promise.all([
      tests('engine', bin('mocha'), [...mocha, ...withEngines]),
      tests('node', bin('mocha'), [...mocha, 'test/*.test.ts', ...withoutEngines]),
    ]);
    await tests('browsers', bin('wtr'), [], { CHROME_PATH: chrome });
    await tests('e2e', bin('mocha'), [...mocha, 'test/e2e/**/*.e2e.test.ts'], { CHROME_PATH: chrome });
  } else {
    sum.failed++;
  }
} catch (error) {
  console.error(error);
  sum.failed++;
} finally {
  rmSync(scratch, { recursive: true });
}

console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;
