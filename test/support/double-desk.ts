/**
 * What relay and customers of a desk hold, in memory: the ground under the clients of `double-desk-client.ts`.
 * @module
 */
import { usageError } from '../../src/errors.ts';
import type { DeskClient, MessageView, Progress } from '../../src/engine/views.ts';

export type Membership = Parameters<Parameters<DeskClient['membership']['subscribe']>[0]>[0];

/** What the desk's people and machines are called. */
export interface DoubleMember {
  readonly device: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly state: Membership['state'];
}

export interface Message {
  readonly id: string;
  readonly order: number;
  readonly from: string;
  readonly kind: MessageView['kind'];
  readonly text: string;
  readonly at: number;
  readonly file: MessageView['file'];
  progress: Progress | null;
}

export interface Conversation {
  readonly id: string;
  readonly topic: string | null;
  readonly customer: string;
  readonly fingerprint: string;
  readonly startedAt: number;
  /** Devices that received the first message. */
  readonly reached: Set<string>;
  /** Devices that joined, in order; `false` once they left. */
  readonly joined: Map<string, boolean>;
  readonly messages: Message[];
  readonly read: Map<string, number>;
  readonly drafts: Map<string, string>;
  notices: readonly string[];
  waitingSince: number | null;
  claimedBy: string | null;
  ended: boolean;
}

/** Relay and customers in one. */
export class DoubleDesk {
  readonly members = new Map<string, DoubleMember>();
  readonly conversations = new Map<string, Conversation>();
  readonly changed = new Set<() => void>();
  #orders = 0;
  #now: () => number;

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  /** A device asks to become a member; `approve` or `remove` decides. */
  enrol(device: string, name: string, fingerprint = '10293 84756 56473 82910 01928 37465'): void {
    this.members.set(device, { device, name, fingerprint, state: 'pending' });
    this.touch();
  }

  approve(device: string): void {
    this.#setState(device, 'member');
  }

  remove(device: string): void {
    this.#setState(device, 'removed');
  }

  /** A customer starts a conversation; `reached` are the devices that get its first message. */
  start(first: {
    id: string;
    customer: string;
    fingerprint: string;
    text: string;
    topic?: string | null;
    at?: number;
    reached?: readonly string[];
  }): void {
    const at = first.at ?? this.now();
    const { id, customer, fingerprint, topic = null } = first;
    const reached = new Set(first.reached ?? this.members.keys());
    this.conversations.set(id, {
      ...{ id, topic, customer, fingerprint, startedAt: at, reached, ended: false, waitingSince: at, claimedBy: null },
      ...{ joined: new Map(), messages: [], read: new Map(), drafts: new Map(), notices: [] },
    });
    this.add(id, { from: customer, kind: 'text', text: first.text, at });
  }

  /** The customer writes; the present participants receive it. */
  says(id: string, text: string, at = this.now()): void {
    this.add(id, { from: this.of(id).customer, kind: 'text', text, at });
  }

  /** A fact that every participant must be told, such as `message-fork`. */
  notice(id: string, code: string): void {
    this.of(id).notices = [...this.of(id).notices, code];
    this.touch();
  }

  /** The customer ends it. */
  closes(id: string): void {
    this.of(id).ended = true;
    this.of(id).waitingSince = null;
    this.add(id, { from: this.of(id).customer, kind: 'close', text: '' });
  }

  of(id: string): Conversation {
    const found = this.conversations.get(id);
    if (!found) throw usageError('conversation-unknown', 'no such conversation');
    return found;
  }

  add(
    id: string,
    message: Pick<Message, 'from' | 'kind' | 'text'> & Partial<Pick<Message, 'at' | 'file' | 'progress'>>,
  ): string {
    const order = ++this.#orders;
    const stored = { id: order.toString(16).padStart(32, '0'), order, at: this.now(), file: null, progress: null };
    this.of(id).messages.push({ ...stored, ...message });
    this.touch();
    return stored.id;
  }

  touch(): void {
    for (const listener of [...this.changed]) listener();
  }

  #setState(device: string, state: Membership['state']): void {
    const member = this.members.get(device);
    if (!member) throw usageError('device-unknown', 'no such device');
    this.members.set(device, { ...member, state });
    this.touch();
  }
}
