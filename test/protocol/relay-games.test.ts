import { expect } from 'chai';
import * as fc from 'fast-check';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { sign } from '../../src/identity/signature.ts';
import { decodeFrame, type Frame } from '../../src/protocol/frame.ts';
import { helloOfFrame, initiateSession, readHello, respondSession, verifyHello } from '../../src/protocol/handshake.ts';
import { createPrekey, openPrekey, type PrekeyKind } from '../../src/protocol/prekey.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import {
  crypto,
  DAY,
  MINUTE,
  NOW,
  pairOf,
  randomOf,
  receive,
  refuses,
  send,
  signedText,
  world,
  type Pair,
} from './world.ts';

function encoded({ session, epoch, n, header, nonce, ciphertext }: Frame): Uint8Array {
  return encodeCbor([1, session, epoch, n, header, nonce, ciphertext]);
}

const changed = (bytes: Uint8Array, changes: Partial<Frame>) => encoded({ ...decodeFrame(bytes), ...changes });

const flipped = (bytes: Uint8Array, at: number, bit = 0): Uint8Array => {
  const out = bytes.slice();
  out[at % out.length]! ^= 1 << bit;
  return out;
};

async function answering({ hello, signedPrekey, oneTime, b }: Pair, header: Signed = hello): Promise<string> {
  const { desk } = await world();
  const secrets = { signedPrekeySeed: signedPrekey.seed, oneTimeSeed: oneTime?.seed ?? null };
  return codeOfThrow(() => respondSession({ crypto, self: b.self, desk, header, ...secrets }));
}

describe('a relay that swaps prekeys', () => {
  const checked = async (change: {
    kind?: PrekeyKind;
    desk?: Uint8Array;
    as?: PrekeyKind;
    of?: 'colleague';
    now?: number;
  }) => {
    const { desk, agent, colleague } = await world();
    const { signed } = await createPrekey({
      crypto,
      random: randomOf('swap'),
      desk: change.desk ?? desk,
      device: change.of === undefined ? agent : colleague,
      kind: change.kind ?? 'signed',
      notAfter: NOW + DAY,
    });
    return codeOfThrow(() =>
      openPrekey({ crypto, signed, desk, deviceKey: agent.key, kind: change.as ?? 'signed', now: change.now ?? NOW }),
    );
  };

  it('is found out by device, kind, desk and end', async () => {
    expect(await checked({})).to.equal('accepted');
    expect(await checked({ of: 'colleague' })).to.equal('prekey-foreign');
    expect(await checked({ as: 'one-time' })).to.equal('prekey-foreign');
    expect(await checked({ kind: 'one-time' })).to.equal('prekey-foreign');
    expect(await checked({ desk: new Uint8Array(32).fill(1) })).to.equal('prekey-foreign');
    expect(await checked({ now: NOW + DAY + 10 * MINUTE })).to.equal('accepted');
    expect(await checked({ now: NOW + DAY + 10 * MINUTE + 1 })).to.equal('prekey-expired');
  });

  it('is found out by the signature', async () => {
    const { desk, agent, outsider } = await world();
    const made = await createPrekey({
      crypto,
      random: randomOf('p'),
      desk,
      device: agent,
      kind: 'signed',
      notAfter: NOW,
    });
    const open = (signed: Signed) =>
      codeOfThrow(() => openPrekey({ crypto, signed, desk, deviceKey: agent.key, kind: 'signed', now: NOW }));
    expect(await open(await sign(crypto, outsider.seed, 'prekey', made.signed[0]))).to.equal('prekey-signature');
    // The right key, for another purpose.
    expect(await open(await sign(crypto, agent.seed, 'handshake', made.signed[0]))).to.equal('prekey-signature');
  });

  it('does not get through with a key that encapsulation refuses', async () => {
    const { desk, agent, customer, conversation, salt } = await world();
    const common = { crypto, desk, conversation, customerKey: customer.key, salt, self: customer, peerKey: agent.key };
    const bad = { id: new Uint8Array(16), publicKey: new Uint8Array(1216).fill(255), notAfter: NOW };
    const start = initiateSession({ ...common, random: randomOf('bad'), signedPrekey: bad, oneTime: null, now: NOW });
    expect(await codeOfThrow(() => start)).to.equal('kem-failed');
  });

  it('gives a session that the owner of another prekey cannot read', async () => {
    const pair = await pairOf({ seed: 'other prekey' });
    const frame = await send(pair.a, await signedText(pair.a.self, 'x'));
    const { desk } = await world();
    const session = await respondSession({
      crypto,
      self: pair.b.self,
      desk,
      header: pair.hello,
      signedPrekeySeed: pair.oneTime!.seed,
      oneTimeSeed: pair.oneTime!.seed,
    });
    await refuses({ ...pair.b, session }, frame, 'frame-undecryptable');
  });
});

