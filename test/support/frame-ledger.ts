/**
 * Every frame that pages send or are given, by what of it is readable (docs/protocol.md §11): two different frames under one
 * name would have been encrypted with one message key.
 * @module
 */
import { createHash } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { decodeCbor } from '../../src/bytes/cbor.ts';
import { toHex } from '../../src/bytes/text.ts';
import { decodeFrame } from '../../src/protocol/frame.ts';
import { decodeRequest } from '../../src/wire/frames.ts';
import { MAX_WIRE_MESSAGE } from '../../src/wire/limits.ts';

export class FrameLedger {
  /** Hashes of the different frames under each `session/epoch/n`; an epoch belongs to one of the two ends. */
  readonly #frames = new Map<string, Set<string>>();
  /** How many frames were seen, resent ones too. */
  seen = 0;

  /** Listens to all pages of a context, from now on. */
  follow(context: BrowserContext): void {
    context.on('page', (page) => this.#listen(page));
    for (const page of context.pages()) this.#listen(page);
  }

  /** Names under which different frames were seen. */
  get reused(): string[] {
    return [...this.#frames].filter(([, hashes]) => hashes.size > 1).map(([name]) => name);
  }

  /** How many different names there are. */
  get names(): number {
    return this.#frames.size;
  }

  /** The sessions that frames were seen of, the first one first. */
  get sessions(): string[] {
    return [...new Set([...this.#frames.keys()].map((name) => name.split('/')[0] ?? ''))];
  }

  #listen(page: Page): void {
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.#sent(bytesOf(payload)));
      socket.on('framereceived', ({ payload }) => this.#received(bytesOf(payload)));
    });
  }

  #sent(bytes: Uint8Array): void {
    const request = decodeRequest(bytes);
    if (request.type !== 'send') return;
    for (const { kind, bytes: mail } of request.body.items) if (kind === 'frame') this.#note(mail);
  }

  #received(bytes: Uint8Array): void {
    const [name, body] = decodeCbor(bytes, MAX_WIRE_MESSAGE) as [string, { kind: string; bytes: Uint8Array }];
    if (name === 'mail' && body.kind === 'frame') this.#note(body.bytes);
  }

  #note(bytes: Uint8Array): void {
    const { session, epoch, n } = decodeFrame(bytes);
    const name = `${toHex(session)}/${epoch}/${n}`;
    const hashes = this.#frames.get(name) ?? new Set();
    this.#frames.set(name, hashes.add(createHash('sha256').update(bytes).digest('hex')));
    this.seen++;
  }
}

function bytesOf(payload: string | Buffer): Uint8Array {
  if (typeof payload === 'string') throw new Error('the wire has binary messages only');
  return new Uint8Array(payload);
}
