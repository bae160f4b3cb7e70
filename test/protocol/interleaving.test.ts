import { expect } from 'chai';
import * as fc from 'fast-check';
import { equal } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { deviceKeysFrom } from '../../src/identity/device.ts';
import type { PublicKeyCrypto } from '../../src/identity/public-key-crypto.ts';
import { signMessage } from '../../src/protocol/message.ts';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { mayOpenEpoch } from '../../src/protocol/epoch.ts';
import { decodeFrame, decryptFrame, encryptFrame } from '../../src/protocol/frame.ts';
import { initiateSession, respondSession } from '../../src/protocol/handshake.ts';
import { createPrekey, openPrekey } from '../../src/protocol/prekey.ts';
import { sessionCodec, type SessionState } from '../../src/protocol/session.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { headerOf, messageOf, NOW, randomOf } from './world.ts';
import { weakCrypto } from './weak-crypto.ts';

type Who = 0 | 1;
type Step =
  | { do: 'send'; who: Who; content: boolean }
  | { do: 'deliver' | 'repeat' | 'drop' | 'lose-bit'; who: Who; which: number }
  | { do: 'restart'; who: Who }
  | { do: 'wait'; minutes: number };

const who = fc.constantFrom<Who>(0, 1);
const which = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send'), who, content: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver'), who, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('repeat', 'drop', 'lose-bit'), who, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart'), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), minutes: fc.nat(90) }) },
);

interface Sent {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Two ends of a session, and between them a relay that does what it likes. */
class Talk {
  readonly #crypto: PublicKeyCrypto;
  readonly #random = randomOf('interleaving');
  readonly #ends: { self: Awaited<ReturnType<typeof deviceKeysFrom>>; session: SessionState }[] = [];
  /** By sender: not delivered yet, and delivered. */
  readonly #waiting: [Sent[], Sent[]] = [[], []];
  readonly #arrived: [Sent[], Sent[]] = [[], []];
  readonly #keys = new Set<string>();
  #count = 0;
  #now = NOW;

  constructor(crypto: PublicKeyCrypto) {
    this.#crypto = crypto;
  }

  async start(oneTime: boolean): Promise<void> {
    const [crypto, random] = [this.#crypto, this.#random];
    const [customer, agent] = [await deviceKeysFrom(crypto, random(32)), await deviceKeysFrom(crypto, random(32))];
    const desk = random(32);
    const salt = random(16);
    const common = { crypto, random, desk };
    const made = { ...common, device: agent, notAfter: NOW };
    const lasting = await createPrekey({ ...made, kind: 'signed' });
    const once = oneTime ? await createPrekey({ ...made, kind: 'one-time' }) : null;
    const opening = { crypto, desk, deviceKey: agent.key, now: NOW };
    const session = await initiateSession({
      ...common,
      conversation: conversationIdOf({ desk, customerKey: customer.key, salt }),
      customerKey: customer.key,
      salt,
      self: customer,
      peerKey: agent.key,
      signedPrekey: await openPrekey({ ...opening, signed: lasting.signed, kind: 'signed' }),
      oneTime: once && (await openPrekey({ ...opening, signed: once.signed, kind: 'one-time' })),
      now: NOW,
    });
    const answer = await respondSession({
      crypto,
      self: agent,
      desk,
      header: headerOf(session),
      signedPrekeySeed: lasting.seed,
      oneTimeSeed: once?.seed ?? null,
    });
    this.#ends.push({ self: customer, session }, { self: agent, session: answer });
  }

  #end(side: Who) {
    return this.#ends[side]!;
  }

