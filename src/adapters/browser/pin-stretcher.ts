/**
 * Argon2id off the page's thread. docs/decisions/0031-stretching-in-a-worker.md
 * @module
 */
import { ChatError } from '../../errors.ts';
import type { PinStretcher } from '../../engine/ports/device.ts';
import type { StretchAnswer, StretchQuestion, StretchRefusal } from './stretch-messages.ts';
import { startWorker, stretchScript } from './stretch-script.ts';

/** The worker ends when it has had nothing to do for so long, ms: what it knew goes with it. */
const IDLE = 5_000;
/** It gives a sign of life every second. A silence of so long means that it is dead, ms. */
const PATIENCE = 20_000;
const STRETCHED_LENGTH = 32;

/** A port that may learn later that it is of no use. */
export interface WorkerStretcher extends PinStretcher {
  /** False: no worker can run here, as far as it is known now. */
  readonly able: boolean;
}

/** Null where no worker is even to be tried. The worker is started by the first PIN. */
export function workerStretcher({ idle = IDLE, patience = PATIENCE } = {}): WorkerStretcher | null {
  const script = stretchScript();
  return script === null ? null : new Stretcher(script, idle, patience);
}

class Stretcher implements WorkerStretcher {
  able = true;
  readonly #script: string;
  readonly #idle: number;
  readonly #patience: number;
  #worker: Worker | null = null;
  #ending: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(script: string, idle: number, patience: number) {
    this.#script = script;
    this.#idle = idle;
    this.#patience = patience;
  }

  stretch: PinStretcher['stretch'] = (pin, salt, { m, t, p }) => {
    // One after the other: two at once would need twice the memory, and take as long.
    const result = this.#turn.then(() =>
      this.#ask({ pin: new TextEncoder().encode(pin), salt: salt.slice(), m, t, p }),
    );
    this.#turn = result.catch(() => undefined);
    return result;
  };

  async #ask(question: StretchQuestion): Promise<Uint8Array> {
    clearTimeout(this.#ending);
    try {
      const worker = this.#started();
      return await answerOf(worker, question, this.#patience);
    } catch (error) {
      if (error instanceof ChatError && error.code === 'worker-unavailable') this.#end(false);
      throw error;
    } finally {
      // Still here if it was not handed over.
      if (question.pin.length > 0) question.pin.fill(0);
      this.#ending = setTimeout(() => this.#end(true), this.#idle);
    }
  }

  #started(): Worker {
    // Not again: each attempt may show in the page's reports.
    if (!this.able) throw unavailable('no worker could be started before');
    if (this.#worker === null) {
      try {
        this.#worker = startWorker(this.#script);
      } catch (cause) {
        throw unavailable('the page’s policy forbids the worker', cause);
      }
    }
    return this.#worker;
  }

  #end(able: boolean): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.able &&= able;
  }
}

function answerOf(worker: Worker, question: StretchQuestion, patience: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let silence: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => settle(() => reject(unavailable('the worker does not answer'))), patience);
    };
    const settle = (outcome: () => void): void => {
      clearTimeout(silence);
      worker.onmessage = worker.onmessageerror = worker.onerror = null;
      outcome();
    };
    worker.onmessage = ({ data }: MessageEvent<StretchAnswer>) => {
      if (data.kind === 'alive') return wait();
      settle(() => {
        if (data.kind === 'done' && data.bytes.length === STRETCHED_LENGTH) return resolve(data.bytes);
        reject(data.kind === 'refused' ? refusalOf(data.error) : unavailable('the worker failed'));
      });
    };
    worker.onmessageerror = () => settle(() => reject(unavailable('the worker’s answer could not be read')));
    worker.onerror = (event) => {
      // It is told here; the page's console and error handlers have nothing to do with it.
      event.preventDefault();
      settle(() => reject(unavailable('the worker could not be started')));
    };
    wait();
    worker.postMessage(question, [question.pin.buffer as ArrayBuffer]);
  });
}

function refusalOf({ kind, code, message, details }: StretchRefusal): ChatError {
  return new ChatError(kind, code, message, { details });
}

function unavailable(message: string, cause?: unknown): ChatError {
  return new ChatError('environment', 'worker-unavailable', message, cause === undefined ? {} : { cause });
}
