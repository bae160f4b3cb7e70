/**
 * The relay's halves of tickets, asked for over a connection without a device: it tells the relay nothing of whose
 * ticket it is, it exists before there is a device key, and it lasts only as long as it is used. docs/relay.md §5.9, docs/vault.md §4.
 * @module
 */
import { ChatError } from '../errors.ts';
import { MAX_TICKET_LIFE } from '../wire/limits.ts';
import { anonymousConnection, type AnonymousOptions } from './anonymous-connection.ts';
import type { TicketAccess } from './unlock.ts';

/** Clocks drift while a message travels: a ticket asks for this much less than the longest life, ms. */
const MARGIN = 60_000;

/**
 * Tickets at a relay. Each call fails at the first failure to connect; the caller tries again when it likes.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` (usage)
 */
export function relayTickets(options: AnonymousOptions): TicketAccess & { close(): void } {
  const { clock } = options.ports;
  const { use, close } = anonymousConnection(options);
  return {
    put: (id, half, life = MAX_TICKET_LIFE) =>
      use(async (relay, { skew }) => {
        const expires = Math.floor(clock.now() + skew + Math.min(life, MAX_TICKET_LIFE - MARGIN));
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

    close,
  };
}
