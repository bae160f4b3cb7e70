import { expect } from 'chai';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import {
  oprfInput,
  pinKeysOf,
  pinSlotCodec,
  tagCheckOf,
  unwrapByPin,
  wrapByPin,
  type PinBinding,
  type PinSlot,
} from '../../src/vault/pin-slot.ts';
import { checkStretch, LEAST_STRETCH, MOST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { stretchPin } from '../../src/vault/pin-stretch.ts';
import { MAX_TICKETS } from '../../src/vault/slot.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const vid = Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i);
const salt = Uint8Array.from({ length: 32 }, (_, i) => i);
const device = new Uint8Array(32).fill(5);
const vmk = Uint8Array.from({ length: 32 }, (_, i) => i);
const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x80 + i);
const output = Uint8Array.from({ length: 64 }, (_, i) => i);
const STRETCHED = 'bc0b7e16a5d8b8073cfbe79ba3b073bed6bde54b928db0ef4426074ce8252018';
const stretched = fromHex(STRETCHED);
const binding: PinBinding = { vid, version: 300, stretch: LEAST_STRETCH, salt, key: new Uint8Array(32).fill(9) };

describe('the PIN slot', () => {
  it('is what another implementation makes', () => {
    expect(toHex(oprfInput({ vid, device }, stretched))).to.equal(
      '7365637572652d636861742f31206f70726600404142434445464748494a4b4c4d4e4fd9b59730d72525b041286fb9e8cfe07da14af0b04d8d1c753cab06d2764afc1b',
    );
    const { kek, tag } = pinKeysOf({ vid, version: 300 }, output, stretched);
    expect(toHex(kek)).to.equal('d68d948572a2e7b99d3a5480d34baba83abc9852933df99563b0cf48bc551a92');
    expect(toHex(tag)).to.equal('322ef2dad2ae9d8c5ca4849a6d7a4d3c6ad587a9a0da7fc6dd09d7a7cb874d0c');
    expect(toHex(tagCheckOf(tag))).to.equal('0019e8a411910e61b6faa6a50bbc68922b9deb68a5757cbdf4e6aa54047f23c5');
    const wrapped = wrapByPin({ kek, binding, vmk, nonce });
    expect(toHex(wrapped)).to.equal(
      '808182838485868788898a8b8c8d8e8f9091929394959697c1372dc6b73d5ae13db3dbfa0542691f151cd93a9098276ce1b18568694888a775f97cf2aa9d10ae31404dc621d2a37c',
    );
    expect(unwrapByPin(kek, binding, wrapped)).to.deep.equal(vmk);
  });

  it('opens with its own keys and at its own place alone', async () => {
    const { kek, tag } = pinKeysOf({ vid, version: 300 }, output, stretched);
    const wrapped = wrapByPin({ kek, binding, vmk, nonce });
    const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 5 ? byte ^ 4 : byte));
    const open = (key: Uint8Array, changed: Partial<PinBinding>, bytes = wrapped): Promise<string> =>
      codeOfThrow(() => unwrapByPin(key, { ...binding, ...changed }, bytes));
    expect(await open(kek, {})).to.equal('accepted');
    for (const changed of [
      { vid: flipped(vid) },
      { version: 301 },
      { stretch: { ...LEAST_STRETCH, t: 3 } },
      { stretch: { ...LEAST_STRETCH, m: 19_457 } },
      { salt: flipped(salt) },
      { key: flipped(binding.key) },
    ]) {
      expect(await open(kek, changed)).to.equal('pin-mismatch');
    }
    expect(await open(flipped(kek), {})).to.equal('pin-mismatch');
    expect(await open(tag, {})).to.equal('pin-mismatch');
    expect(await open(kek, {}, flipped(wrapped))).to.equal('pin-mismatch');
    expect(await open(kek, {}, wrapped.slice(0, 20))).to.equal('pin-mismatch');
  });

  it('has other keys for another version, vault, value and PIN', () => {
    const all = [
      pinKeysOf({ vid, version: 300 }, output, stretched),
      pinKeysOf({ vid, version: 301 }, output, stretched),
      pinKeysOf({ vid: vid.map((byte) => byte ^ 1), version: 300 }, output, stretched),
      pinKeysOf(
        { vid, version: 300 },
        output.map((byte) => byte ^ 1),
        stretched,
      ),
      pinKeysOf({ vid, version: 300 }, output, new Uint8Array(32)),
    ].flatMap(({ kek, tag }) => [toHex(kek), toHex(tag)]);
    expect(new Set(all).size).to.equal(10);
  });

  it('decodes to itself, and not otherwise', async () => {
    const slot: PinSlot = {
      ...{ v: 1, kind: 'pin', ...binding, at: 5, seed: device, device, wrapped: new Uint8Array(72), stored: 1 },
      spent: Array.from({ length: MAX_TICKETS }, () => new Uint8Array(16)),
      former: new Uint8Array(32),
    };
    expect(pinSlotCodec.decode(pinSlotCodec.encode(slot))).to.deep.equal(slot);
    for (const wrong of [
      { stored: 0 },
      { stored: 4 },
      { version: 0 },
      { wrapped: new Uint8Array(71) },
      { former: new Uint8Array(31) },
    ]) {
      expect(await codeOfThrow(() => pinSlotCodec.encode({ ...slot, ...wrong }))).to.equal('shape-mismatch');
    }
  });
});

describe('stretching a PIN', () => {
  it('is Argon2id with real parameters, as another implementation computes it', async () => {
    expect(toHex(await stretchPin('493817', salt, LEAST_STRETCH))).to.equal(STRETCHED);
  }).timeout(60_000);

  it('refuses parameters below the least and above the most before it computes anything', async () => {
    for (const wrong of [
      { m: 19_455 },
      { m: 8 },
      { t: 1 },
      { t: 0 },
      { m: Number.NaN },
      { t: 2.5 },
      { m: MOST_STRETCH.m + 1 },
      { t: MOST_STRETCH.t + 1 },
      { p: 2 as 1 },
    ]) {
      const parameters = { ...LEAST_STRETCH, ...wrong };
      expect(await codeOfThrow(() => checkStretch(parameters))).to.equal('vault-parameters');
      expect(await codeOfThrow(() => stretchPin('493817', salt, parameters))).to.equal('vault-parameters');
    }
    expect(await codeOfThrow(() => checkStretch(MOST_STRETCH))).to.equal('accepted');
  });

  it('takes 4 to 12 digits', async () => {
    for (const pin of ['', '123', '1234567890123', '12a4', ' 1234', '1234\n', '١٢٣٤']) {
      expect(await codeOfThrow(() => stretchPin(pin, salt, LEAST_STRETCH))).to.equal('pin-malformed');
    }
    expect(await codeOfThrow(() => stretchPin('1234', salt.slice(1), LEAST_STRETCH))).to.equal('salt-malformed');
  });
});
