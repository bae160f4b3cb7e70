/**
 * Somebody between a device and the relay who sees every message of the wire and may keep, repeat or swap it.
 * @module
 */
import type { Link, Transport } from '../../src/engine/ports.ts';
import {
  decodeRelayFrame,
  decodeRequest,
  encodePush,
  encodeReply,
  encodeRequest,
  type PushFrame,
} from '../../src/wire/frames.ts';
import type { PushBody } from '../../src/wire/pushes.ts';
import type { RequestBody, RequestType } from '../../src/wire/requests.ts';
import { decodeFrame } from '../../src/protocol/frame.ts';
import { toHex } from '../../src/bytes/text.ts';

export type Mail = PushBody<'mail'>;
type SendItem = RequestBody<'send'>['items'][number];

interface OpenLink {
  readonly link: Link;
  /** Hands a message to the device. */
  readonly deliver: (bytes: Uint8Array) => void;
  /** Ends the connection as a dead network does. */
  readonly cut: () => void;
}

/** See the module. It changes nothing until it is told to. */
export class Meddler {
  /** What the device gets for a mail. */
  onMail: (mail: Mail) => readonly Mail[] = (mail) => [mail];
  /** Whether the connection breaks when the device asks for this, before the relay hears of it. */
  cutsRequest: (type: RequestType) => boolean = () => false;
  /** Whether the connection breaks instead of bringing the answer to this. */
  cutsAnswer: (type: RequestType) => boolean = () => false;
  /** Whether the relay takes this item; what it does not get is said to be accepted. */
  passes: (item: SendItem) => boolean = () => true;
  /** Nothing goes in or out, and no connection opens. */
  isDown: () => boolean = () => false;
  /** Every mail that the relay pushed. */
  readonly pushed: Mail[] = [];
  /** Everything the device gave out to be sent, in order, repetitions too. */
  readonly sent: SendItem[] = [];
  readonly requests: RequestType[] = [];
  readonly #links = new Set<OpenLink>();

  over(inner: Transport): Transport {
    return {
      open: (url, handlers) => this.#open(inner, url, handlers),
      onReachable: (told) => inner.onReachable(told),
    };
  }

  /** Ends every connection. */
  cut(): void {
    for (const { cut } of [...this.#links]) cut();
  }

  /** Hands a mail to the device as if the relay had pushed it now. */
  deliver(mail: Mail): void {
    for (const { deliver } of this.#links) deliver(encodePush('mail', mail));
  }

  /** Different ciphertexts that were given out under one session, epoch and number: there must be none. */
  reusedKeys(): string[] {
    const seen = new Map<string, string>();
    const reused: string[] = [];
    for (const { kind, bytes } of this.sent) {
      if (kind !== 'frame') continue;
      const { session, epoch, n } = decodeFrame(bytes);
      const place = `${toHex(session)} ${epoch} ${n}`;
      const before = seen.get(place);
      if (before !== undefined && before !== toHex(bytes)) reused.push(place);
      seen.set(place, toHex(bytes));
    }
    return reused;
  }

  #open(inner: Transport, url: string, handlers: Parameters<Transport['open']>[1]): Link {
    const types = new Map<number, RequestType>();
    /** Which items of a `send` the relay really got. */
    const kept = new Map<number, readonly boolean[]>();
    let isOver = false;
    const link = inner.open(url, {
      onOpen: () => {
        if (this.isDown()) open.cut();
        else if (!isOver) handlers.onOpen();
      },
      onMessage: (bytes) => {
        if (isOver) return;
        if (this.isDown()) return open.cut();
        const frame = decodeRelayFrame(bytes, (id) => types.get(id));
        if (frame.is === 'push') return this.#pushed(frame, bytes, open.deliver);
        const type = types.get(frame.id);
        types.delete(frame.id);
        if (type !== undefined && this.cutsAnswer(type)) return open.cut();
        open.deliver(frame.is === 'ok' && type === 'send' ? completed(frame, kept.get(frame.id)) : bytes);
      },
      onClose: (code) => {
        if (isOver) return;
        isOver = true;
        this.#links.delete(open);
        handlers.onClose(code);
      },
    });
    const open: OpenLink = {
      link,
      deliver: (bytes) => {
        if (!isOver) handlers.onMessage(bytes);
      },
      cut: () => {
        if (isOver) return;
        isOver = true;
        this.#links.delete(open);
        link.close();
        setImmediate(() => handlers.onClose(1006));
      },
    };
    this.#links.add(open);
    return {
      send: (bytes) => {
        if (isOver) return;
        if (this.isDown()) return open.cut();
        const request = decodeRequest(bytes);
        this.requests.push(request.type);
        if (this.cutsRequest(request.type)) return open.cut();
        types.set(request.id, request.type);
        if (request.type !== 'send') return link.send(bytes);
        this.sent.push(...request.body.items);
        const passes = request.body.items.map((item) => this.passes(item));
        kept.set(request.id, passes);
        const items = request.body.items.filter((_, i) => passes[i]);
        if (items.length === passes.length) return link.send(bytes);
        if (items.length > 0) return link.send(encodeSend(request.id, items));
        types.delete(request.id);
        const results = passes.map(() => 'accepted' as const);
        setImmediate(() => open.deliver(encodeReply('send', request.id, { results })));
      },
      close: () => {
        isOver = true;
        this.#links.delete(open);
        link.close();
      },
    };
  }

  #pushed(frame: PushFrame, bytes: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    if (frame.push !== 'mail') return deliver(bytes);
    this.pushed.push(frame.body);
    for (const mail of this.onMail(frame.body)) deliver(encodePush('mail', mail));
  }
}

function encodeSend(id: number, items: readonly SendItem[]): Uint8Array {
  return encodeRequest('send', id, { items: [...items] });
}

/** The answer as if all items had arrived. */
function completed(
  frame: { readonly id: number; readonly body: unknown },
  passes: readonly boolean[] | undefined,
): Uint8Array {
  const got = [
    ...(frame.body as { results: ('accepted' | 'device-unknown' | 'mailbox-full' | 'too-large')[] }).results,
  ];
  const results = (passes ?? got.map(() => true)).map((pass) => (pass ? (got.shift() ?? 'accepted') : 'accepted'));
  return encodeReply('send', frame.id, { results });
}
