/**
 * The relay as a server: WebSocket connections and plain HTTP on one port. docs/relay.md.
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import type { WebSocket } from 'ws';
import { ChatError, usageError } from '../errors.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { WIRE_PATH } from '../wire/limits.ts';
import { relayOriginOf } from '../wire/relay-auth.ts';
import { addressOf } from './address.ts';
import { certificateRefused, tlsOptions, validityOf, type Certificate } from './certificate.ts';
import { systemClock, type Clock } from './clock.ts';
import { Connection } from './connection.ts';
import type { ServedDesks } from './directories.ts';
import { httpListener, type Site } from './http.ts';
import { limitsWith, type LimitChanges, type RelayLimits } from './limits.ts';
import { makeListener } from './listener.ts';
import type { Log } from './log.ts';
import { Measurements } from './measurements.ts';
import { Readiness } from './readiness.ts';
import { servicesOf, type Services } from './services.ts';
import type { RelayStore } from './store.ts';
import { startSweeping } from './sweeper.ts';
import { makeUpgrader, peerOf, refuseUpgrade } from './web-socket.ts';

export interface RelayOptions {
  /** Stays open when the relay is closed. */
  readonly store: RelayStore;
  /** The directory for blobs; made if there is none. */
  readonly data: string;
  /**
   * Under which URLs clients know this relay (`wss://chat.example`). None: it is reached on this machine alone, as
   * `localhost`, `127.0.0.1` or `[::1]` with the port it listens on.
   */
  readonly publicOrigins?: readonly string[];
  /** The root keys of the desks it serves, or `open` for any. */
  readonly desks: ServedDesks;
  /** The directory of the built browser files. */
  readonly assets?: string;
  /** Answers plain HTTP requests that the relay has no answer for; without it they are 404. */
  readonly site?: Site;
  /** Whether `/metrics` is served. */
  readonly metrics?: boolean;
  readonly limits?: LimitChanges;
  readonly log?: Log;
  /** Without it the relay speaks plain HTTP, for a proxy before it or this machine. */
  readonly tls?: Certificate;
  /** How many proxies stand before it and append to `X-Forwarded-For`. */
  readonly trustedProxies?: number;
  readonly clock?: Clock;
  readonly random?: (length: number) => Uint8Array;
  readonly crypto?: PublicKeyCrypto;
}

export interface Relay {
  /** Begins to serve. @returns the port, where 0 was asked for one that is free. @throws ChatError `listen-failed` */
  listen(port: number, host?: string): Promise<{ port: number }>;
  /**
   * Uses another certificate for connections that are made from now on.
   * @throws ChatError environment `certificate-refused`: the old one stays; usage `relay-plain`: it began without TLS
   */
  certify(certificate: Certificate): void;
  /** Whether clients should be sent here: it takes them, and what is written is kept. */
  isReady(): Promise<boolean>;
  /** Numbers in Prometheus' text format. */
  metrics(): Promise<string>;
  /** Takes no more connections, answers what is under way, says `going-away` to all, and ends. */
  close(): Promise<void>;
}

/** How often, at the least, connections are looked at whether their time has run out, ms. */
const TICK = 5_000;
/** The part of the time for draining that is left for clients to hear that it is over. */
const FAREWELL = 0.2;

/**
 * A relay that does not listen yet.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` for a public origin, `certificate-refused`
 */
export function createRelay(options: RelayOptions): Relay {
  return new RelayServer(options);
}

