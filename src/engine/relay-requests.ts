/**
 * Requests of one connection that wait for their answers.
 * @module
 */
import { ChatError } from '../errors.ts';
import type { Refusal, RequestId } from '../wire/frames.ts';
import type { ReplyBody, RequestType } from '../wire/requests.ts';
import type { Clock } from './ports.ts';
import { refusalError } from './relay-errors.ts';

const IDS = 2 ** 32;

interface Waiting {
  readonly type: RequestType;
  resolve(body: ReplyBody<RequestType>): void;
  reject(error: ChatError): void;
  stopTimer(): void;
}

/** Numbers requests and hands each answer to who asked. */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #waiting = new Map<RequestId, Waiting>();
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number that the next request will have. */
  nextId(): RequestId {
    while (this.#waiting.has(this.#next)) this.#next = (this.#next + 1) % IDS;
    return this.#next;
  }

  /**
   * Waits for the answer to the request with `nextId()`. After `timeout` ms the promise rejects with `relay-timeout`, but
   * the number stays taken: a late answer to it is no fault of the relay's. Null: no limit.
   */
  wait<K extends RequestType>(type: K, timeout: number | null): Promise<ReplyBody<K>> {
    const id = this.nextId();
    this.#next = (id + 1) % IDS;
    return new Promise((resolve, reject) => {
      const late = (): void => {
        reject(
          new ChatError('environment', 'relay-timeout', 'the relay did not answer in time', { details: { timeout } }),
        );
      };
      const stopTimer = timeout === null ? () => undefined : this.#clock.after(timeout, late);
      this.#waiting.set(id, { type, resolve: resolve, reject, stopTimer });
    });
  }

  /** The type of an unanswered request; undefined: there is none with this number. */
  typeOf(id: RequestId): RequestType | undefined {
    return this.#waiting.get(id)?.type;
  }

  /** The relay answered. */
  answer(id: RequestId, body: ReplyBody<RequestType>): void {
    this.#take(id)?.resolve(body);
  }

  /** The relay refused. */
  refuse(id: RequestId, refusal: Refusal): void {
    this.#take(id)?.reject(refusalError(refusal));
  }

  /** The connection ended: nobody waits any longer. */
  rejectAll(error: ChatError): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(error);
  }

  #take(id: RequestId): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.stopTimer();
    return waiting;
  }
}
