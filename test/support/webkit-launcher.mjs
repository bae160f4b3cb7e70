// @web/test-runner's launcher for WebKitGTK's MiniBrowser by classic WebDriver (Debian: webkit2gtk-driver xvfb xauth).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import net from 'node:net';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Debian puts it below the machine's multiarch folder. */
function findMiniBrowser() {
  for (const triplet of readdirSync('/usr/lib')) {
    const path = `/usr/lib/${triplet}/webkit2gtk-4.1/MiniBrowser`;
    if (existsSync(path)) return path;
  }
  throw new Error('No WebKitGTK MiniBrowser (Debian: apt-get install webkit2gtk-driver xvfb xauth)');
}

export function webkitLauncher() {
  const processes = [];
  const windows = new Map();
  const idle = [];
  let base, session, starting;
  let queue = Promise.resolve();

  const call = async (method, path, body) => {
    const response = await fetch(base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`);
    return value;
  };
  // The driver has one current window, so commands go one group at a time.
  const locked = (work) => (queue = queue.then(work, work));

  async function untilReady() {
    for (let tries = 0; ; tries++) {
      try {
        return await call('GET', '/status');
      } catch (error) {
        if (tries === 100) throw error;
        await sleep(100);
      }
    }
  }

  async function start() {
    const binary = findMiniBrowser();
    const display = ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'];
    const xvfb = spawn('Xvfb', display, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    processes.push(xvfb);
    const [number] = await once(xvfb.stdio[3], 'data'); // it picks a free display and says so when ready
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const env = { ...process.env, DISPLAY: `:${String(number).trim()}` };
    processes.push(spawn('WebKitWebDriver', ['-p', String(port)], { env, stdio: 'ignore' }));
    await untilReady();
    const options = { binary, args: ['--automation'] };
    const opened = await call('POST', '/session', {
      capabilities: { alwaysMatch: { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options } },
    });
    session = `/session/${opened.sessionId}`;
    idle.push(await call('GET', `${session}/window`));
  }

  return {
    name: 'WebKitGTK',
    type: 'webdriver',
    concurrency: 1,
    async initialize() {},
    isActive: (id) => windows.has(id),
    getBrowserUrl: () => base,
    async startSession(id, url) {
      await (starting ??= start());
      await locked(async () => {
        const handle = idle.pop() ?? (await call('POST', `${session}/window/new`, { type: 'tab' })).handle;
        windows.set(id, handle);
        await call('POST', `${session}/window`, { handle });
        await call('POST', `${session}/execute/sync`, { script: 'location.href = arguments[0]', args: [url] });
      });
    },
    async stopSession(id) {
      const handle = windows.get(id);
      windows.delete(id);
      await locked(async () => {
        await call('POST', `${session}/window`, { handle });
        await call('POST', `${session}/url`, { url: 'about:blank' });
      });
      idle.push(handle);
      return {};
    },
    async stop() {
      if (session) await call('DELETE', session);
      for (const child of processes.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill();
        await once(child, 'exit');
      }
    },
  };
}
