/**
 * Connections to the relay by the browser's WebSocket.
 * @module
 */
import type { Link, LinkHandlers, Transport } from '../../engine/ports.ts';

const UNSUPPORTED_DATA = 1003;
const ABNORMAL = 1006;

/** Opens WebSockets; the page's (or worker's) `online` and `offline` events tell of the network. */
export const webSocketTransport: Transport = {
  open(url, handlers) {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch {
      // `ws:` from a page of https: throws where everything else is an event: both mean no connection.
      queueMicrotask(() => handlers.onClose(ABNORMAL));
      return { send: () => undefined, close: () => undefined };
    }
    socket.binaryType = 'arraybuffer';
    return linkOf(socket, handlers);
  },

  onReachable(listener) {
    const online = (): void => listener(true);
    const offline = (): void => listener(false);
    globalThis.addEventListener('online', online);
    globalThis.addEventListener('offline', offline);
    // A page that was opened without a network hears no event of it.
    if (!navigator.onLine) offline();
    return () => {
      globalThis.removeEventListener('online', online);
      globalThis.removeEventListener('offline', offline);
    };
  },
};

function linkOf(socket: WebSocket, handlers: LinkHandlers): Link {
  let ended = false;

  const end = (): void => {
    ended = true;
    socket.close();
  };

  socket.onopen = () => {
    if (!ended) handlers.onOpen();
  };
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (ended) return;
    if (data instanceof ArrayBuffer) return handlers.onMessage(new Uint8Array(data));
    end();
    handlers.onClose(UNSUPPORTED_DATA);
  };
  socket.onclose = ({ code }) => {
    if (ended) return;
    ended = true;
    handlers.onClose(code);
  };

  return {
    send(bytes) {
      // A copy: the buffer beneath may be shared, which `send` does not take. After the end there is nobody to send to.
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes.slice());
    },
    close: end,
  };
}
