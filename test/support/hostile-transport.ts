/**
 * A transport whose owner may say what the relay never said, keep back what it said, and look on.
 * @module
 */
import { nodeTransport } from '../../src/adapters/node/node-socket.ts';
import type { LinkHandlers, Transport } from '../../src/engine/ports.ts';
import { encodePush } from '../../src/wire/frames.ts';
import type { PushBody, PushType } from '../../src/wire/pushes.ts';
import { decodeCbor } from '../../src/bytes/cbor.ts';
import { MAX_WIRE_MESSAGE } from '../../src/wire/limits.ts';

/** The connection that authenticates is the engine's; others (for tickets) are left alone. */
export class HostileTransport implements Transport {
  readonly #inner = nodeTransport();
  readonly #open = new Set<LinkHandlers>();
  /** Every message of the relay but `challenge` on the way in; false keeps it back. */
  letIn: (name: string, body: unknown, bytes: Uint8Array) => boolean = () => true;
  /** Every request on the way out; false keeps it back. */
  letOut: (name: string, body: unknown) => boolean = () => true;

  open(url: string, handlers: LinkHandlers) {
    const link = this.#inner.open(url, {
      onOpen: () => handlers.onOpen(),
      onMessage: (bytes) => {
        const [name, ...rest] = decodeCbor(bytes, MAX_WIRE_MESSAGE) as [string, ...unknown[]];
        if (name === 'challenge' || this.letIn(name, rest.at(-1), bytes)) handlers.onMessage(bytes);
      },
      onClose: (code) => {
        this.#open.delete(handlers);
        handlers.onClose(code);
      },
    });
    return {
      send: (bytes: Uint8Array) => {
        const [name, , body] = decodeCbor(bytes, MAX_WIRE_MESSAGE) as [string, number, unknown];
        if (name === 'auth') this.#open.add(handlers);
        if (this.letOut(name, body)) link.send(bytes);
      },
      close: () => {
        this.#open.delete(handlers);
        link.close();
      },
    };
  }

  onReachable(): () => void {
    return () => undefined;
  }

  /** Says this in the relay's name to every connection of the engine. */
  push<K extends PushType>(type: K, body: PushBody<K>): void {
    for (const handlers of this.#open) handlers.onMessage(encodePush(type, body));
  }

  /** Repeats bytes that the relay said once. */
  replay(bytes: Uint8Array): void {
    for (const handlers of this.#open) handlers.onMessage(bytes);
  }
}
