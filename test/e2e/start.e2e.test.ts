import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseInvitation } from '../../src/identity/enrolment.ts';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { ask } from '../support/office-fixtures.ts';
import { until } from '../support/relay-world.ts';
import { WireClient } from '../support/wire-client.ts';

const root = join(import.meta.dirname, '../..');

/** One run of `npm start`'s program. */
class Run {
  out = '';
  err = '';
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(env: Record<string, string>, { args = [], node = [] }: { args?: string[]; node?: string[] } = {}) {
    const program = [...node, join(root, 'demo/start.mjs'), ...args];
    this.process = spawn(process.execPath, program, { cwd: tmpdir(), env: { ...process.env, ...env } });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = once(this.process, 'exit').then(([code]) => code as number | null);
  }

  get lines(): string[] {
    return this.out.trimEnd().split('\n');
  }

  /** The address of the bank, when it is up. */
  async up(): Promise<string> {
    const broken = this.ended.then((code) => Promise.reject(new Error(`it ended with ${code}: ${this.err}`)));
    await Promise.race([until(() => /^Agent desk: .+\n/m.test(this.out), 30_000), broken]);
    return /^Bank page: (.+)\/$/m.exec(this.out)?.[1] ?? '';
  }

  get desk(): string {
    return /^Agent desk: (.+)$/m.exec(this.out)?.[1] ?? '';
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.process.kill(signal);
    return this.ended;
  }
}

