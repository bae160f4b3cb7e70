/**
 * The command `secure-chat relay` in a process of its own, to be signalled, killed and started again on the same data.
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { until } from './relay-world.ts';

const root = join(import.meta.dirname, '../..');
const script = join(root, 'src/cli/secure-chat.ts');

/** A line of its log. */
export type Logged = Readonly<Record<string, unknown>>;

export class RelayService {
  readonly child: ChildProcess;
  readonly log: Logged[] = [];
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  port = 0;
  /** What went to the error stream. */
  errors = '';
  /** What went to the log and is none of its lines. */
  stray = '';

  private constructor(args: readonly string[], environment: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, ['--import', 'tsx', script, 'relay', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TSX_TSCONFIG_PATH: 'tsconfig.base.json', ...environment },
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve(code ?? signal ?? 'unknown');
      });
    });
    this.child.stderr?.on('data', (data: Buffer) => (this.errors += data.toString()));
    if (this.child.stdout === null) return;
    createInterface(this.child.stdout).on('line', (line) => {
      if (line.startsWith('{"time"')) this.log.push(JSON.parse(line) as Logged);
      else this.stray += `${line}\n`;
    });
  }

  /** Runs the command, whatever becomes of it. */
  static run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): RelayService {
    return new RelayService(args, environment);
  }

  /** Starts a relay on the loopback; resolves when it listens. @throws Error when it ends instead */
  static async start(data: string, desk: Uint8Array, ...args: readonly string[]): Promise<RelayService> {
    const service = RelayService.run(['--data', data, '--desk-key', formatDeskKey(desk), '--port', '0', ...args]);
    const listening = until(() => service.last('listening') !== undefined, 30_000);
    const ended = service.ended.then((code) => {
      throw new Error(`the relay ended with ${code}: ${service.errors}`);
    });
    await Promise.race([listening, ended]);
    service.port = Number(service.last('listening')?.port);
    return service;
  }

  get origin(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The last line of an event. */
  last(event: string): Logged | undefined {
    return this.log.filter((line) => line.event === event).at(-1);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it by a signal, if it has not ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.signal(signal);
    return this.ended;
  }

  /** Its memory, bytes (Linux). */
  async memory(): Promise<number> {
    const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${this.child.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1_024;
  }
}
