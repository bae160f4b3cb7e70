// Prints (and returns) the path of a Chromium or Chrome that runs; on Debian, as root, installs one where there is none.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const log = (text) => console.error(text);

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false; // not there or not executable: the next candidate's turn
  }
  return spawnSync(path, ['--version', '--no-sandbox'], { timeout: 20_000 }).status === 0;
}

const onPath = (names) => names.flatMap((name) => (process.env.PATH ?? '').split(':').map((dir) => join(dir, name)));

/** Downloads that puppeteer or playwright left in their caches, newest first. */
function cached(root, pattern) {
  if (!existsSync(root)) return [];
  const found = readdirSync(root, { recursive: true })
    .map(String)
    .filter((file) => pattern.test(file));
  return found
    .sort()
    .reverse()
    .map((file) => join(root, file));
}

function* candidates() {
  if (process.env.PUPPETEER_EXECUTABLE_PATH) yield process.env.PUPPETEER_EXECUTABLE_PATH;
  if (platform() === 'darwin') {
    yield '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    yield '/Applications/Chromium.app/Contents/MacOS/Chromium';
  }
  yield* onPath(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge']);
  yield* cached(join(homedir(), '.cache/puppeteer'), /\/chrome$/);
  yield* cached(join(homedir(), '.cache/ms-playwright'), /chrome-linux(64)?\/chrome$/);
}

/**
 * @param {{ install?: boolean }} [options] `install: false` (or CHROME_INSTALL=0) only looks.
 * @returns {string} the browser's path; throws if there is none and none can be installed
 */
export function findChrome({ install = process.env.CHROME_INSTALL !== '0' } = {}) {
  const given = process.env.CHROME_PATH;
  if (given) {
    if (runs(given)) return given;
    throw new Error(`CHROME_PATH=${given} does not run`);
  }
  for (const path of candidates()) if (runs(path)) return path;
  if (install && existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    log('No Chromium found: installing it with apt-get');
    const apt = (...args) =>
      execFileSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', 'chromium');
    if (runs('/usr/bin/chromium')) return '/usr/bin/chromium';
  }
  throw new Error('No Chromium. Install one (Debian: apt-get install chromium) or set CHROME_PATH to its path.');
}

/** Flags for tests: root has no sandbox to offer, and nothing is to be fetched in the background. */
export const chromeFlags = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage', // containers give it 64 MB
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(findChrome());
