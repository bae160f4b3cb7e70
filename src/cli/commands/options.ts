/**
 * What commands have in common: their options, and how they report.
 * @module
 */
import { Option, type Command } from 'commander';
import { usageError } from '../../errors.ts';
import type { DeskOffice } from '../desk-office.ts';
import { openDesk } from '../desk-opening.ts';
import type { SecretOptions } from '../secret-input.ts';

export interface ReportOptions {
  readonly json?: boolean;
}

export interface DeskOptions extends ReportOptions {
  /** The desk's directory. */
  readonly desk: string;
}

export interface RelayOptions {
  readonly relay?: string;
}

export type OfficeOptions = DeskOptions & RelayOptions & SecretOptions;

/** A family of commands. */
export function family(program: Command, name: string, summary: string): Command {
  return program.command(name).description(summary).helpCommand(false);
}

/** A command that does something; `--json` and `--debug` are everywhere. */
export function leaf(parent: Command, signature: string, summary: string): Command {
  return parent
    .command(signature)
    .description(summary)
    .option('--json', 'print the result as one JSON object')
    .option('--debug', 'print stack traces');
}

export function withDesk(command: Command): Command {
  return command.addOption(
    new Option('--desk <directory>', 'the directory of the desk').env('SECURE_CHAT_DESK').default('desk'),
  );
}

export function withRelay(command: Command): Command {
  return command.addOption(
    new Option('--relay <url>', 'the relay, wss://…; not given: the one that the desk was made with').env(
      'SECURE_CHAT_RELAY',
    ),
  );
}

/** For commands that may need the root key. */
export function withKey(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'a private file whose first line is the passphrase; - for stdin')
    .option('--root-key-file <file>', 'a private file whose first line is the root key (dks1_…); - for stdin');
}

/** Opens the desk for as long as the work takes. */
export async function withOpenDesk<T>({ desk }: DeskOptions, work: (desk: DeskOffice) => Promise<T>): Promise<T> {
  const office = await openDesk({ directory: desk });
  try {
    return await work(office);
  } finally {
    await office.close();
  }
}

/** @throws ChatError `relay-needed` (usage) */
export function relayOf({ relay }: RelayOptions, known: string | null): string {
  const url = relay ?? known;
  if (url === null || url === '') throw usageError('relay-needed', 'no relay is known');
  return url;
}

/** The result on stdout: the data as one line of JSON, or the lines for people. */
export function report({ json = false }: ReportOptions, data: object, lines: readonly string[]): void {
  const text = json ? JSON.stringify(data) : lines.join('\n');
  process.stdout.write(`${text}\n`);
}

/** Something to know that is no result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
