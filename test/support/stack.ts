/**
 * Everything a browser needs, for end-to-end tests: a relay in a process of its own with the bank's pages, a desk, and
 * somebody who approves its agents. All on free ports and in a directory that is removed at the end.
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeskOffice } from '../../src/cli/desk-office.ts';
import { createDesk } from '../../src/cli/desk-opening.ts';
import { attendDesk, type DeskAttendance } from '../../src/cli/desk-attendance.ts';
import type { EnrolmentRequest } from '../../src/cli/enrolment-requests.ts';
import { codeOf } from '../../src/errors.ts';

const DAY = 24 * 3_600_000;
const program = fileURLToPath(new URL('stack-process.ts', import.meta.url));

export class Stack {
  /** What the relay keeps. */
  readonly data: string;
  readonly desk: DeskOffice;
  /** Everything that the relay has printed, in all its lives. */
  output = '';
  /** Whether whoever asks with an invitation is approved at once. */
  approves = true;
  /** Requests that passed the checks. */
  readonly requests: EnrolmentRequest[] = [];
  /** What went wrong at the desk: codes. */
  readonly problems: string[] = [];
  readonly #directory: string;
  #relay: ChildProcess | null = null;
  #port = 0;
  #attendance: DeskAttendance | null = null;

  private constructor(directory: string, desk: DeskOffice) {
    this.#directory = directory;
    this.data = join(directory, 'relay');
    this.desk = desk;
  }

  static async start(): Promise<Stack> {
    const directory = await mkdtemp(join(tmpdir(), 'stack-'));
    const desk = await createDesk({ directory: join(directory, 'desk') }, { name: 'Tidewell Bank' });
    const stack = new Stack(directory, desk);
    try {
      await mkdir(stack.data);
      await stack.startRelay();
      await stack.attend();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** `http://localhost:port` */
  get origin(): string {
    return `http://localhost:${this.#port}`;
  }

  /** `ws://localhost:port` */
  get relay(): string {
    return `ws://localhost:${this.#port}`;
  }

  /** The address of one of the bank's pages. */
  page(name = ''): string {
    return `${this.origin}/${name}`;
  }

  /** A link that lets one browser in. */
  async invitation(role: 'agent' | 'supervisor' = 'agent'): Promise<string> {
    return `${this.origin}/desk#${await this.desk.invite({ role, life: DAY })}`;
  }

  /** Starts the relay on the data there are, at the port it had before. */
  async startRelay(): Promise<void> {
    const relay = spawn(process.execPath, ['--import', 'tsx', program, this.data, `${this.#port}`, this.desk.deskKey], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#relay = relay;
    const from = this.output.length;
    const port = await new Promise<number>((resolve, reject) => {
      relay.once('exit', (code) => reject(new Error(`the relay ended with ${code}`)));
      relay.stdout.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
        const line = /^(\d+)\n/m.exec(this.output.slice(from));
        if (line !== null) resolve(Number(line[1]));
      });
    });
    this.#port = port;
  }

  /** Kills the relay as a crash or a power cut would: nothing is finished. */
  async killRelay(): Promise<void> {
    const relay = this.#relay;
    if (relay === null) return;
    this.#relay = null;
    const ended = once(relay, 'exit');
    relay.kill('SIGKILL');
    await ended;
  }

  /** Publishes the directory and brings the requests of invited devices. */
  async attend(): Promise<void> {
    this.#attendance = await attendDesk({
      desk: this.desk,
      relay: this.relay,
      onRequests: (requests) => {
        for (const request of requests) this.#asked(request);
      },
      onDropped: (code) => this.problems.push(code),
      onProblem: (error) => this.problems.push(codeOf(error)),
    });
  }

  async stop(): Promise<void> {
    await this.#attendance?.close();
    await this.desk.close();
    await this.killRelay();
    await rm(this.#directory, { recursive: true });
  }

  /** Makes a member of the device; resolves when that is published. */
  async approve(request: EnrolmentRequest): Promise<void> {
    await this.#attendance?.approve(request);
  }

  #asked(request: EnrolmentRequest): void {
    if (this.requests.some(({ id }) => Buffer.from(id).equals(request.id))) return;
    this.requests.push(request);
    if (this.approves) this.approve(request).catch((error: unknown) => this.problems.push(codeOf(error)));
  }
}
