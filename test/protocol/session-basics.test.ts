import { expect } from 'chai';
import { sessionCodec } from '../../src/protocol/session.ts';
import { mayOpenEpoch, owesEpoch } from '../../src/protocol/epoch.ts';
import { decodeFrame } from '../../src/protocol/frame.ts';
import { HOUR, NOW, pairOf, receive, refuses, restart, send, signedReceipt, signedText } from './world.ts';

describe('a session', () => {
  for (const oneTime of [true, false]) {
    it(`talks both ways ${oneTime ? 'with' : 'without'} a one-time prekey`, async () => {
      const { a, b } = await pairOf({ seed: `talk ${oneTime}`, oneTime });
      expect(a.session.id).to.deep.equal(b.session.id);
      expect(b.session.oneTime).to.equal(oneTime);
      for (const word of ['one', 'two', 'three']) {
        const asked = await signedText(a.self, word);
        expect((await receive(b, await send(a, asked))).message).to.deep.equal(asked);
        const answered = await signedText(b.self, word);
        expect((await receive(a, await send(b, answered))).message).to.deep.equal(answered);
        restart(a);
        restart(b);
      }
      expect(a.session.sending?.epoch).to.equal(4);
      expect(b.session.sending?.epoch).to.equal(5);
    });
  }

  it('is unconfirmed until a frame of the peer was accepted', async () => {
    const { a, b } = await pairOf({ seed: 'confirmed' });
    const frame = await send(a, await signedText(a.self, 'hello'));
    expect([a.session.confirmed, b.session.confirmed]).to.deep.equal([false, false]);
    await receive(b, frame);
    expect(b.session.confirmed).to.equal(true);
    await receive(a, await send(b, await signedReceipt(b.self), { kind: 'receipt' }));
    expect(a.session.confirmed).to.equal(true);
  });

  it('carries a header until the peer has shown that it has the epoch, then no more', async () => {
    const { a, b } = await pairOf({ seed: 'headers' });
    const text = await signedText(a.self, 'x');
    const first = decodeFrame(await send(a, text));
    const second = decodeFrame(await send(a, text));
    expect(first.header).to.deep.equal(second.header).and.not.equal(null);
    await receive(b, await send(a, text));
    const answer = await send(b, await signedText(b.self, 'y'));
    expect(decodeFrame(answer).header).to.not.equal(null);
    await receive(a, answer);
    expect(a.session.sending?.header).to.equal(null);
    // A receipt opens nothing: epoch 0 goes on without its header.
    const late = decodeFrame(await send(a, await signedReceipt(a.self), { kind: 'receipt' }));
    expect([late.epoch, late.header]).to.deep.equal([0, null]);
  });

  it('opens frames in any order, each once', async () => {
    const { a, b } = await pairOf({ seed: 'order' });
    const frames = [];
    for (const word of ['0', '1', '2', '3', '4']) frames.push(await send(a, await signedText(a.self, word)));
    for (const i of [3, 0, 4, 2, 1]) {
      await receive(b, frames[i]!);
      await refuses(b, frames[i]!, 'frame-duplicate');
    }
    expect(b.session.skipped).to.deep.equal([]);
  });

  it('opens late frames of an epoch before', async () => {
    const { a, b } = await pairOf({ seed: 'late' });
    const early = [await send(a, await signedText(a.self, '0')), await send(a, await signedText(a.self, '1'))];
    await receive(b, early[0]!);
    await receive(a, await send(b, await signedText(b.self, 'b')));
    await receive(b, await send(a, await signedText(a.self, '2')));
    expect(b.session.skipped.map(({ epoch, n }) => [epoch, n])).to.deep.equal([[0, 1]]);
    expect(b.session.olderHeaders.map(({ epoch }) => epoch)).to.deep.equal([0]);
    restart(b);
    await receive(b, early[1]!);
    expect([b.session.skipped, b.session.olderHeaders]).to.deep.equal([[], []]);
  });

  it('drops the keys of late frames after four epochs of the peer', async () => {
    const { a, b } = await pairOf({ seed: 'too late' });
    const lost = await send(a, await signedText(a.self, 'lost'));
    await receive(b, await send(a, await signedText(a.self, '0')));
    for (let round = 0; round < 4; round++) {
      expect(b.session.skipped.length, `round ${round}`).to.equal(1);
      await receive(a, await send(b, await signedText(b.self, 'b')));
      await receive(b, await send(a, await signedText(a.self, 'a')));
    }
    expect([b.session.skipped, b.session.olderHeaders]).to.deep.equal([[], []]);
    await refuses(b, lost, 'frame-duplicate');
  });

  it('passes over a thousand frames but not more', async function () {
    this.timeout(60_000);
    const { a, b } = await pairOf({ seed: 'jump' });
    const text = await signedText(a.self, 'x');
    for (let i = 0; i < 1_000; i++) await send(a, text);
    const last = await send(a, text);
    const beyond = await send(a, text);
    await refuses(b, beyond, 'ratchet-jump-too-far');
    await receive(b, last);
    expect(b.session.skipped.length).to.equal(1_000);
    await receive(b, beyond);
  });

  it('counts what is passed over in the old chain and the new one together', async function () {
    this.timeout(60_000);
    const { a, b } = await pairOf({ seed: 'both chains' });
    const text = await signedText(a.self, 'x');
    await receive(b, await send(a, text));
    for (let i = 0; i < 600; i++) await send(a, text);
    await receive(a, await send(b, await signedText(b.self, 'y')));
    const frames: Uint8Array[] = [];
    for (let i = 0; i < 402; i++) frames.push(await send(a, text));
    await refuses(b, frames[401]!, 'ratchet-jump-too-far');
    await receive(b, frames[400]!);
    expect(b.session.skipped.length).to.equal(1_000);
  });

  it('refuses an epoch whose header counts fewer frames than were seen', async () => {
    const { a, b } = await pairOf({ seed: 'fewer' });
    const [mine, yours] = [await signedText(a.self, 'x'), await signedText(b.self, 'y')];
    await receive(b, await send(a, mine));
    for (let i = 0; i < 2; i++) await receive(a, await send(b, yours));
    await receive(b, await send(a, mine));
    const honest = b.session;
    b.session = { ...honest, sending: { ...honest.sending!, n: 1 } };
    await refuses(a, await send(b, yours), 'ratchet-fork');
    b.session = honest;
    await receive(a, await send(b, yours));
  });

  it('deletes root and own secret with the step that used them', async () => {
    const { a, b } = await pairOf({ seed: 'deleted' });
    await receive(b, await send(a, await signedText(a.self, 'x')));
    const { root, sending } = a.session;
    expect(sending!.seed).to.not.equal(null);
    await receive(a, await send(b, await signedText(b.self, 'y')));
    expect(a.session.sending!.seed).to.equal(null);
    expect(a.session.root).to.not.deep.equal(root);
    // The peer’s public key goes when it was used, too.
    await send(a, await signedText(a.self, 'z'));
    expect(a.session.receiving!.ratchet).to.equal(null);
  });

  it('keeps two thousand keys at most, the newest', async function () {
    this.timeout(60_000);
    const { a, b } = await pairOf({ seed: 'kept' });
    const text = await signedText(a.self, 'x');
    const frames: Uint8Array[] = [];
    for (let i = 0; i < 3_003; i++) frames.push(await send(a, text));
    for (const i of [1_000, 2_001, 3_002]) await receive(b, frames[i]!);
    expect(b.session.skipped.length).to.equal(2_000);
    await refuses(b, frames[999]!, 'frame-duplicate');
    await receive(b, frames[3_001]!);
    expect(sessionCodec.encode(b.session).length).to.be.below(131_072);
  });

  it('owes an epoch after 32 frames or an hour, not counting receipts', async () => {
    const { a, b } = await pairOf({ seed: 'owes' });
    await receive(b, await send(a, await signedText(a.self, 'x')));
    await receive(a, await send(b, await signedReceipt(b.self), { kind: 'receipt' }));
    const text = await signedText(a.self, 'x');
    for (let i = 0; i < 31; i++) await receive(b, await send(a, text));
    for (let i = 0; i < 5; i++) await receive(b, await send(a, await signedReceipt(a.self), { kind: 'receipt' }));
    expect([mayOpenEpoch(b.session), owesEpoch(b.session, NOW)]).to.deep.equal([true, false]);
    expect(owesEpoch(b.session, NOW + HOUR - 1)).to.equal(false);
    expect(owesEpoch(b.session, NOW + HOUR)).to.equal(true);
    await receive(b, await send(a, text));
    expect(owesEpoch(b.session, NOW)).to.equal(true);
  });
});
