/**
 * Who is connected now, and who wants to hear of what.
 * @module
 */
import { encodePush } from '../wire/frames.ts';
import type { PushBody, PushType } from '../wire/pushes.ts';
import type { Caller, Session } from './session.ts';

/** What can be listened to: a kind and the desk's key in hexadecimal. */
export type Topic = `${'directory' | 'duty' | 'queue' | 'root'}/${string}`;

/** The live sessions by device and by topic. */
export class Hub {
  readonly #devices = new Map<string, Set<Caller>>();
  readonly #topics = new Map<Topic, Set<Caller>>();
  readonly #joined = new Map<Session, Set<Topic>>();

  /** Lists a session that has just authenticated. */
  enter(session: Caller): void {
    addTo(this.#devices, session.identity.deviceName, session);
  }

  /** Forgets a session that has ended. */
  leave(session: Caller): void {
    removeFrom(this.#devices, session.identity.deviceName, session);
    for (const topic of this.#joined.get(session) ?? []) removeFrom(this.#topics, topic, session);
    this.#joined.delete(session);
  }

  sessionsOf(deviceName: string): readonly Caller[] {
    return [...(this.#devices.get(deviceName) ?? [])];
  }

  /** Lets a session hear of a topic; false: it would be more than `limit` topics. */
  join(topic: Topic, session: Caller, limit: number): boolean {
    // One that ended while it waited for its turn would never be taken out again.
    if (!session.isOpen) return true;
    const joined = this.#joined.get(session) ?? new Set();
    if (!joined.has(topic) && joined.size >= limit) return false;
    joined.add(topic);
    this.#joined.set(session, joined);
    addTo(this.#topics, topic, session);
    return true;
  }

  /** Takes out of a topic whom it is no longer for. */
  retain(topic: Topic, keeps: (session: Caller) => boolean): void {
    for (const session of this.#topics.get(topic) ?? []) {
      if (keeps(session)) continue;
      removeFrom(this.#topics, topic, session);
      this.#joined.get(session)?.delete(topic);
    }
  }

  /** Pushes to all of a topic, encoding once. */
  publish<K extends PushType>(topic: Topic, type: K, body: PushBody<K>): void {
    const sessions = this.#topics.get(topic);
    if (sessions === undefined) return;
    const bytes = encodePush(type, body);
    for (const session of sessions) session.pushEncoded(bytes);
  }
}

function addTo<K>(map: Map<K, Set<Caller>>, key: K, session: Caller): void {
  const set = map.get(key) ?? new Set();
  set.add(session);
  map.set(key, set);
}

function removeFrom<K>(map: Map<K, Set<Caller>>, key: K, session: Caller): void {
  const set = map.get(key);
  set?.delete(session);
  if (set?.size === 0) map.delete(key);
}