describe('a relay that plays with hellos', () => {
  it('cannot hand one to another device or desk', async () => {
    const pair = await pairOf({ seed: 'foreign' });
    const { desk, colleague, customer, agent } = await world();
    const verify = (self: { key: Uint8Array }, of = desk) =>
      codeOfThrow(() => verifyHello({ crypto, self, desk: of, header: pair.hello }));
    expect(await verify(agent)).to.equal('accepted');
    expect(await verify(colleague)).to.equal('handshake-foreign');
    expect(await verify(customer)).to.equal('handshake-foreign');
    expect(await verify(agent, new Uint8Array(32))).to.equal('handshake-foreign');
  });

  it('cannot make a device talk to itself', async () => {
    const pair = await pairOf({ seed: 'itself' });
    const { agent } = await world();
    const { hello } = readHello(pair.hello);
    const header = await sign(crypto, agent.seed, 'handshake', encodeCbor({ ...hello, initiator: agent.key }));
    expect(await answering(pair, header)).to.equal('handshake-foreign');
  });

  it('cannot open a conversation under another’s id', async () => {
    const pair = await pairOf({ seed: 'squatting' });
    const { hello } = readHello(pair.hello);
    const signedBy = async (changes: object) =>
      sign(crypto, pair.a.self.seed, 'handshake', encodeCbor({ ...hello, ...changes }));
    expect(await answering(pair, await signedBy({}))).to.equal('accepted');
    const { outsider } = await world();
    expect(await answering(pair, await signedBy({ customer: outsider.key }))).to.equal('conversation-foreign');
    expect(await answering(pair, await signedBy({ salt: new Uint8Array(16) }))).to.equal('conversation-foreign');
    expect(await answering(pair, await signedBy({ ct2: null }))).to.equal('frame-malformed');
    expect(await answering(pair, await signedBy({ oneTime: null }))).to.equal('frame-malformed');
    expect(await answering(pair, await signedBy({ v: 2 }))).to.equal('frame-malformed');
    expect(await answering(pair, await signedBy({ extra: 1 }))).to.equal('frame-malformed');
    expect(await answering(pair, await sign(crypto, pair.a.self.seed, 'epoch', pair.hello[0]))).to.equal(
      'handshake-signature',
    );
  });

  it('cannot pretend that a one-time prekey was not there', async () => {
    const pair = await pairOf({ seed: 'withheld' });
    expect(await answering({ ...pair, oneTime: null })).to.equal('prekey-unknown');
  });

  it('cannot put a hello on another frame, epoch or session', async () => {
    const [one, two] = [await pairOf({ seed: 'one' }), await pairOf({ seed: 'two' })];
    const frame = decodeFrame(await send(one.a, await signedText(one.a.self, 'x')));
    const codeOf = (changes: Partial<Frame>) => codeOfThrow(() => helloOfFrame({ ...frame, ...changes }));
    expect(await codeOf({})).to.equal('accepted');
    expect(await codeOf({ header: null })).to.equal('session-unknown');
    expect(await codeOf({ epoch: 2 })).to.equal('session-unknown');
    expect(await codeOf({ header: two.hello })).to.equal('frame-malformed');
    expect(await codeOf({ session: two.a.session.id })).to.equal('frame-malformed');
  });

  it('gets the same transcript for a repeated hello, which the replay cache knows', async () => {
    const pair = await pairOf({ seed: 'replay' });
    const again = decodeFrame(await send(pair.a, await signedText(pair.a.self, 'x')));
    expect(helloOfFrame(again).transcript).to.deep.equal(readHello(pair.hello).transcript);
  });

  it('flips no bit of it unseen', async function () {
    this.timeout(60_000);
    const pair = await pairOf({ seed: 'mutated hello' });
    const codes = ['frame-malformed', 'handshake-foreign', 'handshake-signature', 'conversation-foreign'];
    const property = fc.asyncProperty(fc.nat(), fc.nat(7), fc.boolean(), async (at, bit, inSignature) => {
      const [bytes, signature] = pair.hello;
      const header: Signed = inSignature ? [bytes, flipped(signature, at, bit)] : [flipped(bytes, at, bit), signature];
      expect(await answering(pair, header)).to.be.oneOf(codes);
    });
    await fc.assert(property, { numRuns: 60 });
  });
});

