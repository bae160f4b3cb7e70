import { sha256 } from '@noble/hashes/sha2.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { toHex } from '../../src/bytes/text.ts';
import { blindPart, openRecord, sealRecord, type RecordPlace } from '../../src/vault/record.ts';
import { VaultKeys } from '../../src/vault/vault-keys.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const vmk = Uint8Array.from({ length: 32 }, (_, i) => i);
const vid = Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i);
const keys = new VaultKeys({ vmk, vid });
const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x80 + i);
const place: RecordPlace = { table: 'messages', key: Uint8Array.from({ length: 24 }, (_, i) => 0xa0 + i), version: 7 };
const hello = new TextEncoder().encode('hello');

const places = fc.record({
  table: fc.constantFrom('messages', 'sessions', 'self'),
  key: fc.uint8Array({ minLength: 8, maxLength: 40 }),
  version: fc.integer({ min: 1, max: 1_000 }),
});
const values = fc.uint8Array({ maxLength: 2_000 });
const nonces = fc.uint8Array({ minLength: 24, maxLength: 24 });

describe('sealed records', () => {
  it('are those that another implementation makes', () => {
    const sealed = sealRecord(keys, place, hello, nonce);
    expect(toHex(sealed.slice(0, 64))).to.equal(
      '808182838485868788898a8b8c8d8e8f90919293949596971d652afedb0c6fa86d9b297aba4c4819c07ba5d14ea817a28152de379d82516c95c9fc6b1f91db8a',
    );
    expect(sealed.length).to.equal(296);
    expect(toHex(sha256(sealed))).to.equal('6553e3341f8d03f6d5718f9477f95f3d3f9c97367d5bdd760540c8e602d7785b');
    expect(openRecord(keys, place, sealed)).to.deep.equal(hello);
  });

  it('open to what was sealed', () => {
    fc.assert(
      fc.property(places, values, nonces, (at, value, n) => {
        expect(openRecord(keys, at, sealRecord(keys, at, value, n))).to.deep.equal(value);
      }),
    );
  });

  it('do not open in another table, under another key, as another version or in another vault', async () => {
    const other = new VaultKeys({ vmk, vid: vid.slice().reverse() });
    await fc.assert(
      fc.asyncProperty(places, places, values, nonces, async (at, elsewhere, value, n) => {
        const sealed = sealRecord(keys, at, value, n);
        expect(await codeOfThrow(() => openRecord(other, at, sealed))).to.equal('record-damaged');
        const moves: RecordPlace[] = [
          { ...at, table: elsewhere.table },
          { ...at, key: elsewhere.key },
          { ...at, version: elsewhere.version },
          elsewhere,
        ];
        for (const moved of moves) {
          const same = moved.table === at.table && moved.version === at.version && toHex(moved.key) === toHex(at.key);
          expect(await codeOfThrow(() => openRecord(keys, moved, sealed))).to.equal(
            same ? 'accepted' : 'record-damaged',
          );
        }
      }),
    );
  });

  it('do not open when any bit is changed or any byte is missing', async () => {
    const sealed = sealRecord(keys, place, hello, nonce);
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
      expect(await codeOfThrow(() => openRecord(keys, place, changed))).to.equal('record-damaged');
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(await codeOfThrow(() => openRecord(keys, place, sealed.slice(0, length)))).to.equal('record-damaged');
    }
  });

  it('hide the length of what is sealed', () => {
    const lengths = new Set<number>();
    for (let length = 0; length < 256; length++)
      lengths.add(sealRecord(keys, place, new Uint8Array(length), nonce).length);
    expect([...lengths]).to.deep.equal([296]);
  });

  it('say that the vault is locked, not that the record is damaged', async () => {
    const erased = new VaultKeys({ vmk, vid });
    const sealed = sealRecord(erased, place, hello, nonce);
    erased.erase();
    expect(await codeOfThrow(() => openRecord(erased, place, sealed))).to.equal('vault-locked');
    expect(await codeOfThrow(() => sealRecord(erased, place, hello, nonce))).to.equal('vault-locked');
  });

  it('refuse a nonce of another length', async () => {
    expect(await codeOfThrow(() => sealRecord(keys, place, hello, nonce.slice(1)))).to.equal('nonce-malformed');
  });
});

describe('blinded parts', () => {
  it('are equal for equal parts of one table only', () => {
    const blinded = [
      blindPart(keys, 'messages', 'a'),
      blindPart(keys, 'messages', 'b'),
      blindPart(keys, 'sessions', 'a'),
      blindPart(keys, 'messages', new TextEncoder().encode('a')),
      blindPart(new VaultKeys({ vmk: vmk.slice().reverse(), vid }), 'messages', 'a'),
    ];
    expect(new Set(blinded.map(toHex)).size).to.equal(blinded.length);
    expect(blindPart(keys, 'messages', 'a')).to.deep.equal(blinded[0]);
    for (const part of blinded) expect(part.length).to.equal(16);
  });
});
