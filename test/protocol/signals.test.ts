import { expect } from 'chai';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import { decryptSignal, encryptSignal, signalSessionOf, type SignalCounters } from '../../src/protocol/signal.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { MINUTE, NOW, pairOf, receive, send, signedReceipt, signedText, type Side } from './world.ts';

const typing = { kind: 'typing', on: true } as const;

function encrypted(side: Side, { sent = [], now = NOW }: { sent?: SignalCounters; now?: number } = {}) {
  const made = encryptSignal({
    random: side.random,
    self: side.self,
    session: side.session,
    sent,
    signal: typing,
    now,
  });
  if (made === null) throw new Error('no signal');
  return made;
}

const decrypted = (
  side: Side,
  bytes: Uint8Array,
  { seen = [], now = NOW }: { seen?: SignalCounters; now?: number } = {},
) => decryptSignal({ self: side.self, session: side.session, seen, bytes, now });

const codeOf = (side: Side, bytes: Uint8Array, options: { seen?: SignalCounters; now?: number } = {}) =>
  codeOfThrow(() => decrypted(side, bytes, options));

/** Both sides have sent and received. */
async function acquainted(seed: string) {
  const pair = await pairOf({ seed });
  const { a, b } = pair;
  await receive(b, await send(a, await signedText(a.self, 'x')));
  await receive(a, await send(b, await signedText(b.self, 'y')));
  return pair;
}

describe('signals', () => {
  it('wait until the peer has an epoch to read them with', async () => {
    const { a, b } = await pairOf({ seed: 'first' });
    const tried = (side: Side) =>
      encryptSignal({
        random: side.random,
        self: side.self,
        session: side.session,
        sent: [],
        signal: typing,
        now: NOW,
      });
    expect([tried(a), tried(b)]).to.deep.equal([null, null]);
    await receive(b, await send(a, await signedText(a.self, 'x')));
    const answer = await send(b, await signedText(b.self, 'y'));
    expect(tried(b)).to.equal(null);
    await receive(a, answer);
    expect(tried(a)).to.not.equal(null);
  });

  it('are read by the peer, both ways, and have one size', async () => {
    const { a, b } = await acquainted('both');
    const one = encrypted(a);
    expect(decrypted(b, one.bytes).signal).to.deep.equal(typing);
    expect(signalSessionOf(one.bytes)).to.deep.equal(a.session.id);
    // b's first epoch has not been acknowledged: it speaks after a's next frame.
    await receive(b, await send(a, await signedReceipt(a.self), { kind: 'receipt' }));
    const two = encrypted(b);
    expect(decrypted(a, two.bytes).signal).to.deep.equal(typing);
    expect(two.bytes.length).to.equal(one.bytes.length);
    expect(one.bytes.length).to.be.below(256);
  });

  it('use the epoch before while the peer may not have the newest, and are read when it already has', async () => {
    const { a, b } = await acquainted('before');
    const frame = await send(a, await signedText(a.self, 'opens epoch 2'));
    const signal = encrypted(a);
    expect(decrypted(b, signal.bytes).signal).to.deep.equal(typing);
    await receive(b, frame);
    expect(decrypted(b, signal.bytes).signal).to.deep.equal(typing);
  });

  it('are refused when repeated, old, or from a clock far off', async () => {
    const { a, b } = await acquainted('repeated');
    const first = encrypted(a);
    const { seen } = decrypted(b, first.bytes);
    expect(await codeOf(b, first.bytes, { seen })).to.equal('signal-replayed');
    const second = encrypted(a, { sent: first.sent });
    expect(second.sent[0]!.counter).to.equal(NOW + 1);
    expect(await codeOf(b, second.bytes, { seen })).to.equal('accepted');
    const backwards = encrypted(a, { sent: second.sent, now: NOW - MINUTE });
    expect(backwards.sent[0]!.counter).to.equal(NOW + 2);
    expect(await codeOf(b, first.bytes, { now: NOW + 10 * MINUTE })).to.equal('accepted');
    expect(await codeOf(b, first.bytes, { now: NOW + 10 * MINUTE + 1 })).to.equal('signal-replayed');
    expect(await codeOf(b, first.bytes, { now: NOW - 10 * MINUTE - 1 })).to.equal('signal-replayed');
  });

  it('cannot be reflected, moved or changed', async () => {
    const { a, b } = await acquainted('reflected');
    const other = await acquainted('elsewhere');
    const { bytes } = encrypted(a);
    expect(await codeOf(a, bytes)).to.equal('signal-undecryptable');
    expect(await codeOf(other.b, bytes)).to.equal('session-mismatch');
    expect(await codeOf({ ...b, self: other.a.self }, bytes)).to.equal('signal-undecryptable');
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      expect(await codeOf(b, changed)).to.be.oneOf([
        'signal-undecryptable',
        'session-mismatch',
        'shape-mismatch',
        'cbor-malformed',
        'signal-replayed',
      ]);
    }
    expect(await codeOf(b, encodeCbor([1]))).to.equal('shape-mismatch');
    expect(await codeOf(b, new Uint8Array(257))).to.equal('cbor-too-large');
  });

  it('do not touch the session', async () => {
    const { a, b } = await acquainted('untouched');
    const before = structuredClone([a.session, b.session]);
    decrypted(b, encrypted(a).bytes);
    expect([a.session, b.session]).to.deep.equal(before);
  });

  it('forget counters of epochs that are gone', async () => {
    const { a, b } = await acquainted('forget');
    const { seen } = decrypted(b, encrypted(a).bytes, { seen: [{ epoch: 90, counter: 1 }] });
    expect(seen).to.deep.equal([{ epoch: 0, counter: NOW }]);
  });
});
