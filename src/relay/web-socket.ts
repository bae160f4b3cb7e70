/**
 * The WebSockets of `ws` as connections use them.
 * @module
 */
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { MAX_WIRE_MESSAGE } from '../wire/limits.ts';
import type { Peer } from './connection.ts';

/** How long a closed peer has to answer before its socket is destroyed, ms. */
const CLOSING = 2_000;

/** Makes WebSockets of upgraded requests. */
export function makeUpgrader(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Answered by the connection, which counts them.
    autoPong: false,
    maxPayload: MAX_WIRE_MESSAGE,
    // A message in pieces, or one that trickles, keeps alive every buffer that it was read into.
    maxFragments: 256,
    maxBufferedChunks: 4_096,
  });
}

export function peerOf(ws: WebSocket): Peer {
  return {
    send: (bytes, sent) => {
      ws.send(bytes, { binary: true, compress: false }, () => {
        sent();
      });
    },
    close: (code, reason) => {
      // Paused, it would not hear the answer to its close frame.
      ws.resume();
      ws.close(code, reason);
      setTimeout(() => {
        ws.terminate();
      }, CLOSING).unref();
    },
    pause: () => {
      ws.pause();
    },
    resume: () => {
      ws.resume();
    },
    get unsent() {
      return ws.bufferedAmount;
    },
  };
}

export function refuseUpgrade(socket: Duplex, status: string): void {
  // The server's sockets may stay half open, and nothing else watches over this one any more.
  socket.once('finish', () => {
    socket.destroy();
  });
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
