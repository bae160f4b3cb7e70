/**
 * A transport whose other end is in the same process.
 * @module
 */
import type { Link, LinkHandlers, Transport } from '../../engine/ports.ts';

const NO_STATUS = 1005;
const ABNORMAL = 1006;

/** The relay's end of one connection. What it is to do is set by whoever accepts it. */
export class MemoryPeer {
  /** The URL that the client opened. */
  readonly url: string;
  onMessage: (bytes: Uint8Array) => void = () => undefined;
  onClose: (code: number) => void = () => undefined;
  readonly #deliver: (event: 'close' | Uint8Array, code: number) => void;
  #open = true;

  /** @param deliver hands an event to the client's end */
  constructor(url: string, deliver: (event: 'close' | Uint8Array, code: number) => void) {
    this.url = url;
    this.#deliver = deliver;
  }

  /** Whether neither end has closed. */
  get isOpen(): boolean {
    return this.#open;
  }

  send(bytes: Uint8Array): void {
    if (this.#open) this.#deliver(bytes.slice(), 0);
  }

  close(code = NO_STATUS): void {
    if (!this.#open) return;
    this.#open = false;
    this.#deliver('close', code);
  }

  /** The client's end closed; called by the transport. */
  closedByClient(): void {
    if (!this.#open) return;
    this.#open = false;
    this.onClose(NO_STATUS);
  }
}

/** See the module. Everything arrives asynchronously and in order, as over a socket. */
export class MemoryTransport implements Transport {
  readonly #accept: (peer: MemoryPeer) => void;
  readonly #reachableListeners = new Set<(online: boolean) => void>();
  #network: 'up' | 'refusing' | 'dead' = 'up';

  /** @param accept called for each connection, before the client learns that it is open */
  constructor(accept: (peer: MemoryPeer) => void) {
    this.#accept = accept;
  }

  /** `refusing`: new connections fail at once; `dead`: nothing arrives any more, in either direction, and nothing is told. */
  setNetwork(network: 'up' | 'refusing' | 'dead'): void {
    this.#network = network;
  }

  /** Tells what a browser tells of the device's network; changes nothing else. */
  tellReachable(online: boolean): void {
    for (const listener of [...this.#reachableListeners]) listener(online);
  }

  open(url: string, handlers: LinkHandlers): Link {
    let closed = false;
    let arrivals = Promise.resolve();

    const later = (work: () => void): void => {
      arrivals = arrivals.then(async () => {
        if (closed || this.#network === 'dead') return;
        try {
          work();
        } catch (error) {
          // As in a browser: a handler's error is reported, and the next event comes all the same.
          void Promise.reject(error instanceof Error ? error : new Error('a handler threw', { cause: error }));
        }
        // As from a socket: what waits for this event has happened before the next one comes.
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      });
    };
    const peer = new MemoryPeer(url, (event, code) => {
      later(() => {
        if (event !== 'close') handlers.onMessage(event);
        else {
          closed = true;
          handlers.onClose(code);
        }
      });
    });

    let accepted = false;
    later(() => {
      if (this.#network === 'refusing') {
        closed = true;
        handlers.onClose(ABNORMAL);
        return;
      }
      accepted = true;
      this.#accept(peer);
      handlers.onOpen();
    });

    return {
      send: (bytes) => {
        const copy = bytes.slice();
        void Promise.resolve().then(() => {
          if (accepted && peer.isOpen && this.#network !== 'dead') peer.onMessage(copy);
        });
      },
      close: () => {
        closed = true;
        if (accepted && this.#network !== 'dead') void Promise.resolve().then(() => peer.closedByClient());
      },
    };
  }

  onReachable(listener: (online: boolean) => void): () => void {
    this.#reachableListeners.add(listener);
    return () => {
      this.#reachableListeners.delete(listener);
    };
  }
}
