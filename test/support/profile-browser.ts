/**
 * A Chromium whose profile is a directory, as a user's is: it can be killed, held still while its files are copied, and
 * started again on what it left. Nothing of it is taken from a test runner's ideas of a browser but the connection.
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { chromeFlags, findChrome } from './find-chrome.mjs';

const START_LIMIT = 30_000;

export class ProfileBrowser {
  readonly directory: string;
  readonly context: BrowserContext;
  readonly #process: ChildProcess;
  readonly #browser: Browser;

  private constructor(directory: string, process: ChildProcess, browser: Browser) {
    const [context] = browser.contexts();
    if (context === undefined) throw new Error('the browser has no context');
    this.directory = directory;
    this.context = context;
    this.#process = process;
    this.#browser = browser;
  }

  /** Starts it on what lies in the directory, which is made if there is none. */
  static async start(directory: string): Promise<ProfileBrowser> {
    const flags = [...chromeFlags, '--remote-debugging-port=0', `--user-data-dir=${directory}`];
    // A process group of its own: renderers and helpers are meant too, whatever happens to it.
    const child = spawn(findChrome(), flags, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const browser = await chromium.connectOverCDP(await debuggerOf(child));
    const started = new ProfileBrowser(directory, child, browser);
    // What the transpiler of these tests puts round named functions; a page has none.
    await started.context.addInitScript('globalThis.__name = (value) => value');
    return started;
  }

  /** Kills every process of it at once, as the system does when there is no memory left; nothing is finished. */
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#signal('SIGKILL');
    await ended;
  }

  /** Closes it as a user does. */
  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    const session = await this.#browser.newBrowserCDPSession();
    // The connection may go before the answer comes.
    void session.send('Browser.close').catch(() => undefined);
    await ended;
  }

  /** Copies the profile as it is at one moment: nothing runs meanwhile. */
  async copyTo(directory: string): Promise<void> {
    this.#signal('SIGSTOP');
    try {
      await copyProfile(this.directory, directory);
    } finally {
      this.#signal('SIGCONT');
    }
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the browser was not started');
    process.kill(-pid, signal);
  }
}

/** Copies what a browser stores, without the mark that one is running on it. */
export async function copyProfile(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true, filter: (path) => !/Singleton\w+$/.test(path) });
}

/** The address that the browser prints. */
function debuggerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const timer = setTimeout(() => reject(new Error(`the browser does not start: ${printed}`)), START_LIMIT);
    child.once('exit', (code) => reject(new Error(`the browser ended with ${code}: ${printed}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const address = /^DevTools listening on (ws:\S+)$/m.exec(printed)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}
