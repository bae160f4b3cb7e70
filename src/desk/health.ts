/**
 * How the desk is, in facts and failures. Each failure is one sentence with at most one thing to do.
 * @module
 */
import type { ClientStatus } from '../engine/views.ts';
import { formatAgo } from './elapsed-time.ts';
import type { HealthAction } from './inner-events.ts';
import type { DeskPhrases } from './strings.ts';

export interface HealthFailure {
  readonly tone: 'warning' | 'danger';
  readonly text: string;
  /** Null: it mends itself, or somebody else must do something. */
  readonly action: HealthAction | null;
}

export interface Health {
  /** Short, for the strip, in their order. */
  readonly facts: readonly string[];
  /** The gravest first. */
  readonly failures: readonly HealthFailure[];
}

/**
 * @param chats conversations that are this agent's
 * @param now ms
 */
export function healthOf(status: ClientStatus, chats: number, now: number, phrases: DeskPhrases): Health {
  const { connection, latency, verification, pending, leader } = status;
  const facts: string[] = [phrases.say('healthEncrypted', { count: chats })];
  if (connection === 'connecting') facts.push(phrases.say('healthConnecting'));
  if (connection === 'online') {
    facts.push(
      latency === null ? phrases.say('healthRelayUp') : phrases.say('healthRelay', { ms: Math.round(latency) }),
    );
  }
  if (verification.issuedAt !== null) {
    facts.push(phrases.say('healthStaff', { ago: formatAgo(phrases.locale, now - verification.issuedAt) }));
  }
  facts.push(phrases.say('healthPending', { count: pending }));
  if (!leader) facts.push(phrases.say('healthFollower'));
  return { facts, failures: failuresOf(status, phrases) };
}

function failuresOf({ connection, verification, problem }: ClientStatus, phrases: DeskPhrases): HealthFailure[] {
  const failures: HealthFailure[] = [];
  const add = (tone: HealthFailure['tone'], text: string, action: HealthAction | null): void => {
    failures.push({ tone, text, action });
  };
  if (verification.state === 'alarm') add('danger', phrases.say('healthAlarm'), 'report');
  // The alarm has said it already.
  if (problem && !(verification.state === 'alarm' && problem.code === 'directory-equivocation')) {
    const text =
      problem.code === 'store-full'
        ? phrases.say('healthStorageFull')
        : problem.code === 'store-lost'
          ? phrases.say('healthStorageLost')
          : phrases.say('healthProblem', { code: problem.code });
    add('danger', text, problem.recoverable && connection === 'online' ? 'reopen' : 'report');
  }
  if (connection === 'offline') add('warning', phrases.say('healthOffline'), null);
  if (verification.state === 'stale') add('warning', phrases.say('healthStale'), null);
  if (verification.state === 'none' && connection === 'online') add('warning', phrases.say('healthNone'), null);
  return failures;
}
