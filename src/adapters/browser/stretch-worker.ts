/**
 * The worker that stretches PINs. docs/decisions/0031-stretching-in-a-worker.md
 * @module
 */
import { ChatError } from '../../errors.ts';
import { stretchPin } from '../../vault/pin-stretch.ts';
import type { StretchAnswer, StretchQuestion } from './stretch-messages.ts';

const HEARTBEAT = 1_000;

/** What is used of the worker's global scope. */
const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: StretchQuestion }) => void;
  postMessage(answer: StretchAnswer, transfer: readonly ArrayBufferLike[]): void;
};

scope.onmessage = ({ data }) => void reply(data);

async function reply(question: StretchQuestion): Promise<void> {
  let last = performance.now();
  // Not by a timer: the computation comes back before any timer has its turn.
  const answer = await stretched(question, () => {
    const now = performance.now();
    if (now - last < HEARTBEAT) return;
    last = now;
    scope.postMessage({ kind: 'alive' }, []);
  });
  scope.postMessage(answer, answer.kind === 'done' ? [answer.bytes.buffer] : []);
}

async function stretched({ pin, salt, ...cost }: StretchQuestion, onProgress: () => void): Promise<StretchAnswer> {
  try {
    // The text cannot be overwritten; it goes with the worker, a few seconds after its last use.
    return { kind: 'done', bytes: await stretchPin(String.fromCharCode(...pin), salt, cost, onProgress) };
  } catch (error) {
    // Too little memory, for one: the page may have more luck.
    if (!(error instanceof ChatError)) return { kind: 'failed' };
    const { kind, code, message, details } = error;
    return { kind: 'refused', error: { kind, code, message, details } };
  } finally {
    pin.fill(0);
  }
}
