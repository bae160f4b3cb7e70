import { expect } from 'chai';
import { decodeFrame, encryptFrame } from '../../src/protocol/frame.ts';
import { opensOf } from './thief.ts';
import {
  crypto,
  HOUR,
  NOW,
  pairOf,
  randomOf,
  receive,
  refuses,
  send,
  signedReceipt,
  signedText,
  world,
  type Pair,
} from './world.ts';

/** A talk of some turns, two frames each way in every turn; the frames in order. */
async function talk({ a, b }: Pair, turns: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for (let turn = 0; turn < turns; turn++) {
    for (const [from, to] of [[a, b] as const, [b, a] as const]) {
      for (const word of ['one', 'two']) {
        const frame = await send(from, await signedText(from.self, `${turn} ${word}`));
        frames.push(frame);
        await receive(to, frame);
      }
    }
  }
  return frames;
}

describe('a thief of a session’s state', () => {
  it('opens nothing from before the theft, on either side', async () => {
    const pair = await pairOf({ seed: 'forward' });
    const before = await talk(pair, 3);
    for (const { session, self } of [pair.a, pair.b])
      expect(await opensOf(session, self.key, before)).to.deep.equal([]);
  });

  it('opens nothing from before in the middle of an epoch, but the frames that are still missing', async () => {
    const pair = await pairOf({ seed: 'middle' });
    const { a, b } = pair;
    const frames = [];
    for (const word of ['0', '1', '2', '3']) frames.push(await send(a, await signedText(a.self, word)));
    await receive(b, frames[0]!);
    await receive(b, frames[2]!);
    // The second key is kept, the chain stands at the fourth: what a thief can have, and a proof that this one finds keys.
    expect(await opensOf(b.session, b.self.key, frames)).to.deep.equal([1, 3]);
    // The sender keeps nothing of what it sent.
    expect(await opensOf(a.session, a.self.key, frames)).to.deep.equal([]);
  });

  it('opens nothing after one round trip each way, listening only', async () => {
    for (const whose of ['a', 'b'] as const) {
      const pair = await pairOf({ seed: `healing ${whose}` });
      await talk(pair, 2);
      const stolen = pair[whose];
      const copy = structuredClone(stolen.session);
      const after = await talk(pair, 3);
      const opened = await opensOf(copy, stolen.self.key, after);
      // a: its next own epoch is closed at once by the fresh secret; the epoch in course when b was robbed is readable.
      expect(
        opened.every((i) => i < 4),
        `${whose}: ${opened.join()}`,
      ).to.equal(true);
      if (whose === 'b') expect(opened).to.include(0);
    }
  });

  it('cannot open an epoch without the identity key', async () => {
    const { a, b } = await pairOf({ seed: 'lasting' });
    const { outsider } = await world();
    await receive(b, await send(a, await signedText(a.self, 'question')));
    // b's state is stolen, not its identity: the thief answers in its name.
    const forged = await encryptFrame({
      crypto,
      random: randomOf('thief'),
      self: { seed: outsider.seed, id: b.self.id, key: b.self.key },
      session: b.session,
      message: await signedText(outsider, 'forged'),
      private: null,
      content: true,
      now: NOW,
    });
    await refuses(a, forged.frame, 'ratchet-header-signature');
    // The real answer is accepted after it.
    await receive(a, await send(b, await signedText(b.self, 'answer')));
  });
});

describe('healing', () => {
  it('goes on while one side only reads: its receipts open epochs', async () => {
    const { a, b } = await pairOf({ seed: 'monologue' });
    const [text, receipt] = [await signedText(a.self, 'on and on'), await signedReceipt(b.self)];
    const epochs = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const frame = await send(a, text);
      epochs.add(decodeFrame(frame).epoch);
      await receive(b, frame);
      await receive(a, await send(b, receipt, { kind: 'receipt' }));
    }
    // 0 until the first receipt, 2 for 32 frames, and so on.
    expect([...epochs]).to.deep.equal([0, 2, 4, 6, 8]);
  });

  it('goes on by the hour when little is said', async () => {
    const { a, b } = await pairOf({ seed: 'slowly' });
    const [text, receipt] = [await signedText(a.self, 'tick'), await signedReceipt(b.self)];
    const epochs: number[] = [];
    for (let i = 0; i < 5; i++) {
      const now = NOW + i * HOUR;
      const frame = await send(a, text, { now });
      epochs.push(decodeFrame(frame).epoch);
      await receive(b, frame, now);
      // Acknowledged once at once, and once an hour after.
      await receive(a, await send(b, receipt, { kind: 'receipt', now }), now);
      await receive(a, await send(b, receipt, { kind: 'receipt', now: now + HOUR }), now + HOUR);
    }
    expect(epochs).to.deep.equal([0, 2, 4, 6, 8]);
  });

  it('lets two idle sides fall silent', async () => {
    const { a, b } = await pairOf({ seed: 'silence' });
    await receive(b, await send(a, await signedText(a.self, 'last word')));
    const receipts = [await signedReceipt(a.self), await signedReceipt(b.self)] as const;
    const epochs: number[] = [];
    for (let hour = 1; hour <= 12; hour++) {
      const now = NOW + hour * 2 * HOUR;
      await receive(a, await send(b, receipts[1], { kind: 'receipt', now }), now);
      await receive(b, await send(a, receipts[0], { kind: 'receipt', now }), now);
      epochs.push(a.session.sending!.epoch, b.session.sending!.epoch);
    }
    expect(new Set(epochs)).to.deep.equal(new Set([0, 1]));
  });
});

describe('what a frame shows', () => {
  it('is not its length within a step of the padding', async () => {
    const { a } = await pairOf({ seed: 'length' });
    const sizes = new Set<number>();
    for (const length of [1, 2, 3]) sizes.add((await send(a, await signedText(a.self, 'x'.repeat(length)))).length);
    expect(sizes.size).to.equal(1);
  });

  it('holds no plaintext', async () => {
    const { a } = await pairOf({ seed: 'plain' });
    const frame = await send(a, await signedText(a.self, 'PLANTED'), { private: { note: 'PLANTED' } });
    expect(String.fromCharCode(...frame)).to.not.include('PLANTED');
  });
});
