import { expect } from 'chai';
import { decodeCbor, encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { guestSlotCodec, MAX_SPENT, slotKeyOf, type GuestSlot } from '../../src/vault/slot.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const ticket = { half: new Uint8Array(32), check: new Uint8Array(32), wrapped: new Uint8Array(72) };
const slot: GuestSlot = {
  v: 1,
  kind: 'guest',
  vid: new Uint8Array(16),
  at: 1_700_000_000_000,
  current: ticket,
  previous: ticket,
  spent: Array.from({ length: MAX_SPENT }, () => new Uint8Array(16)),
};

describe('the guest slot', () => {
  it('is read as written', () => {
    for (const previous of [ticket, null]) {
      expect(guestSlotCodec.decode(guestSlotCodec.encode({ ...slot, previous }))).to.deep.equal({ ...slot, previous });
    }
    expect(slotKeyOf('guest')).to.equal('6775657374');
  });

  it('is refused with anything missing, unknown, of another version or length', async () => {
    const plain = decodeCbor(guestSlotCodec.encode(slot), 4_096) as Record<string, CborValue>;
    const refused = async (changed: Record<string, CborValue>): Promise<void> => {
      expect(await codeOfThrow(() => guestSlotCodec.decode(encodeCbor(changed)))).to.equal('shape-mismatch');
    };
    for (const name of Object.keys(plain))
      await refused(Object.fromEntries(Object.entries(plain).filter(([key]) => key !== name)));
    await refused({ ...plain, pin: null });
    await refused({ ...plain, v: 2 });
    await refused({ ...plain, kind: 'pin' });
    await refused({ ...plain, vid: new Uint8Array(15) });
    await refused({ ...plain, spent: [...slot.spent, new Uint8Array(16)] });
  });
});
