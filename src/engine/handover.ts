/**
 * An open vault for a tab that is opened beside another: asking, and answering. docs/vault.md §9.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { codeOf } from '../errors.ts';
import type { Continuation } from '../vault/continuation.ts';
import { handoverKeysOf, openHandover, sealHandover } from '../vault/handover.ts';
import { NONCE_LENGTH } from '../vault/record.ts';
import { askCodec, giveCodec, readTabMessage, type AskMessage } from '../vault/tab-message.ts';
import type { TabChannel } from './ports/device.ts';
import type { Clock, Random } from './ports.ts';

const SECRET_LENGTH = 32;
/** How often the question is asked again, ms: a tab that has only just been opened may not have heard the first. */
const ASK_AGAIN = 300;

/**
 * Asks the other tabs, and takes the first answer that opens and is accepted.
 * @param options.within how long to wait, ms
 * @param options.isUseless whether nobody is there who could answer; a rejection is a no
 * @returns null when none came
 */
export function askOtherTabs(options: {
  channel: TabChannel;
  clock: Clock;
  random: Random;
  vid: Uint8Array;
  within: number;
  isUseless: Promise<boolean>;
  accept: (held: Continuation) => boolean;
}): Promise<Continuation | null> {
  const { channel, clock, random, vid, accept } = options;
  const own = handoverKeysOf(random(SECRET_LENGTH));
  return new Promise((resolve) => {
    const settle = (held: Continuation | null): void => {
      late();
      again();
      stop();
      own.secret.fill(0);
      resolve(held);
    };
    const late = clock.after(options.within, () => settle(null));
    const stop = channel.listen((bytes) => {
      const message = readTabMessage(bytes);
      if (message?.kind !== 'give' || !equal(message.to, own.key)) return;
      const held = opened(() => openHandover({ own, giver: message.key, vid, sealed: message.sealed }));
      if (held === null) return;
      if (accept(held)) settle(held);
      else held.vmk.fill(0);
    });
    options.isUseless.then(
      (useless) => useless && settle(null),
      () => undefined, // no lock to be had: then time tells
    );
    const question = askCodec.encode({ v: 1, kind: 'ask', vid, key: own.key });
    let again = (): void => undefined;
    const ask = (): void => {
      channel.post(question);
      again = clock.after(ASK_AGAIN, ask);
    };
    ask();
  });
}

/**
 * The answer to another tab's question; null when its key is none.
 * @param held what is handed over; erased
 */
export function answerTo(
  { vid, key }: AskMessage,
  { held, random }: { held: Continuation; random: Random },
): Uint8Array | null {
  const own = handoverKeysOf(random(SECRET_LENGTH));
  const nonce = random(NONCE_LENGTH);
  const sealed = opened(() => sealHandover({ own, asker: key, vid, held, nonce }));
  own.secret.fill(0);
  held.vmk.fill(0);
  return sealed === null ? null : giveCodec.encode({ v: 1, kind: 'give', to: key, key: own.key, sealed });
}

/** Null for what another tab made wrong: it is as if it had not been said. */
function opened<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) !== 'handover-mismatch') throw error;
    return null;
  }
}
