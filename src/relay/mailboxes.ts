/**
 * Mail: taken in durably, pushed in order to the one consumer of a mailbox, deleted when acknowledged. docs/relay.md §5.3.
 * @module
 */
import { toHex } from '../bytes/text.ts';
import type { SendResult } from '../wire/codes.ts';
import { MAIL_WINDOW, MAX_FRAME, MAX_RESET } from '../wire/limits.ts';
import type { RequestBody } from '../wire/requests.ts';
import type { RelayLimits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { refused } from './refusal.ts';
import type { Caller } from './session.ts';
import type { Appended, OfferedMail, RelayStore } from './store.ts';

/** Mail of full size would otherwise be read into memory by the window. */
const READ_AT_ONCE = 16;

type SendItem = RequestBody<'send'>['items'][number];

/** A mailbox's consumer and how far it is. */
interface Consumer {
  readonly session: Caller;
  /** Numbers pushed and not acknowledged, ascending. */
  readonly pending: number[];
  /** The highest number pushed since it subscribed, and on its connection ever. */
  pushed: number;
  highest: number;
  /** Whether the mailbox is being read for it, and whether there may be more than that reading sees. */
  reading: boolean;
  again: boolean;
  /** Whether it waits for its session to have room. */
  isHeld: boolean;
}

export class Mailboxes {
  readonly #store: RelayStore;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  readonly #metrics: Metrics;
  readonly #onFault: (error: unknown) => void;
  readonly #consumers = new Map<string, Consumer>();

  constructor(options: {
    store: RelayStore;
    limits: RelayLimits;
    now: () => number;
    metrics: Metrics;
    onFault: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#limits = options.limits;
    this.#now = options.now;
    this.#metrics = options.metrics;
    this.#onFault = options.onFault;
  }

  /**
   * Takes mail in; resolves when what is accepted is durable.
   * @param isMemberTo whether the sender has a member's share of a recipient's mailbox
   */
  async send(from: Caller, items: readonly SendItem[], isMemberTo: (to: Uint8Array) => boolean): Promise<SendResult[]> {
    const at = this.#now();
    const fitting = items.filter(isFitting);
    const mail = fitting.map((item) => ({
      ...{ ...item, from: from.identity.device, at },
      share: this.#share(isMemberTo(item.to)),
    }));
    const { mailboxItems, mailboxBytes } = this.#limits;
    const quota = { items: mailboxItems, bytes: mailboxBytes };
    const appended = mail.length === 0 ? [] : await this.#store.append(mail, quota);
    const results = new Map<SendItem, Appended>(fitting.map((item, i) => [item, appended[i] ?? 'device-unknown']));
    for (const name of new Set(fitting.filter((item) => results.get(item) === 'accepted').map(({ to }) => toHex(to)))) {
      this.#wake(name);
    }
    return items.map((item) => {
      const result = results.get(item) ?? 'too-large';
      if (result === 'accepted') this.#metrics.add('mailAccepted', 1);
      else this.#metrics.add('mailRefused', 1, result);
      return result;
    });
  }

  /** How many mails wait for a device. */
  async waiting(device: Uint8Array): Promise<number> {
    return (await this.#store.held(device)).items;
  }

  /** Makes a session the consumer of its device's mailbox; an earlier one is told. Pushing starts after `started`. */
  subscribe(session: Caller): void {
    const name = session.identity.deviceName;
    const earlier = this.#consumers.get(name);
    if (earlier !== undefined && earlier.session !== session) earlier.session.push('unsubscribed', {});
    // A repeated subscription starts again: all that is not acknowledged is pushed once more.
    const highest = earlier?.session === session ? earlier.highest : 0;
    this.#consumers.set(name, {
      session,
      pending: [],
      pushed: 0,
      highest,
      reading: false,
      again: false,
      isHeld: false,
    });
    // The reply to the request goes out before the first push.
    setImmediate(() => {
      this.#wake(name);
    });
  }

  /** Deletes up to a number that was pushed to this session. @throws ChatError `forbidden` */
  async acknowledge(session: Caller, upTo: number): Promise<void> {
    const name = session.identity.deviceName;
    const consumer = this.#consumers.get(name);
    if (consumer?.session !== session || upTo > consumer.highest) {
      throw refused('forbidden', 'only what was pushed to the subscriber can be acknowledged');
    }
    await this.#store.acknowledge(session.identity.device, upTo);
    const open = consumer.pending.findIndex((seq) => seq > upTo);
    const done = consumer.pending.splice(0, open === -1 ? consumer.pending.length : open);
    this.#metrics.add('mailAcknowledged', done.length);
    this.#wake(name);
  }

  /** A session has ended. */
  left(session: Caller): void {
    const name = session.identity.deviceName;
    if (this.#consumers.get(name)?.session === session) this.#consumers.delete(name);
  }

  #share(isMember: boolean): OfferedMail['share'] {
    const { memberItems, memberBytes, customerItems, customerBytes, mailBytes, memberReserve } = this.#limits;
    return isMember
      ? { items: memberItems, bytes: memberBytes, total: mailBytes }
      : { items: customerItems, bytes: customerBytes, total: mailBytes * (1 - memberReserve) };
  }

  #wake(name: string): void {
    const consumer = this.#consumers.get(name);
    if (consumer === undefined || consumer.isHeld) return;
    if (consumer.reading) {
      consumer.again = true;
      return;
    }
    consumer.reading = true;
    this.#feed(consumer)
      .catch((error: unknown) => {
        this.#onFault(error);
        // It would wait for mail that lies there; connected anew it is read again.
        consumer.session.end('internal');
      })
      .finally(() => {
        consumer.reading = false;
        // What woke it between its last look and here is not lost.
        if (consumer.again && this.#consumers.get(name) === consumer) this.#wake(name);
      });
  }

  /** Goes on when the session has room, and not before. */
  #hold(consumer: Consumer): void {
    consumer.isHeld = true;
    consumer.session.onceRelieved(() => {
      consumer.isHeld = false;
      this.#wake(consumer.session.identity.deviceName);
    });
  }

  async #feed(consumer: Consumer): Promise<void> {
    const { session, pending } = consumer;
    const name = session.identity.deviceName;
    for (;;) {
      consumer.again = false;
      // Before reading: whatever comes in would otherwise read the same mail in vain.
      if (session.isCongested) {
        this.#hold(consumer);
        return;
      }
      const room = Math.min(READ_AT_ONCE, MAIL_WINDOW - pending.length);
      const mail = room <= 0 ? [] : await this.#store.read(session.identity.device, consumer.pushed, room);
      for (const { seq, from, kind, at, bytes } of mail) {
        if (this.#consumers.get(name) !== consumer || !session.isOpen) return;
        if (session.isCongested) {
          this.#hold(consumer);
          return;
        }
        session.push('mail', { seq, from, kind, at, bytes });
        pending.push(seq);
        consumer.pushed = seq;
        consumer.highest = Math.max(consumer.highest, seq);
        this.#metrics.add('mailPushed', 1);
      }
      if (!consumer.again && mail.length < room) return;
      if (pending.length >= MAIL_WINDOW) return;
    }
  }
}

function isFitting({ kind, bytes }: SendItem): boolean {
  return bytes.length <= (kind === 'frame' ? MAX_FRAME : MAX_RESET);
}
