import { expect } from 'chai';
import fc from 'fast-check';
import { toHex } from '../../src/bytes/text.ts';
import { halfCheckOf, ticketIdOf, unwrapMasterKey, wrapMasterKey } from '../../src/vault/ticket.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const vmk = Uint8Array.from({ length: 32 }, (_, i) => i);
const vid = Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i);
const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x80 + i);
const halves = { device: new Uint8Array(32).fill(1), relay: new Uint8Array(32).fill(2) };

const random = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('tickets', () => {
  it('are those that another implementation makes', () => {
    expect(toHex(ticketIdOf(halves.device))).to.equal('92e8c658058bcff18bfbc4d01fd33e71');
    expect(toHex(halfCheckOf(halves.relay))).to.equal(
      'd2f1d3becb85774b658fbd4b585e023496afad970e28321fafefa6cc21c4c8f6',
    );
    const wrapped = wrapMasterKey({ halves, kind: 'guest', vid, vmk, nonce });
    expect(toHex(wrapped)).to.equal(
      '808182838485868788898a8b8c8d8e8f909192939495969701b6317263d51dab0fa59f7a12d9518e68d38ffc7ce97f8b8339ba0161c936c384afb5aa364b1749717caf1ea9268003',
    );
    expect(unwrapMasterKey({ halves, kind: 'guest', vid, wrapped })).to.deep.equal(vmk);
  });

  it('need both halves and their vault', async () => {
    await fc.assert(
      fc.asyncProperty(
        random(32),
        random(32),
        random(16),
        random(32),
        random(24),
        async (device, relay, id, key, n) => {
          const wrapped = wrapMasterKey({ halves: { device, relay }, kind: 'guest', vid: id, vmk: key, nonce: n });
          const unwrap = (changed: Partial<Parameters<typeof unwrapMasterKey>[0]>): Promise<string> =>
            codeOfThrow(() =>
              unwrapMasterKey({ halves: { device, relay }, kind: 'guest', vid: id, wrapped, ...changed }),
            );
          const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 5 ? byte ^ 4 : byte));
          expect(await unwrap({})).to.equal('accepted');
          expect(await unwrap({ halves: { device: flipped(device), relay } })).to.equal('ticket-mismatch');
          expect(await unwrap({ halves: { device, relay: flipped(relay) } })).to.equal('ticket-mismatch');
          if (toHex(device) !== toHex(relay)) {
            expect(await unwrap({ halves: { device: relay, relay: device } })).to.equal('ticket-mismatch');
          }
          expect(await unwrap({ vid: flipped(id) })).to.equal('ticket-mismatch');
          expect(await unwrap({ wrapped: flipped(wrapped) })).to.equal('ticket-mismatch');
          expect(await unwrap({ wrapped: wrapped.slice(1) })).to.equal('ticket-mismatch');
        },
      ),
    );
  });

  it('have ids that follow from the device half alone', () => {
    fc.assert(
      fc.property(random(32), random(32), (a, b) => {
        expect(toHex(ticketIdOf(a)) === toHex(ticketIdOf(b))).to.equal(toHex(a) === toHex(b));
      }),
    );
  });

  it('refuse halves and keys of other lengths', async () => {
    const short = new Uint8Array(31);
    expect(await codeOfThrow(() => ticketIdOf(short))).to.equal('ticket-malformed');
    expect(await codeOfThrow(() => halfCheckOf(short))).to.equal('ticket-malformed');
    expect(await codeOfThrow(() => wrapMasterKey({ halves, kind: 'guest', vid, vmk: short, nonce }))).to.equal(
      'ticket-malformed',
    );
  });
});
