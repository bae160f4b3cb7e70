import { expect } from 'chai';
import { decodeCbor, encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { toHex } from '../../src/bytes/text.ts';
import {
  MAX_CREDENTIAL,
  passkeySlotCodec,
  unwrapByPasskey,
  wrapByPasskey,
  type PasskeyBinding,
  type PasskeySlot,
} from '../../src/vault/passkey-slot.ts';
import { MAX_TICKETS, slotKeyOf } from '../../src/vault/slot.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const from = (first: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i);
const vmk = from(0, 32);
const nonce = from(0x80, 24);
const output = from(0x20, 32);
const binding: PasskeyBinding = { vid: from(0x40, 16), credential: from(0xc0, 20), salt: new Uint8Array(32).fill(7) };
const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 5 ? byte ^ 4 : byte));

describe('the passkey slot', () => {
  it('is what another implementation makes', () => {
    const wrapped = wrapByPasskey({ output, binding, vmk, nonce });
    expect(toHex(wrapped)).to.equal(
      '808182838485868788898a8b8c8d8e8f9091929394959697e104dcca06872d0ee65fc51f822987edfcbf770fc7f4f77cd5ae918d272093936deb38e6794c9a5b7cdb49372a49e20c',
    );
    expect(unwrapByPasskey(output, binding, wrapped)).to.deep.equal(vmk);
  });

  it('opens with its own output and at its own place alone', async () => {
    const wrapped = wrapByPasskey({ output, binding, vmk, nonce });
    const open = (prf: Uint8Array, changed: Partial<PasskeyBinding>, bytes = wrapped): Promise<string> =>
      codeOfThrow(() => unwrapByPasskey(prf, { ...binding, ...changed }, bytes));
    expect(await open(output, {})).to.equal('accepted');
    expect(await open(flipped(output), {})).to.equal('passkey-mismatch');
    for (const name of ['vid', 'credential', 'salt'] as const) {
      expect(await open(output, { [name]: flipped(binding[name]) }), name).to.equal('passkey-mismatch');
    }
    expect(await open(output, {}, flipped(wrapped))).to.equal('passkey-mismatch');
    expect(await open(output, {}, wrapped.slice(0, 20))).to.equal('passkey-mismatch');
  });

  it('takes an output, a key and a nonce of their lengths alone', async () => {
    for (const wrong of [
      { output: output.slice(1) },
      { output: from(0, 64) },
      { vmk: vmk.slice(1) },
      { nonce: nonce.slice(1) },
    ]) {
      expect(await codeOfThrow(() => wrapByPasskey({ output, binding, vmk, nonce, ...wrong }))).to.equal(
        'passkey-slot-malformed',
      );
    }
    expect(await codeOfThrow(() => unwrapByPasskey(output.slice(1), binding, new Uint8Array(72)))).to.equal(
      'passkey-slot-malformed',
    );
  });

  it('decodes to itself, and not otherwise', async () => {
    const slot: PasskeySlot = {
      ...{ v: 1, kind: 'passkey', ...binding, at: 5, wrapped: new Uint8Array(72), stored: 1 },
      spent: Array.from({ length: MAX_TICKETS }, () => new Uint8Array(16)),
    };
    for (const length of [1, MAX_CREDENTIAL]) {
      const one = { ...slot, credential: from(0, length) };
      expect(passkeySlotCodec.decode(passkeySlotCodec.encode(one))).to.deep.equal(one);
    }
    const plain = decodeCbor(passkeySlotCodec.encode(slot), 2_048) as Record<string, CborValue>;
    const refused = async (changed: Record<string, CborValue>): Promise<void> => {
      expect(await codeOfThrow(() => passkeySlotCodec.decode(encodeCbor(changed)))).to.equal('shape-mismatch');
    };
    for (const name of Object.keys(plain))
      await refused(Object.fromEntries(Object.entries(plain).filter(([key]) => key !== name)));
    for (const wrong of [
      { stored: 0 },
      { stored: 4 },
      { kind: 'pin' },
      { v: 2 },
      { salt: new Uint8Array(31) },
      { credential: new Uint8Array(0) },
      { credential: new Uint8Array(MAX_CREDENTIAL + 1) },
      { wrapped: new Uint8Array(71) },
      { more: null },
    ]) {
      await refused({ ...plain, ...wrong });
    }
    expect([slotKeyOf('passkey'), slotKeyOf('lock')]).to.deep.equal(['706173736b6579', '6c6f636b']);
  });
});
