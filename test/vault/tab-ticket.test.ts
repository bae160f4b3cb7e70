import { expect } from 'chai';
import { decodeCbor, encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { toHex } from '../../src/bytes/text.ts';
import { continuationCodec } from '../../src/vault/continuation.ts';
import { openForTab, sealForTab, tabTicketCodec, type TabTicket } from '../../src/vault/tab-ticket.ts';
import { wrapMasterKey } from '../../src/vault/ticket.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const vmk = Uint8Array.from({ length: 32 }, (_, i) => i);
const vid = Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i);
const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x80 + i);
const halves = { device: new Uint8Array(32).fill(1), relay: new Uint8Array(32).fill(2) };
const held = { vmk, since: 1_700_000_000_000, locks: 7 };

describe('the tab’s ticket', () => {
  it('is what another implementation makes', () => {
    expect(toHex(continuationCodec.encode(held))).to.equal(
      'a363766d6b5820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f656c6f636b73076573696e63651b0000018bcfe56800',
    );
    const sealed = sealForTab({ halves, vid, held, nonce });
    expect(toHex(sealed)).to.equal(
      '808182838485868788898a8b8c8d8e8f9091929394959697a2d4451c0c883bac06ae96751bd2588971c896e365f2668c8a32b30e68c23fc48a474bf0930cf44abc9e7009e3f70a431f79df649a0c943af8494a81676f2c296423b2ad9cfac733d9dd36e8dd',
    );
    expect(openForTab({ halves, vid, sealed })).to.deep.equal(held);
  });

  it('opens with both halves, for its vault, unchanged, and not as a guest’s', async () => {
    const sealed = sealForTab({ halves, vid, held, nonce });
    const other = new Uint8Array(32).fill(9);
    const codeOf = (changed: Partial<Parameters<typeof openForTab>[0]>): Promise<string> =>
      codeOfThrow(() => openForTab({ halves, vid, sealed, ...changed }));
    expect(await codeOf({})).to.equal('accepted');
    expect(await codeOf({ halves: { ...halves, device: other } })).to.equal('ticket-mismatch');
    expect(await codeOf({ halves: { ...halves, relay: other } })).to.equal('ticket-mismatch');
    expect(await codeOf({ vid: other.slice(16) })).to.equal('ticket-mismatch');
    for (let at = 0; at < sealed.length; at++)
      expect(await codeOf({ sealed: sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)) })).to.equal(
        'ticket-mismatch',
      );
    expect(await codeOf({ sealed: sealed.slice(0, 20) })).to.equal('ticket-mismatch');
    expect(await codeOf({ sealed: wrapMasterKey({ halves, kind: 'guest', vid, vmk, nonce }) })).to.equal(
      'ticket-mismatch',
    );
  });

  it('is read as written, and refused with anything missing, unknown, of another version or length', async () => {
    const sealed = sealForTab({ halves, vid, held, nonce });
    const ticket: TabTicket = { v: 1, kind: 'tab', vid, half: halves.device, check: halves.relay, sealed };
    const bytes = tabTicketCodec.encode(ticket);
    expect(tabTicketCodec.decode(bytes)).to.deep.equal(ticket);
    const plain = decodeCbor(bytes, 512) as Record<string, CborValue>;
    const refused = async (changed: Record<string, CborValue>): Promise<void> => {
      expect(await codeOfThrow(() => tabTicketCodec.decode(encodeCbor(changed)))).to.equal('shape-mismatch');
    };
    for (const name of Object.keys(plain))
      await refused(Object.fromEntries(Object.entries(plain).filter(([key]) => key !== name)));
    await refused({ ...plain, more: null });
    await refused({ ...plain, v: 2 });
    await refused({ ...plain, kind: 'guest' });
    await refused({ ...plain, half: new Uint8Array(31) });
    await refused({ ...plain, sealed: new Uint8Array(71) });
    expect(await codeOfThrow(() => tabTicketCodec.decode(new Uint8Array(513)))).to.equal('cbor-too-large');
  });
});
