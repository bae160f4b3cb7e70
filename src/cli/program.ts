/**
 * The command line: its commands, its errors, its exit codes.
 * @module
 */
import { Command, CommanderError } from 'commander';
import { createRequire } from 'node:module';
import { ChatError } from '../errors.ts';
import { agentCommands } from './commands/agent-commands.ts';
import { deskCommands } from './commands/desk-commands.ts';
import { directoryCommands } from './commands/directory-commands.ts';
import { doctorCommand } from './commands/doctor-command.ts';
import { signerCommands } from './commands/signer-commands.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { relayCommand } from './relay-command.ts';
import { sentenceOf } from './sentences.ts';

/** Runs one command to its end. @param argv without program and script @returns the exit code */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const isJson = argv.includes('--json');
  const program = new Command('secure-chat')
    .description('End-to-end encrypted customer chat: the desk’s trust, its agents, the relay.')
    .version(versionOfPackage(), '--version')
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError(isJson ? false : '(--help shows what there is)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => (isJson ? undefined : write(text)) });
  deskCommands(program);
  agentCommands(program);
  directoryCommands(program);
  signerCommands(program);
  relayCommand(program);
  doctorCommand(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return failed(error, { isJson, isDebug: argv.includes('--debug') });
  }
}

function failed(error: unknown, { isJson, isDebug }: { isJson: boolean; isDebug: boolean }): number {
  if (error instanceof CommanderError) {
    // Help and version are no errors. Everything else the library has said already, unless JSON is wanted.
    if (error.exitCode === 0) return EXIT.done;
    if (isJson) writeError('usage', error.message.replace(/^error: /, '').replace(/\s+/g, ' '), {});
    return EXIT.usage;
  }
  const [code, details] = error instanceof ChatError ? [error.code, error.details] : ['internal', {}];
  if (isJson) writeError(code, sentenceOf(error), details);
  else process.stderr.write(`secure-chat: ${sentenceOf(error)}\n`);
  if (isDebug) process.stderr.write(`${chainOf(error)}\n`);
  return exitCodeOf(error);
}

function writeError(code: string, message: string, details: object): void {
  process.stderr.write(`${JSON.stringify({ error: { code, message, details } })}\n`);
}

/** An error with what caused it. */
function chainOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return error instanceof Error && error.cause !== undefined ? `${stack}\ncaused by ${chainOf(error.cause)}` : stack;
}

/** Asked for by the package's name: the built file and the source lie at different depths. */
function versionOfPackage(): string {
  const { version } = createRequire(import.meta.url)('secure-chat/package.json') as { version: string };
  return version;
}