  async send(side: Who, content: boolean): Promise<void> {
    const { self, session } = this.#end(side);
    // Before its first frame came the responder has nothing to answer.
    if (side === 1 && !session.confirmed) return;
    const text = `${side} ${this.#count++}`;
    const message = content
      ? await messageOf(self, { kind: 'text', content: { text } }, { from: self.id, id: randomOf(text)(16) })
      : await messageOf(
          self,
          { kind: 'receipt', content: { delivered: [], read: [], heads: [] } },
          { audience: 'direct', from: self.id, id: randomOf(text)(16) },
        );
    const signed = await signMessage({ crypto: this.#crypto, device: self, message });
    const options = {
      crypto: this.#crypto,
      random: this.#random,
      self,
      session,
      message: signed,
      private: null,
      content,
      now: this.#now,
    };
    const { session: next, frame } = await encryptFrame(options);
    // Opening is what content always does when it may.
    expect(next.sending!.n === 1 || next.sending!.epoch === session.sending?.epoch).to.equal(true);
    if (content) expect(mayOpenEpoch(next)).to.equal(false);
    // The chain behind a message key tells it apart.
    this.#useKey(toHex(next.sending!.chain));
    this.#end(side).session = next;
    this.#waiting[side].push({ bytes: frame, text: toHex(signed[0]) });
  }

  #useKey(key: string): void {
    expect(this.#keys.has(key), 'a message key used twice').to.equal(false);
    this.#keys.add(key);
  }

  /** A frame of `side` arrives. */
  async deliver(side: Who, index: number): Promise<void> {
    const sent = this.#waiting[side][index % Math.max(1, this.#waiting[side].length)];
    if (sent === undefined) return;
    this.#waiting[side] = this.#waiting[side].filter((other) => other !== sent);
    const other: Who = side === 0 ? 1 : 0;
    const { self, session } = this.#end(other);
    const frame = decodeFrame(sent.bytes);
    const options = { crypto: this.#crypto, self, session, frame, now: this.#now };
    if (session.receiving !== null && session.receiving.epoch - frame.epoch >= 8) {
      expect(await codeOfThrow(() => decryptFrame(options))).to.equal('frame-duplicate');
      return;
    }
    const { session: next, message } = await decryptFrame(options);
    expect(toHex(message[0])).to.equal(sent.text);
    expect(next.skipped.length).to.be.at.most(2_000);
    this.#end(other).session = next;
    this.#arrived[side].push(sent);
  }

  /** Something that must be refused and change nothing. */
  async #refused(side: Who, bytes: Uint8Array): Promise<string> {
    const { self, session } = this.#end(side === 0 ? 1 : 0);
    const before = structuredClone(session);
    const code = await codeOfThrow(async () =>
      decryptFrame({ crypto: this.#crypto, self, session, frame: decodeFrame(bytes), now: this.#now }),
    );
    expect(session).to.deep.equal(before);
    return code;
  }

  async repeat(side: Who, index: number): Promise<void> {
    const sent = this.#arrived[side][index % Math.max(1, this.#arrived[side].length)];
    if (sent !== undefined) expect(await this.#refused(side, sent.bytes)).to.equal('frame-duplicate');
  }

  drop(side: Who, index: number): void {
    this.#waiting[side].splice(index % Math.max(1, this.#waiting[side].length), 1);
  }

  async loseBit(side: Who, index: number): Promise<void> {
    const sent = this.#waiting[side][index % Math.max(1, this.#waiting[side].length)];
    if (sent === undefined) return;
    const bytes = sent.bytes.slice();
    bytes[(index * 7919) % bytes.length]! ^= 1 << (index % 8);
    expect(await this.#refused(side, bytes)).to.not.equal('accepted');
  }

  restart(side: Who): void {
    const end = this.#end(side);
    const bytes = sessionCodec.encode(end.session);
    const decoded = sessionCodec.decode(bytes);
    expect(decoded).to.deep.equal(end.session);
    expect(equal(sessionCodec.encode(decoded), bytes)).to.equal(true);
    end.session = decoded;
  }

  wait(minutes: number): void {
    this.#now += minutes * 60_000;
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.send(step.who, step.content);
      case 'deliver':
        return this.deliver(step.who, step.which);
      case 'repeat':
        return this.repeat(step.who, step.which);
      case 'drop':
        return this.drop(step.who, step.which);
      case 'lose-bit':
        return this.loseBit(step.who, step.which);
      case 'restart':
        return this.restart(step.who);
      case 'wait':
        return this.wait(step.minutes);
    }
  }

  /** Whatever happened: both still hear each other, and what waits arrives. */
  async finish(): Promise<void> {
    for (const side of [0, 1, 0, 1] as const) {
      await this.send(side, true);
      await this.deliver(side, this.#waiting[side].length - 1);
    }
    for (const side of [0, 1] as const) {
      while (this.#waiting[side].length > 0) await this.deliver(side, 0);
      for (const sent of this.#arrived[side].slice(-5))
        expect(await this.#refused(side, sent.bytes)).to.equal('frame-duplicate');
    }
    for (const { session } of this.#ends) expect(sessionCodec.encode(session).length).to.be.below(131_072);
  }
}

function everyInterleaving(crypto: PublicKeyCrypto, numRuns: number, maxLength: number): Promise<void> {
  const property = fc.asyncProperty(
    fc.boolean(),
    fc.array(step, { maxLength, size: 'max' }),
    async (oneTime, steps) => {
      const talk = new Talk(crypto);
      await talk.start(oneTime);
      for (const one of steps) await talk.run(one);
      await talk.finish();
    },
  );
  return fc.assert(property, { numRuns });
}

describe('every interleaving of sending, delivery, loss, repetition, damage and restart', () => {
  it('delivers what was sent once, uses no key twice, and never gets stuck', async function () {
    this.timeout(90_000);
    await everyInterleaving(weakCrypto, 60, 90);
  });

  it('does so with the real public-key operations', async function () {
    this.timeout(90_000);
    await everyInterleaving(nobleCrypto, 4, 40);
  });
});
