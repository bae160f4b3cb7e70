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
  return lineOf(question, true);
}

/** One line that is not shown while it is typed. @throws ChatError `interrupted` */
export function askHidden(question: string): Promise<string> {
  return lineOf(question, false);
}

function lineOf(question: string, isShown: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const output = isShown ? process.stderr : nowhere;
    // `terminal` puts the keyboard into raw mode: nothing is echoed but what readline writes to `output`. Only then is the
    // question asked, lest a quick answer be echoed by the terminal itself.
    const reader = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
    let answer: string | null = null;
    reader.once('SIGINT', () => reader.close());
    reader.once('close', () => {
      if (!isShown) process.stderr.write('\n');
      if (answer === null) reject(new ChatError('environment', 'interrupted', 'nothing was answered'));
      else resolve(answer);
    });
    if (!isShown) process.stderr.write(question);
    reader.question(isShown ? question : '', (line) => {
      answer = line;
      reader.close();
    });
  });
}
