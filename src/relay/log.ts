/**
 * What the relay tells its operator: events and counts, never contents, ids or addresses.
 * @module
 */
import { ChatError } from '../errors.ts';

export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly [detail: string]: string | number | boolean | null;
}

export type Log = (entry: LogEntry) => void;

/** One JSON object a line, with the time. */
export function jsonLog(write: (line: string) => void, now: () => number): Log {
  return (entry) => {
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), ...entry })}\n`);
  };
}

/** A fault as it may be logged: what kind it is and where it came from. Its message might quote data, and stays out. */
export function describeFault(error: unknown): { name: string; code: string | null; at: string | null } {
  if (!(error instanceof Error)) return { name: typeof error, code: null, at: null };
  const code = error instanceof ChatError ? error.code : ((error as NodeJS.ErrnoException).code ?? null);
  const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return { name: error.name, code, at: frame?.trim() ?? null };
}