describe('a relay that plays with frames', () => {
  it('cannot move one to another session, device or direction', async () => {
    const [one, two] = [await pairOf({ seed: 'here' }), await pairOf({ seed: 'there' })];
    const frame = await send(one.a, await signedText(one.a.self, 'x'));
    await refuses(two.b, frame, 'session-mismatch');
    await refuses(two.b, changed(frame, { session: two.b.session.id }), 'ratchet-fork');
    await refuses(two.b, changed(frame, { session: two.b.session.id, header: two.hello }), 'frame-undecryptable');
    await refuses(one.a, frame, 'frame-malformed');
    // Another device that somehow holds the same keys is still another receiver.
    const { colleague } = await world();
    await refuses({ ...one.b, self: colleague }, frame, 'frame-undecryptable');
    await receive(one.b, frame);
  });

  it('cannot renumber, swap or cut', async () => {
    const { a, b } = await pairOf({ seed: 'renumber' });
    const [first, second] = [
      await send(a, await signedText(a.self, '0')),
      await send(a, await signedText(a.self, '1')),
    ];
    const [one, two] = [decodeFrame(first), decodeFrame(second)];
    await refuses(b, changed(first, { n: 1 }), 'frame-undecryptable');
    await refuses(b, changed(first, { ciphertext: two.ciphertext }), 'frame-undecryptable');
    await refuses(b, changed(first, { nonce: two.nonce }), 'frame-undecryptable');
    await refuses(b, changed(first, { ciphertext: one.ciphertext.slice(0, -1) }), 'frame-undecryptable');
    await refuses(b, changed(first, { ciphertext: one.ciphertext.slice(0, 271) }), 'frame-malformed');
    await refuses(b, changed(first, { n: 1_001 }), 'ratchet-jump-too-far');
    await refuses(b, changed(first, { epoch: 1 }), 'frame-malformed');
    await refuses(b, changed(first, { epoch: 4 }), 'ratchet-epoch-unexpected');
    await refuses(b, first.slice(0, -1), 'frame-malformed');
    await refuses(b, new Uint8Array(131_073), 'frame-malformed');
    await receive(b, second);
    await receive(b, first);
    await refuses(b, first, 'frame-duplicate');
  });

  it('cannot strip or swap headers', async () => {
    const { a, b, hello } = await pairOf({ seed: 'strip' });
    const early = await send(a, await signedText(a.self, '0'));
    await refuses(b, changed(early, { header: null }), 'frame-undecryptable');
    await receive(b, early);
    const answer = await send(b, await signedText(b.self, 'b'));
    await refuses(a, changed(answer, { header: null }), 'ratchet-epoch-unexpected');
    await refuses(a, changed(answer, { header: hello }), 'frame-malformed');
    const [bytes, signature] = decodeFrame(answer).header!;
    await refuses(a, changed(answer, { header: [bytes, flipped(signature, 5)] }), 'ratchet-header-signature');
    await refuses(a, changed(answer, { header: [flipped(bytes, 900), signature] }), 'ratchet-header-signature');
    await receive(a, answer);
    const again = await send(b, await signedText(b.self, 'b2'));
    await refuses(a, changed(again, { header: hello }), 'ratchet-fork');
    // Without its header it is another frame, though the epoch is known.
    await refuses(a, changed(again, { header: null }), 'frame-undecryptable');
    await receive(a, again);
  });

  it('cannot use the header of one session in another', async () => {
    const [one, two] = [await pairOf({ seed: 'h1' }), await pairOf({ seed: 'h2' })];
    const answers = [];
    for (const { a, b } of [one, two]) {
      await receive(b, await send(a, await signedText(a.self, 'x')));
      answers.push(await send(b, await signedText(b.self, 'y')));
    }
    const moved = changed(answers[0]!, { header: decodeFrame(answers[1]!).header });
    await refuses(one.a, moved, 'frame-malformed');
  });

  it('flips no bit of one unseen', async function () {
    this.timeout(60_000);
    const { a, b } = await pairOf({ seed: 'mutated frame' });
    await receive(b, await send(a, await signedText(a.self, 'x')));
    const answer = await send(b, await signedText(b.self, 'y'));
    const accepted = structuredClone(a.session);
    const property = fc.asyncProperty(fc.nat(), fc.nat(7), async (at, bit) => {
      const code = await codeOfThrow(() => receive(a, flipped(answer, at, bit)));
      expect(code).to.be.oneOf([
        'frame-malformed',
        'session-mismatch',
        'frame-undecryptable',
        'ratchet-header-signature',
        'ratchet-epoch-unexpected',
        'ratchet-jump-too-far',
        'kem-failed',
      ]);
      expect(a.session).to.deep.equal(accepted);
    });
    await fc.assert(property, { numRuns: 150 });
    await receive(a, answer);
  });

  it('takes an acknowledgement of an epoch that was never opened for what it is', async () => {
    const { a, b } = await pairOf({ seed: 'acked' });
    await receive(b, await send(a, await signedText(a.self, 'x')));
    await receive(a, await send(b, await signedText(b.self, 'y')));
    // b, dishonest, says in epoch 1 that it has seen epoch 2.
    const honest = b.session;
    b.session = { ...honest, receiving: { ...honest.receiving!, epoch: 2, since: null } };
    const lie = await send(b, await signedText(b.self, 'z'), { kind: 'receipt' });
    expect(decodeFrame(lie).epoch).to.equal(1);
    await refuses(a, lie, 'ratchet-epoch-unexpected');
    b.session = honest;
    await receive(a, await send(b, await signedText(b.self, 'z')));
  });
});
