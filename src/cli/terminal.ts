/**
 * The person at the keyboard: questions go to stderr, so that stdout is the result alone.
 * @module
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ChatError } from '../errors.ts';

/** Whether somebody can be asked. */
export function isAttended(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** One line. @throws ChatError `interrupted` */
export function ask(question: string): Promise<string> {
  return lineOf(question, process.stderr);
}

/** One line that is not shown while it is typed. @throws ChatError `interrupted` */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    return await lineOf('', nowhere);
  } finally {
    process.stderr.write('\n');
  }
}

function lineOf(question: string, output: NodeJS.WritableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    // `terminal` puts the keyboard into raw mode: nothing is echoed but what readline writes to `output`.
    const reader = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
    let isAnswered = false;
    reader.once('SIGINT', () => reader.close());
    reader.once('close', () => {
      if (!isAnswered) reject(new ChatError('environment', 'interrupted', 'nothing was answered'));
    });
    reader.question(question, (answer) => {
      isAnswered = true;
      reader.close();
      resolve(answer);
    });
  });
}
