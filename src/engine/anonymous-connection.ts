/**
 * A connection to the relay without a device: it tells the relay nothing of who asks, it exists before there is a device key, and
 * it lasts only as long as it is used. docs/relay.md §1.
 * @module
 */
import { usageError } from '../errors.ts';
import { relaySocketUrl } from '../wire/relay-auth.ts';
import type { Ports } from './ports.ts';
import { connectRelay, type RelayConnection, type RelayGreeting } from './relay-connection.ts';
import { disconnected } from './relay-errors.ts';

/** A connection that was not used for so long is given up, ms. */
const IDLE = 5_000;
/** How long to wait for a connection, ms. */
const PATIENCE = 20_000;

export interface AnonymousOptions {
  readonly ports: Pick<Ports, 'transport' | 'clock' | 'random'>;
  /** As `RelayConnectionOptions.url`. */
  readonly url: string;
}

/** See the module. */
export interface AnonymousConnection {
  /**
   * Does `work` once there is a connection, and fails at the first failure to connect; the caller tries again when it likes.
   * @throws ChatError `relay-disconnected`, `relay-closed` (usage), why there is no connection, and what `work` throws
   */
  readonly use: <T>(work: (relay: RelayConnection, greeting: RelayGreeting) => Promise<T>) => Promise<T>;
  readonly close: () => void;
}

/** Connects when it is first used. @throws ChatError `relay-url-malformed`, `relay-insecure` (usage) */
export function anonymousConnection({ ports, url }: AnonymousOptions): AnonymousConnection {
  const { clock } = ports;
  relaySocketUrl(url);
  let connection: RelayConnection | null = null;
  let using = 0;
  let stopIdle = (): void => undefined;
  let closed = false;

  const giveUp = (): void => {
    stopIdle();
    connection?.close();
    connection = null;
  };

  return {
    async use(work) {
      if (closed) throw usageError('relay-closed', 'the connection was closed');
      stopIdle();
      using++;
      // One that broke while nobody used it waits to try again: a fresh one tries at once.
      if (connection !== null && connection.now.problem !== null) giveUp();
      connection ??= connectRelay({ ports, url, device: null });
      const relay = connection;
      try {
        return await work(relay, await online(relay, clock));
      } catch (error) {
        // What could not be reached is not kept trying behind the caller's back.
        if (connection === relay && relay.now.connection !== 'online') giveUp();
        throw error;
      } finally {
        using--;
        if (using === 0) stopIdle = clock.after(IDLE, giveUp);
      }
    },

    close() {
      closed = true;
      giveUp();
    },
  };
}

/** Waits until requests are possible. @throws ChatError why they are not */
async function online(relay: RelayConnection, clock: Ports['clock']): Promise<RelayGreeting> {
  let stop = (): void => undefined;
  try {
    return await new Promise((resolve, reject) => {
      const late = clock.after(PATIENCE, () => reject(disconnected('the relay was not reached in time')));
      const stopGreeting = relay.onOnline(resolve);
      const unsubscribe = relay.state.subscribe(({ problem }) => {
        if (problem !== null) reject(problem);
      }, reject);
      stop = () => {
        late();
        stopGreeting();
        unsubscribe();
      };
    });
  } finally {
    stop();
  }
}