describe('npm start', function () {
  this.timeout(90_000);
  let data: string;
  const runs: Run[] = [];

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'start-'));
  });
  afterEach(async () => {
    for (const run of runs.splice(0)) if (run.process.exitCode === null) await run.stop('SIGKILL');
    await rm(data, { recursive: true });
  });

  const start = (
    { port = '0', directory = join(data, 'own') }: { port?: string; directory?: string } = {},
    options: { args?: string[]; node?: string[] } = {},
  ): Run => {
    const run = new Run({ PORT: port, SECURE_CHAT_DATA: directory }, options);
    runs.push(run);
    return run;
  };

  /** Asks to join with the invitation that a run printed, and waits until the run has said that it approved. */
  async function enrol(run: Run, origin: string, name: string): Promise<void> {
    const fragment = new URL(run.desk).hash.slice(1);
    const client = await WireClient.connect(origin.replace('http:', 'ws:').replace('localhost', '127.0.0.1'));
    await client.request('enrol', { desk: parseInvitation(fragment).desk, request: await ask(fragment, name) });
    await until(() => run.out.includes(`Agent approved: ${name}`), 10_000);
    await client.close();
  }

  it('ends its output with the two addresses, and serves them', async () => {
    const run = start();
    const origin = await run.up();
    expect(origin).to.match(/^http:\/\/localhost:\d+$/);
    const [bank, desk] = run.lines.slice(-2);
    expect(bank).to.equal(`Bank page: ${origin}/`);
    expect(desk).to.match(new RegExp(`^Agent desk: ${origin}/desk#[\\w-]+$`));
    const page = await fetch(`${origin}/`);
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    const html = await page.text();
    expect(html)
      .to.include(`relay="${origin.replace('http', 'ws')}"`)
      .and.to.match(/desk-key="dk1_[\w-]{48}"/);
    expect(html).not.to.match(/%[A-Z_]+%/);
    expect(page.headers.get('content-security-policy')).to.include(
      `connect-src 'self' ${origin.replace('http', 'ws')};`,
    );
    for (const [path, type] of [
      ['/css/base.css', 'text/css; charset=utf-8'],
      ['/js/site.js', 'text/javascript; charset=utf-8'],
      ['/img/icons.svg', 'image/svg+xml'],
      ['/secure-chat.js', 'text/javascript; charset=utf-8'],
      ['/desk', 'text/html; charset=utf-8'],
    ] as const) {
      const response = await fetch(origin + path);
      expect([response.status, response.headers.get('content-type')], path).to.deep.equal([200, type]);
      await response.arrayBuffer();
    }
    expect(run.err).to.equal('');
    expect(await run.stop()).to.equal(0);
  });

  it('serves nothing else of the machine', async () => {
    const run = start();
    const { port } = new URL(await run.up());
    const status = (path: string, method = 'GET'): Promise<number> =>
      new Promise((resolve, reject) => {
        // Not fetch(): it would clean the path first.
        const sent = request({ host: '127.0.0.1', port, path, method }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.on('error', reject).end();
      });
    for (const path of [
      '/../package.json',
      '/css/../../start.mjs',
      '/%2e%2e/start.mjs',
      '/..%2fstart.mjs',
      '/README.md',
      '/start.mjs',
      '/css',
      '/constructor',
      '/__proto__',
    ]) {
      expect(await status(path), path).to.equal(404);
    }
    expect(await status('/', 'POST')).to.equal(405);
    expect(await status('/', 'HEAD')).to.equal(200);
    expect(await status('/?x=1')).to.equal(200);
  });

  it('is reached from this machine alone', async () => {
    const run = start();
    const { port } = new URL(await run.up());
    const { networkInterfaces } = await import('node:os');
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address, family } of others.filter(({ internal, family }) => !internal && family === 'IPv4')) {
      const outcome = await fetch(`http://${address}:${port}/`).then(
        () => 'answered',
        () => 'refused',
      );
      expect(outcome, `${family} ${address}`).to.equal('refused');
    }
  });

  it('lets an agent in who has the invitation, and says so in one line', async () => {
    const run = start();
    const origin = await run.up();
    const before = run.lines.length;
    await enrol(run, origin, 'Sara');
    expect(run.lines.slice(before)).to.have.length(1);
    expect(run.lines.at(-1)).to.match(/^Agent approved: Sara, .*fingerprint( \d{5}){6}/);
    expect(await run.stop('SIGINT')).to.equal(0);
  });

  it('goes on with the same desk, and invites again only while nobody is in, or when told to', async () => {
    const first = start();
    const html = await (await fetch(await first.up())).text();
    const key = /desk-key="(dk1_[\w-]+)"/.exec(html)?.[1] ?? '';
    expect(await first.stop()).to.equal(0);

    const second = start();
    const origin = await second.up();
    expect(await (await fetch(origin)).text()).to.include(key);
    expect(second.desk).to.match(/#[\w-]+$/);
    expect(second.desk).not.to.equal(first.desk);
    await enrol(second, origin, 'Sara');
    // Not a clean end: a power cut.
    await second.stop('SIGKILL');

    const third = start();
    expect(third.desk).to.equal('');
    expect(await third.up()).to.match(/^http/);
    expect(third.desk).to.match(/\/desk$/);
    expect(third.err).to.equal('');
    expect(await third.stop()).to.equal(0);

    const fourth = start({}, { args: ['--invite'] });
    await enrol(fourth, await fourth.up(), 'Tom');
  });

  it('ends with npm, which does not tell its children', async () => {
    const npm = spawn('npm', ['start', '--silent'], {
      cwd: root,
      env: { ...process.env, PORT: '0', SECURE_CHAT_DATA: join(data, 'own') },
    });
    let out = '';
    npm.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await until(() => /^Agent desk: /m.test(out), 30_000);
    const bank = /^Bank page: (.+)$/m.exec(out)?.[1] ?? '';
    expect((await fetch(bank)).status).to.equal(200);
    npm.kill('SIGTERM');
    await until(() => !existsSync(join(data, 'own', 'desk', 'lock')), 10_000);
    await until(async () => (await fetch(bank).catch(() => null)) === null);
  });

  it('says in one sentence what is wrong, with exit code 1', async () => {
    const failure = async (run: Run): Promise<string> => {
      expect(await run.ended).to.equal(1);
      expect(run.err.trimEnd().split('\n'), run.err).to.have.length(1);
      expect(run.out).not.to.include('Bank page');
      return run.err.trimEnd();
    };
    const busy: Server = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo;
    expect(await failure(start({ port: `${port}` }))).to.match(/^Port \d+ is in use; .+\.$/);
    busy.close();

    const file = join(data, 'file');
    await writeFile(file, '');
    expect(await failure(start({ directory: file }))).to.match(
      /^The data directory .+ cannot be written \(\w+\); .+\.$/,
    );
    expect(await failure(start({ directory: join(file, 'below') }))).to.match(
      /^The data directory .+ cannot be written/,
    );
    expect(await failure(start({ port: 'eighty' }))).to.equal('PORT=eighty is not a port from 0 to 65535.');
    expect(await failure(start({}, { args: ['--invites'] }))).to.match(/^--invites is not an option/);

    const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })`;
    const early = ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
    expect(await failure(start({}, { node: early }))).to.equal('Node 20.19 or later is needed, and this is 18.20.4.');
    // Nothing of this was left behind but what the one that met a busy port had made.
    expect(existsSync(join(data, 'own', 'desk', 'lock'))).to.equal(false);

    const running = start();
    await running.up();
    expect(await failure(start())).to.match(/^The data in .+ are in use by process \d+; .+\.$/);
  });

  it('is a whole chat: a customer and an agent talk, and still do after it was started again', async () => {
    const first = start();
    const origin = await first.up();
    const browser = await launchBrowser();
    try {
      const customer = await Customer.in(browser);
      const agent = await Agent.in(browser, 'Sara');
      await agent.enrols(first.desk);
      await customer.visit(`${origin}/`);
      await customer.opensChat();
      await customer.says('Does this work?');
      await agent.claims();
      await agent.says('It does');
      await customer.reads('It does');
      expect(await first.stop()).to.equal(0);

      await customer.says('And now?');
      const { port } = new URL(origin);
      const second = start({ port });
      await second.up();
      await agent.reads('And now?', 60_000);
      await agent.says('Still does');
      await customer.reads('Still does', 60_000);
      expect(second.desk).to.equal(`${origin}/desk`);
    } finally {
      await browser.close();
    }
  });
});
