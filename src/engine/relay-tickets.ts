/**
 * The relay's halves of tickets, asked for over a connection without a device: it tells the relay nothing of whose
 * ticket it is, it exists before there is a device key, and it lasts only as long as it is used. docs/relay.md §5.9, docs/vault.md §4.
 * @module
 */
import { ChatError, usageError } from '../errors.ts';
import { MAX_TICKET_LIFE } from '../wire/limits.ts';
import { relaySocketUrl } from '../wire/relay-auth.ts';
import type { Ports } from './ports.ts';
import { connectRelay, type RelayConnection } from './relay-connection.ts';
import { disconnected } from './relay-errors.ts';
import type { TicketAccess } from './unlock.ts';

/** A connection that was not used for so long is given up, ms. */
const IDLE = 5_000;
/** How long to wait for a connection, ms. */
const PATIENCE = 20_000;
/** Clocks drift while a message travels: a ticket asks for this much less than the longest life, ms. */
const MARGIN = 60_000;

/**
 * Tickets at a relay. Each call fails at the first failure to connect; the caller tries again when it likes.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` (usage)
 */
export function relayTickets(options: {
  ports: Pick<Ports, 'transport' | 'clock' | 'random'>;
  url: string;
}): TicketAccess & { close(): void } {
  const { ports, url } = options;
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

  const use = async <T>(work: (relay: RelayConnection, skew: number) => Promise<T>): Promise<T> => {
    if (closed) throw usageError('relay-closed', 'the connection was closed');
    stopIdle();
    using++;
    // One that broke while nobody used it waits to try again: a fresh one tries at once.
    if (connection !== null && connection.now.problem !== null) giveUp();
    connection ??= connectRelay({ ports, url, device: null });
    const relay = connection;
    try {
      const skew = await online(relay, clock);
      return await work(relay, skew);
    } catch (error) {
      // What could not be reached is not kept trying behind the caller's back.
      if (connection === relay && relay.now.connection !== 'online') giveUp();
      throw error;
    } finally {
      using--;
      if (using === 0) stopIdle = clock.after(IDLE, giveUp);
    }
  };

  return {
    put: (id, half) =>
      use(async (relay, skew) => {
        const expires = clock.now() + skew + MAX_TICKET_LIFE - MARGIN;
        await relay.request('ticket-put', { id, half, expires });
      }),

    read: (id) =>
      use(async (relay) => {
        try {
          return (await relay.request('ticket-read', { id })).half;
        } catch (error) {
          if (error instanceof ChatError && error.code === 'ticket-unknown') return undefined;
          throw error;
        }
      }),

    drop: (id) =>
      use(async (relay) => {
        try {
          await relay.request('ticket-drop', { id });
        } catch (error) {
          if (!(error instanceof ChatError && error.code === 'ticket-unknown')) throw error;
        }
      }),

    close() {
      closed = true;
      giveUp();
    },
  };
}

/** Waits until requests are possible, and gives the relay's clock minus ours, ms. @throws ChatError why they are not */
async function online(relay: RelayConnection, clock: Ports['clock']): Promise<number> {
  let stop = (): void => undefined;
  try {
    return await new Promise((resolve, reject) => {
      const late = clock.after(PATIENCE, () => reject(disconnected('the relay was not reached in time')));
      const unsubscribe = relay.state.subscribe(({ connection, problem, skew }) => {
        if (connection === 'online' && skew !== null) resolve(skew);
        else if (problem !== null) reject(problem);
      }, reject);
      stop = () => {
        late();
        unsubscribe();
      };
    });
  } finally {
    stop();
  }
}
