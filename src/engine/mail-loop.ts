/**
 * The mailbox: one mail after another is decided, stored, and only then acknowledged. docs/protocol.md §11.3.
 * @module
 */
import { ChatError, codeOf } from '../errors.ts';
import { frameHashOf } from '../protocol/frame.ts';
import type { PushBody } from '../wire/pushes.ts';
import { stepOf, type EngineContext } from './context.ts';
import { fetchDirectory } from './directory-keeper.ts';
import { answerUnknownSession, receiveFrame, type Decision } from './incoming.ts';
import { asChatError } from './relay-errors.ts';
import { receiveReset } from './resets.ts';
import { ROWS } from './rows.ts';

const RETRY = 5_000;
const FETCH_PAUSE = 60_000;
const HELD_LIFE = 10 * 60_000;
const MAX_HELD = 64;
/** Of those, hellos of devices that no directory names: anybody can send such. */
const MAX_STRANGERS = 16;
/** Decided mails that are acknowledged together; the relay pushes 64 ahead. */
const ACK_EVERY = 16;
/** A mail that only its own matter keeps from being decided, so often, is given up: it must not hold back what is behind it. */
const MAX_ATTEMPTS = 3;

/** Tables with rows of single conversations. */
const DIVIDED = new Set(['conversations', 'sessions', 'messages', 'index']);

type Mail = PushBody<'mail'>;

export interface MailLoopOptions {
  readonly context: EngineContext;
  /** Resolves when a fresh directory is held: without one nothing is taken (§5.4). */
  readonly freshDirectory: () => Promise<void>;
  /** Called after every mail that was taken. */
  readonly onTaken: () => void;
  /** Called when all that was pushed up to now is decided. */
  readonly onDecided: () => void;
  /** Called with what keeps mail from being taken; it is tried again by itself. */
  readonly onProblem: (error: ChatError) => void;
}

/** Takes mail while this tab is the consumer. */
export class MailLoop {
  readonly #options: MailLoopOptions;
  #queue: Mail[] = [];
  #running = false;
  #stopped = false;
  /** The highest number decided and not acknowledged yet; null: none. */
  #decided: number | null = null;
  #sinceAck = 0;
  #failing: { readonly seq: number; times: number } | null = null;
  #lastFetch = -FETCH_PAUSE;
  #lastAt = 0;
  #cancelRetry = (): void => undefined;

  constructor(options: MailLoopOptions) {
    this.#options = options;
  }

