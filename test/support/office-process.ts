/**
 * The command line as real processes: built once for all tests of a run, from the sources as they are.
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');
let built: Promise<string> | null = null;

/** The path of the built command. Inside the project, so that it finds the packages. */
function command(): Promise<string> {
  built ??= compile();
  return built;
}

async function compile(): Promise<string> {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(root, 'dist/.command-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const outfile = join(directory, 'secure-chat.mjs');
  await build({
    entryPoints: [join(root, 'src/cli/secure-chat.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    tsconfig: join(root, 'tsconfig.base.json'),
    logLevel: 'warning',
  });
  return outfile;
}

/** How a command ended. */
export interface Ended {
  /** Null: it was killed. */
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** More arguments for node itself. */
  readonly node?: readonly string[];
}

/** Starts a command. Nothing of the environment that the tests run in reaches it but PATH. */
export async function start(args: readonly string[], options: RunOptions = {}): Promise<ChildProcess> {
  const { env = {}, node = [] } = options;
  return spawn(process.execPath, [...node, await command(), ...args], {
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs a command to its end. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = await start(args, options);
  child.stdin?.end(options.input ?? '');
  return ended(child);
}

/** Runs a command with `--json`: what it printed, parsed. @throws Error when it failed */
export async function json<T = Record<string, unknown>>(args: readonly string[], options: RunOptions = {}): Promise<T> {
  const { exit, out, err } = await run([...args, '--json'], options);
  if (exit !== 0) throw new Error(`secure-chat ${args.join(' ')} ended with ${exit}: ${err}`);
  return JSON.parse(out) as T;
}

/** The code of the error that a command fails with, and its exit code. */
export async function failure(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ code: string; exit: number | null }> {
  const { exit, err } = await run([...args, '--json'], options);
  const line = err.trim().split('\n').at(-1) ?? '';
  const { error } = JSON.parse(line) as { error: { code: string } };
  return { code: error.code, exit };
}

export function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, out, err }));
  });
}

/** The path of the built command, for tests that start it by other means. */
export { command as builtCommand };
