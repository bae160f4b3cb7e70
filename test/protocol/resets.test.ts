import { expect } from 'chai';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import { compare } from '../../src/bytes/bytes.ts';
import { sign, type Signed } from '../../src/identity/signature.ts';
import { frameHashOf } from '../../src/protocol/frame.ts';
import { initiateSession, readHello, respondSession } from '../../src/protocol/handshake.ts';
import { createPrekey, openPrekey } from '../../src/protocol/prekey.ts';
import { createReset, encodeReset, openReset, readReset } from '../../src/protocol/reset.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import {
  crypto,
  DAY,
  headerOf,
  MINUTE,
  NOW,
  pairOf,
  randomOf,
  receive,
  send,
  signedText,
  world,
  type Pair,
} from './world.ts';

/** b lost its state; a's frame is answered by a reset. */
async function lost(seed: string): Promise<{ pair: Pair; frame: Uint8Array; signed: Signed; seedOfFresh: Uint8Array }> {
  const pair = await pairOf({ seed });
  const { desk, conversation } = await world();
  const frame = await send(pair.a, await signedText(pair.a.self, 'are you there'));
  const { signed, fresh } = await createReset({
    crypto,
    random: randomOf(`${seed}/reset`),
    self: pair.b.self,
    desk,
    conversation,
    session: pair.a.session.id,
    peerId: pair.a.self.id,
    frameHashes: [frameHashOf(frame)],
    now: NOW,
  });
  return { pair, frame, signed, seedOfFresh: fresh.seed };
}

interface Change {
  signed?: Signed;
  repeated?: boolean;
  sent?: readonly Uint8Array[];
  now?: number;
  self?: { id: Uint8Array };
  session?: object;
  used?: boolean;
}

async function opened({ pair, frame, signed }: Awaited<ReturnType<typeof lost>>, change: Change = {}): Promise<string> {
  const hashes = (change.sent ?? [frame]).map(frameHashOf);
  const before = structuredClone(pair.a.session);
  const code = await codeOfThrow(() =>
    openReset({
      crypto,
      signed: change.signed ?? signed,
      self: change.self ?? pair.a.self,
      session: { ...pair.a.session, ...change.session },
      repeated: change.repeated ?? false,
      outstanding: (hash) => hashes.some((other) => compare(hash, other) === 0),
      used: async () => change.used ?? false,
      now: change.now ?? NOW,
    }),
  );
  expect(pair.a.session).to.deep.equal(before);
  return code;
}