class RelayServer implements Relay {
  readonly #options: RelayOptions;
  readonly #limits: RelayLimits;
  readonly #origins: Set<string>;
  readonly #services: Services;
  readonly #server;
  readonly #sockets = makeUpgrader();
  readonly #readiness: Readiness;
  readonly #measurements: Measurements;
  readonly #connections = new Map<Connection, WebSocket>();
  readonly #addresses = new Map<string, number>();
  #count = 0;
  /** Whether clients should go elsewhere, and whether they must. */
  #isLeaving = false;
  #isDraining = false;
  #closing: Promise<void> | null = null;
  #stop: (() => Promise<void>)[] = [];

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#limits = limitsWith(options.limits);
    this.#origins = new Set(options.publicOrigins?.map(relayOriginOf));
    this.#services = servicesOf({
      store: options.store,
      data: options.data,
      origins: this.#origins,
      desks: options.desks,
      limits: this.#limits,
      clock: options.clock ?? systemClock,
      random: options.random ?? ((length) => new Uint8Array(randomBytes(length))),
      crypto: options.crypto ?? nobleCrypto,
      log: options.log ?? (() => undefined),
    });
    this.#readiness = new Readiness(this.#services);
    this.#measurements = new Measurements(this.#services, options.data);
    const { tls, trustedProxies = 0 } = options;
    if (tls !== undefined) validityOf(tls);
    this.#server = makeListener({ tls, limits: this.#limits, trustedProxies });
    const listener = httpListener({
      origins: () => [...this.#origins],
      assets: options.assets,
      site: options.site,
      // Not for this machine alone: the next one to listen on its port may have no certificate.
      secure: [...this.#origins].some((origin) => origin.startsWith('wss:')),
      metrics: options.metrics === true ? () => this.metrics() : undefined,
      isReady: () => this.isReady(),
      onFault: this.#services.onFault,
    });
    this.#server.on('request', listener);
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
  }

  async listen(port: number, host = '127.0.0.1'): Promise<{ port: number }> {
    await this.#services.start();
    await new Promise<void>((resolve, reject) => {
      const failed = (cause: Error): void => {
        const reason = (cause as NodeJS.ErrnoException).code ?? null;
        reject(
          new ChatError('environment', 'listen-failed', 'the port cannot be listened on', {
            cause,
            details: { reason },
          }),
        );
      };
      this.#server.once('error', failed);
      this.#server.listen(port, host, () => {
        this.#server.off('error', failed);
        resolve();
      });
    });
    // Without a listener the process would end when a connection cannot be accepted: no file descriptors are left, say.
    this.#server.on('error', this.#services.onFault);
    this.#measurements.start();
    const actual = (this.#server.address() as AddressInfo).port;
    if (this.#options.publicOrigins === undefined || this.#options.publicOrigins.length === 0) {
      const scheme = this.#options.tls === undefined ? 'ws' : 'wss';
      for (const name of ['localhost', '127.0.0.1', '[::1]']) this.#origins.add(`${scheme}://${name}:${actual}`);
    }
    const { authWithin, idleAfter } = this.#limits;
    const ticker = setInterval(
      () => {
        for (const connection of this.#connections.keys()) connection.tick();
      },
      Math.min(TICK, authWithin / 4, idleAfter / 4),
    );
    ticker.unref();
    this.#stop = [
      startSweeping(this.#services),
      async () => {
        clearInterval(ticker);
      },
    ];
    this.#services.log({ level: 'info', event: 'listening', port: actual });
    return { port: actual };
  }

  certify(certificate: Certificate): void {
    validityOf(certificate);
    if (!(this.#server instanceof TlsServer)) throw usageError('relay-plain', 'this relay was made without TLS');
    try {
      this.#server.setSecureContext(tlsOptions(certificate));
    } catch {
      // OpenSSL finds it too weak, say.
      throw certificateRefused('certificate-unusable');
    }
  }

  async isReady(): Promise<boolean> {
    return !this.#isLeaving && (await this.#readiness.canWrite());
  }

  async metrics(): Promise<string> {
    return this.#services.metrics.text(await this.#measurements.now(this.#isLeaving));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#drain());
  }

  async #drain(): Promise<void> {
    const { drainNotice, drainWithin } = this.#limits;
    this.#isLeaving = true;
    this.#services.log({ level: 'info', event: 'draining', connections: this.#connections.size });
    if (drainNotice > 0) await new Promise((resolve) => setTimeout(resolve, drainNotice));
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const connection of this.#connections.keys()) connection.drain();
    // `tick` is too slow for the last ones, and what is on its way may go on for ever.
    const look = setInterval(() => {
      for (const connection of this.#connections.keys()) connection.tick();
    }, drainWithin / 50);
    const farewell = setTimeout(
      () => {
        for (const connection of this.#connections.keys()) connection.end('going-away');
      },
      drainWithin * (1 - FAREWELL),
    );
    const giveUp = setTimeout(() => {
      for (const socket of this.#connections.values()) socket.terminate();
      this.#server.closeAllConnections();
    }, drainWithin);
    this.#server.closeIdleConnections();
    await closed;
    clearInterval(look);
    for (const timer of [farewell, giveUp]) clearTimeout(timer);
    this.#measurements.stop();
    for (const stop of this.#stop) await stop();
    this.#services.duty.close();
    this.#services.log({ level: 'info', event: 'closed' });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {
      socket.destroy();
    });
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== WIRE_PATH) refuseUpgrade(socket, '404 Not Found');
    else if (this.#isDraining || this.#connections.size >= this.#limits.connections) {
      refuseUpgrade(socket, '503 Service Unavailable');
    } else {
      this.#sockets.handleUpgrade(request, socket, head, (ws) => {
        this.#accept(ws, addressOf(request, this.#options.trustedProxies ?? 0));
      });
    }
  }

  #accept(ws: WebSocket, address: string): void {
    const ofAddress = this.#addresses.get(address) ?? 0;
    const tooMany =
      ofAddress >= this.#limits.connectionsPerAddress ||
      this.#services.rates.take('addressConnections', address) !== null;
    const peer = peerOf(ws);
    const connection = new Connection({ services: this.#services, peer, address, number: ++this.#count });
    this.#connections.set(connection, ws);
    this.#addresses.set(address, ofAddress + 1);
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      // Not a Buffer: its `slice` would share memory where the project expects a copy.
      if (isBinary) connection.receive(new Uint8Array(data.buffer, data.byteOffset, data.length));
      else connection.end('malformed');
    });
    ws.on('ping', (data: Buffer) => {
      connection.pinged(() => {
        ws.pong(data);
      });
    });
    // The close that follows every error (a frame too large, a protocol error, a lost socket) says all there is to do.
    ws.on('error', () => undefined);
    ws.on('close', () => {
      connection.ended();
      this.#connections.delete(connection);
      const left = (this.#addresses.get(address) ?? 1) - 1;
      if (left > 0) this.#addresses.set(address, left);
      else this.#addresses.delete(address);
    });
    connection.start();
    if (tooMany) connection.end('too-many-connections');
  }
}
