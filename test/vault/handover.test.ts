import { expect } from 'chai';
import fc from 'fast-check';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import { toHex } from '../../src/bytes/text.ts';
import { handoverKeysOf, openHandover, sealHandover } from '../../src/vault/handover.ts';
import { askCodec, giveCodec, lockCodec, readTabMessage } from '../../src/vault/tab-message.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const vid = Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i);
const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x80 + i);
const held = { vmk: Uint8Array.from({ length: 32 }, (_, i) => i), since: 1_700_000_000_000, locks: 7 };
const asker = handoverKeysOf(new Uint8Array(32).fill(3));
const giver = handoverKeysOf(new Uint8Array(32).fill(4));

describe('a handover', () => {
  it('is what another implementation makes', () => {
    expect(toHex(asker.key)).to.equal('5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22');
    const sealed = sealHandover({ own: giver, asker: asker.key, vid, held, nonce });
    expect(toHex(sealed)).to.equal(
      '808182838485868788898a8b8c8d8e8f9091929394959697fc2bf13dd6b06500e0f54136f585ecf8d74f4c91dbe3b6d3af92f26694ed301f69aafe4b4e65dbb0cd4c71d5f1a85407bfb5a77f48431ca8ad8d2329d14078ea37d6b56bd4b5a21192f19a6c93',
    );
    expect(openHandover({ own: asker, giver: giver.key, vid, sealed })).to.deep.equal(held);
  });

  it('opens for its asker, from its giver, of its vault, and unchanged', async () => {
    const sealed = sealHandover({ own: giver, asker: asker.key, vid, held, nonce });
    const codeOf = (changed: Partial<Parameters<typeof openHandover>[0]>): Promise<string> =>
      codeOfThrow(() => openHandover({ own: asker, giver: giver.key, vid, sealed, ...changed }));
    const other = handoverKeysOf(new Uint8Array(32).fill(5));
    expect(await codeOf({})).to.equal('accepted');
    expect(await codeOf({ own: other })).to.equal('handover-mismatch');
    // Neither the one who gave it nor the other way round.
    expect(await codeOf({ own: giver, giver: asker.key })).to.equal('handover-mismatch');
    expect(await codeOf({ giver: other.key })).to.equal('handover-mismatch');
    expect(await codeOf({ vid: new Uint8Array(16) })).to.equal('handover-mismatch');
    for (let at = 0; at < sealed.length; at++)
      expect(await codeOf({ sealed: sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)) })).to.equal(
        'handover-mismatch',
      );
  });

  it('is made with no key of small order, on either side', async () => {
    const zero = new Uint8Array(32);
    const one = zero.map((_, i) => (i === 0 ? 1 : 0));
    for (const bad of [zero, one]) {
      expect(await codeOfThrow(() => sealHandover({ own: giver, asker: bad, vid, held, nonce }))).to.equal(
        'handover-mismatch',
      );
      const sealed = new Uint8Array(100);
      expect(await codeOfThrow(() => openHandover({ own: asker, giver: bad, vid, sealed }))).to.equal(
        'handover-mismatch',
      );
    }
  });
});

describe('messages between tabs', () => {
  it('are read as written', () => {
    const key = new Uint8Array(32).fill(1);
    const ask = { v: 1, kind: 'ask', vid, key } as const;
    const give = { v: 1, kind: 'give', to: key, key: asker.key, sealed: new Uint8Array(100) } as const;
    const lock = { v: 1, kind: 'lock', vid } as const;
    expect(readTabMessage(askCodec.encode(ask))).to.deep.equal(ask);
    expect(readTabMessage(giveCodec.encode(give))).to.deep.equal(give);
    expect(readTabMessage(lockCodec.encode(lock))).to.deep.equal(lock);
  });

  it('are nothing when they are anything else, whatever it is', () => {
    const key = new Uint8Array(32);
    for (const other of [
      { v: 2, kind: 'ask', vid, key },
      { v: 1, kind: 'ask', vid, key, more: 1 },
      { v: 1, kind: 'ask', vid },
      { v: 1, kind: 'give', to: key, key, sealed: new Uint8Array(10) },
      { v: 1, kind: 'open', vid },
      [1, 'lock', vid],
    ])
      expect(readTabMessage(encodeCbor(other))).to.equal(null);
    const lock = lockCodec.encode({ v: 1, kind: 'lock', vid });
    expect(readTabMessage(Uint8Array.from([...lock, 0]))).to.equal(null);
    expect(readTabMessage(new Uint8Array(1 << 16))).to.equal(null);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => readTabMessage(bytes) === null));
  });
});