describe('a reset', () => {
  it('leads to a new session with the fresh one-time key, and what was lost arrives', async () => {
    const { pair, frame, signed, seedOfFresh } = await lost('new session');
    const { a, b, signedPrekey } = pair;
    const arrived = readReset(encodeReset(signed));
    expect(arrived.signed).to.deep.equal(signed);
    expect(arrived.reset.session).to.deep.equal(a.session.id);
    const oneTime = await openReset({
      crypto,
      signed: arrived.signed,
      self: a.self,
      session: a.session,
      repeated: false,
      outstanding: (hash) => compare(hash, frameHashOf(frame)) === 0,
      used: async () => false,
      now: NOW,
    });
    const { desk, conversation, salt, customer } = await world();
    const prekey = {
      crypto,
      signed: signedPrekey.signed,
      desk,
      deviceKey: b.self.key,
      kind: 'signed' as const,
      now: NOW,
    };
    const session = await initiateSession({
      crypto,
      random: a.random,
      desk,
      conversation,
      customerKey: customer.key,
      salt,
      self: a.self,
      peerKey: b.self.key,
      signedPrekey: await openPrekey(prekey),
      oneTime,
      now: NOW,
    });
    const header = headerOf(session);
    expect(readHello(header).hello.oneTime).to.deep.equal(oneTime.id);
    const answer = await respondSession({
      crypto,
      self: b.self,
      desk,
      header,
      signedPrekeySeed: signedPrekey.seed,
      oneTimeSeed: seedOfFresh,
    });
    const [one, two] = [
      { ...a, session },
      { ...b, session: answer },
    ];
    const text = await signedText(a.self, 'are you there');
    expect((await receive(two, await send(one, text))).message).to.deep.equal(text);
    expect(session.oneTime).to.equal(true);
  });

  it('cannot be made by anyone but the peer', async () => {
    const reset = await lost('forged');
    const { outsider } = await world();
    expect(await opened(reset)).to.equal('accepted');
    expect(await opened(reset, { signed: await sign(crypto, outsider.seed, 'reset', reset.signed[0]) })).to.equal(
      'reset-signature',
    );
    expect(
      await opened(reset, { signed: await sign(crypto, reset.pair.b.self.seed, 'prekey', reset.signed[0]) }),
    ).to.equal('reset-signature');
    expect(await opened(reset, { session: { peerKey: outsider.key } })).to.equal('reset-foreign');
  });

  it('cannot be moved to another device, session, conversation or desk', async () => {
    const reset = await lost('moved');
    const { outsider } = await world();
    expect(await opened(reset, { self: outsider })).to.equal('reset-foreign');
    for (const session of [
      { id: new Uint8Array(16) },
      { conversation: new Uint8Array(16) },
      { desk: new Uint8Array(32) },
    ])
      expect(await opened(reset, { session })).to.equal('reset-foreign');
  });

  it('cannot be repeated, kept for later, or made of nothing', async () => {
    const reset = await lost('old');
    const other = await send(reset.pair.a, await signedText(reset.pair.a.self, 'other'));
    expect(await opened(reset, { repeated: true })).to.equal('reset-repeated');
    expect(await opened(reset, { sent: [] })).to.equal('reset-stale');
    expect(await opened(reset, { sent: [other] })).to.equal('reset-stale');
    expect(await opened(reset, { now: NOW + 30 * DAY })).to.equal('accepted');
    expect(await opened(reset, { now: NOW + 30 * DAY + 10 * MINUTE + 1 })).to.equal('reset-stale');
    expect(await opened(reset, { now: NOW - 10 * MINUTE - 1 })).to.equal('reset-stale');
  });

  it('cannot bring a key that is not a one-time key of the peer', async () => {
    const reset = await lost('downgrade');
    const { pair } = reset;
    const { desk, outsider } = await world();
    const { reset: fields } = readReset(encodeReset(reset.signed));
    const signedWith = async (fresh: Signed) =>
      sign(crypto, pair.b.self.seed, 'reset', encodeCbor({ ...fields, fresh }));
    expect(await opened(reset, { signed: await signedWith(fields.fresh) })).to.equal('accepted');
    expect(await opened(reset, { signed: await signedWith(pair.signedPrekey.signed) })).to.equal('prekey-foreign');
    const made = { crypto, random: randomOf('fresh'), desk, kind: 'one-time' as const, notAfter: NOW + DAY };
    expect(
      await opened(reset, { signed: await signedWith((await createPrekey({ ...made, device: outsider })).signed) }),
    ).to.equal('prekey-foreign');
    const old = await createPrekey({ ...made, device: pair.b.self, notAfter: NOW - DAY });
    expect(await opened(reset, { signed: await signedWith(old.signed) })).to.equal('prekey-expired');
    expect(await opened(reset, { used: true })).to.equal('prekey-reused');
    const [bytes] = fields.fresh;
    expect(await opened(reset, { signed: await signedWith([bytes, new Uint8Array(64)]) })).to.equal('prekey-signature');
  });

  it('has a strict form', async () => {
    const { signed, pair } = await lost('form');
    const codeOf = (bytes: Uint8Array) => codeOfThrow(() => readReset(bytes));
    expect(await codeOf(encodeCbor([...signed, 1]))).to.equal('shape-mismatch');
    expect(await codeOf(new Uint8Array(4_000))).to.equal('cbor-too-large');
    const { reset } = readReset(encodeReset(signed));
    const with2 = (frameHashes: Uint8Array[]) => encodeCbor([encodeCbor({ ...reset, frameHashes }), signed[1]]);
    const [low, high] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
    expect(await codeOf(with2([low, high]))).to.equal('accepted');
    expect(await codeOf(with2([high, low]))).to.equal('shape-mismatch');
    expect(await codeOf(with2([]))).to.equal('shape-mismatch');
    expect(await codeOf(with2(Array.from({ length: 9 }, (_, i) => new Uint8Array(32).fill(i))))).to.equal(
      'shape-mismatch',
    );
    expect(pair.a.session.sending?.n).to.equal(1);
  });
});
