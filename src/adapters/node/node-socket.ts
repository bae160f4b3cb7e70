/**
 * Connections to the relay in Node, by `ws`.
 * @module
 */
import { WebSocket, type ClientOptions } from 'ws';
import type { Transport } from '../../engine/ports.ts';
import { MAX_WIRE_MESSAGE } from '../../wire/limits.ts';

const UNSUPPORTED_DATA = 1003;

const OPTIONS: ClientOptions = {
  perMessageDeflate: false,
  maxPayload: MAX_WIRE_MESSAGE,
  followRedirects: false,
  handshakeTimeout: 15_000,
  // One message, one turn: what waits for the first has happened before the second comes, as in browsers.
  allowSynchronousEvents: false,
};

/**
 * Opens WebSockets. Node does not tell of the network: heartbeats have to.
 * @param options more for `ws`, such as `ca` for a relay with a certificate of one's own
 */
export function nodeTransport(options: Pick<ClientOptions, 'ca' | 'agent'> = {}): Transport {
  return {
    open(url, handlers) {
      const socket = new WebSocket(url, { ...OPTIONS, ...options });
      let ended = false;

      const end = (): void => {
        ended = true;
        // Not yet open: `close` would report an error of its own, which the listener below takes.
        socket.close();
      };

      socket.on('open', () => {
        if (!ended) handlers.onOpen();
      });
      socket.on('message', (data: Buffer, isBinary) => {
        if (ended) return;
        if (isBinary) return handlers.onMessage(new Uint8Array(data));
        end();
        handlers.onClose(UNSUPPORTED_DATA);
      });
      // Every error is followed by `close`, whose code tells what the core wants to know.
      socket.on('error', () => undefined);
      socket.on('close', (code) => {
        if (ended) return;
        ended = true;
        handlers.onClose(code);
      });

      return {
        send(bytes) {
          // After the end there is nobody to send to: `onClose` has told or will.
          if (socket.readyState === WebSocket.OPEN) socket.send(bytes.slice());
        },
        close: end,
      };
    },

    onReachable: () => () => undefined,
  };
}
