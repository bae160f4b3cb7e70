/**
 * The port: plain or TLS, with the times and counts that keep slow and greedy peers from filling it.
 * @module
 */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { groupOf } from './address.ts';
import { tlsOptions, type Certificate } from './certificate.ts';
import type { RelayLimits } from './limits.ts';

/** Sockets of one address beside its WebSockets: files are asked for over some. */
const MORE_SOCKETS = 64;

export interface ListenerOptions {
  readonly tls: Certificate | undefined;
  readonly limits: RelayLimits;
  /** Behind proxies all sockets are theirs: they count clients, and so does what follows the upgrade. */
  readonly trustedProxies: number;
}

/** A server that does not listen yet. */
export function makeListener({ tls, limits, trustedProxies }: ListenerOptions): Server | TlsServer {
  // How often it is looked at whose time has run out; Node's own half a minute would make the times below a fiction.
  const options = { connectionsCheckingInterval: 2_000 };
  const server = tls === undefined ? createServer(options) : createTlsServer({ ...options, ...tlsOptions(tls) });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  // Who reads no answers does not keep its socket; a WebSocket has limits of its own.
  server.timeout = 60_000;
  server.maxRequestsPerSocket = 1_000;
  server.maxConnections = limits.connections + 1_000;
  if (trustedProxies === 0) boundSockets(server, limits.connectionsPerAddress + MORE_SOCKETS);
  return server;
}

function boundSockets(server: Server | TlsServer, most: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = groupOf(socket.remoteAddress ?? '');
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > most) socket.destroy();
  });
}