  /** A mail was pushed. */
  push(mail: Mail): void {
    if (this.#stopped) return;
    this.#lastAt = this.#options.context.ports.clock.now();
    this.#queue.push(mail);
    void this.#run();
  }

  /** Nothing waits here, and nothing came for so long, ms. */
  isIdle(time: number): boolean {
    return !this.#running && this.#queue.length === 0 && this.#options.context.ports.clock.now() - this.#lastAt >= time;
  }

  /** The connection ended or another is the consumer: what is not acknowledged will be pushed again. */
  reset(): void {
    this.#queue = [];
    this.#decided = null;
    this.#cancelRetry();
  }

  stop(): void {
    this.#stopped = true;
    this.reset();
  }

  /** Frames that waited for a directory: they are decided now or, if it still is not enough, after ten minutes given up. */
  async retryHeld(): Promise<void> {
    const { context } = this.#options;
    const now = context.ports.clock.now();
    const held = (await context.store.list(ROWS.heldFrame, { prefix: ['held'] })).map(({ value }) => value);
    for (const { frame, at } of held) {
      const decision = await receiveFrame(context, frame);
      if (isWaiting(decision) && Math.abs(now - at) < HELD_LIFE) continue;
      await stepOf(context, (step) => step.remove(ROWS.heldFrame, ['held', frameHashOf(frame)]));
    }
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#cancelRetry();
    const { onTaken, onDecided, onProblem, freshDirectory } = this.#options;
    try {
      for (let mail = this.#queue[0]; mail !== undefined; mail = this.#queue[0]) {
        await freshDirectory();
        await this.#decide(mail);
        // It may have been pushed anew on another connection meanwhile.
        if (this.#queue[0] !== mail) continue;
        this.#queue.shift();
        this.#decided = mail.seq;
        this.#sinceAck++;
        if (this.#sinceAck >= ACK_EVERY || this.#queue.length === 0) await this.#acknowledge();
        onTaken();
      }
      await this.#acknowledge();
      if (!this.#stopped) onDecided();
    } catch (error) {
      // A connection that ended pushes everything again by itself; what the store refused is tried again.
      if (this.#stopped) return;
      if (codeOf(error) !== 'relay-disconnected') onProblem(asChatError(error));
      this.#cancelRetry = this.#options.context.ports.clock.after(RETRY, () => void this.#run());
    } finally {
      this.#running = false;
    }
  }

  async #acknowledge(): Promise<void> {
    const upTo = this.#decided;
    if (upTo === null) return;
    this.#decided = null;
    this.#sinceAck = 0;
    await this.#options.context.relay.request('ack', { upTo });
  }

  async #decide(mail: Mail): Promise<void> {
    try {
      await this.#take(mail);
      this.#failing = null;
    } catch (error) {
      if (this.#stopped || isForAll(error)) throw error;
      const times = this.#failing?.seq === mail.seq ? this.#failing.times + 1 : 1;
      this.#failing = { seq: mail.seq, times };
      if (times < MAX_ATTEMPTS) throw error;
      // It is not acknowledged to its sender, who will send it again (§15.2).
      this.#options.onProblem(asChatError(error));
    }
  }

  async #take(mail: Mail): Promise<void> {
    const { context } = this.#options;
    if (mail.kind === 'reset') return this.#takeReset(mail.bytes);
    let decision: Decision = await receiveFrame(context, mail.bytes);
    if (isWaiting(decision) && (await this.#fetchDirectory())) decision = await receiveFrame(context, mail.bytes);
    if (isWaiting(decision)) await this.#hold(mail.bytes, decision === 'stranger');
    if (decision === 'unknown') await answerUnknownSession(context, mail.bytes, mail.from);
  }

  async #takeReset(bytes: Uint8Array): Promise<void> {
    try {
      await receiveReset(this.#options.context, bytes);
    } catch (error) {
      // A reset that is not right changes nothing (§16).
      if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
    }
  }

  /** At most once a minute (§5.3). @returns whether it was asked for now */
  async #fetchDirectory(): Promise<boolean> {
    const { context } = this.#options;
    const now = context.ports.clock.now();
    if (Math.abs(now - this.#lastFetch) < FETCH_PAUSE) return false;
    this.#lastFetch = now;
    try {
      await fetchDirectory(context);
    } catch (error) {
      if (!(error instanceof ChatError) || error.kind !== 'peer') throw error;
    }
    return true;
  }

  async #hold(frame: Uint8Array, stranger: boolean): Promise<void> {
    const { context } = this.#options;
    await stepOf(context, async (step) => {
      const held = await step.list(ROWS.heldFrame, ['held']);
      if (held.length >= MAX_HELD) return;
      if (stranger && held.filter((other) => other.stranger).length >= MAX_STRANGERS) return;
      const at = context.ports.clock.now();
      await step.put(ROWS.heldFrame, ['held', frameHashOf(frame)], { frame, at, stranger });
    });
  }
}

/** Whether no other mail would fare better: the store or the relay is not there, or a row that all need is damaged. */
function isForAll(error: unknown): boolean {
  if (!(error instanceof ChatError)) return false;
  if (error.code === 'record-damaged') return !DIVIDED.has(String(error.details['table']));
  return error.kind === 'environment';
}

function isWaiting(decision: Decision): boolean {
  return decision === 'fetch' || decision === 'stranger';
}
