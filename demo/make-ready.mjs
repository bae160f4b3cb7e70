// Installs and builds what is missing or older than the sources.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the build is made from, and the file that it writes last. */
const sources = [
  'src',
  'tools/pin-chunks.mjs',
  'package.json',
  'package-lock.json',
  'rollup.config.mjs',
  'tsconfig.base.json',
];
const product = 'dist/browser/sri.json';

/** @returns {Promise<string | null>} why it is not ready, in a sentence; null: it is */
export async function makeReady(root, say) {
  if (!existsSync(join(root, 'node_modules'))) {
    say('Installing the packages (npm ci) …');
    if (!(await run(root, ['ci', '--no-audit', '--no-fund']))) return 'The packages could not be installed; see above.';
  }
  const why = staleness(root);
  if (why === null) return null;
  say(`Building, because ${why}: a minute or less …`);
  const start = performance.now();
  if (!(await run(root, ['run', '--silent', 'build']))) return 'The build failed; see above.';
  say(`Built in ${Math.round((performance.now() - start) / 1000)} s.`);
  return null;
}

function staleness(root) {
  const built = join(root, product);
  if (!existsSync(built)) return 'there is no build yet';
  const { mtimeMs } = statSync(built);
  return sources.some((source) => newest(join(root, source)) > mtimeMs) ? 'the sources are newer than the build' : null;
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((time, name) => Math.max(time, newest(join(path, name))), stat.mtimeMs);
}

/** Runs npm to its end; what it has to say goes to stderr, so that stdout stays ours. */
function run(root, args) {
  const isWindows = process.platform === 'win32';
  return new Promise((resolve, reject) => {
    const child = spawn(isWindows ? 'npm.cmd' : 'npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: isWindows });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });
}
