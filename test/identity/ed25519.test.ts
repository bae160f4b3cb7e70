import { ed25519 } from '@noble/curves/ed25519.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { signingPointOf } from '../../src/identity/signing-point.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import edges from '../vectors/ed25519-edges.json' with { type: 'json' };

/** RFC 8032 §7.1, tests 1 to 3. */
const published = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('Ed25519 (§2.2)', () => {
  published.forEach(({ seed, key, message, signature }, i) => {
    it(`makes and accepts what RFC 8032 publishes as test ${i + 1}`, async () => {
      expect(toHex(await nobleCrypto.signingKey(fromHex(seed)))).to.equal(key);
      expect(toHex(await nobleCrypto.sign(fromHex(seed), fromHex(message)))).to.equal(signature);
      expect(await nobleCrypto.verify(fromHex(key), fromHex(message), fromHex(signature))).to.equal(true);
    });
  });

  for (const { name, key, message, signature, refusedBy, zip215 } of edges.cases) {
    it(`${refusedBy === null ? 'accepts' : `refuses, by its ${refusedBy},`} ${name}`, async () => {
      // Twice: the second time the key may be remembered.
      for (let i = 0; i < 2; i++) {
        const accepted = await nobleCrypto.verify(fromHex(key), fromHex(message), fromHex(signature));
        expect(accepted).to.equal(refusedBy === null);
      }
      expect(signingPointOf(fromHex(key)) === undefined).to.equal(refusedBy === 'key');
      // The case is what it says: the lenient verification sees it as the vector was made.
      expect(ed25519.verify(fromHex(signature), fromHex(message), fromHex(key), { zip215: true })).to.equal(zip215);
    });
  }

  it('has cases of every kind on which the lenient verification differs', () => {
    const kinds = new Set(edges.cases.filter(({ zip215 }) => zip215).map(({ refusedBy }) => refusedBy));
    expect(kinds).to.deep.equal(new Set([null, 'key', 'equation']));
  });

  it('accepts what it signed, and nothing of it changed', async () => {
    const place = fc.record({ part: fc.constantFrom('key', 'message', 'signature'), at: fc.nat(), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        place,
        async (seed, message, { part, at, bit }) => {
          const key = await nobleCrypto.signingKey(seed);
          const signature = await nobleCrypto.sign(seed, message);
          expect(await nobleCrypto.verify(key, message, signature)).to.equal(true);
          const changed = { key: key.slice(), message: message.slice(), signature: signature.slice() };
          const bytes = changed[part];
          bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
          expect(await nobleCrypto.verify(changed.key, changed.message, changed.signature)).to.equal(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuses keys and signatures of other lengths without throwing', async () => {
    const seed = new Uint8Array(32).fill(1);
    const message = utf8('m');
    const key = await nobleCrypto.signingKey(seed);
    const signature = await nobleCrypto.sign(seed, message);
    for (const length of [0, 31, 33, 64]) {
      const other = new Uint8Array(length);
      other.set(key.subarray(0, length));
      expect(await nobleCrypto.verify(other, message, signature)).to.equal(false);
    }
    for (const length of [0, 32, 63, 65]) {
      const other = new Uint8Array(length);
      other.set(signature.subarray(0, length));
      expect(await nobleCrypto.verify(key, message, other)).to.equal(false);
    }
  });

  it('stays right when more keys pass by than it remembers', async () => {
    const message = utf8('m');
    const signed = [];
    for (let i = 0; i < 150; i++) {
      const seed = new Uint8Array(32).fill(i);
      signed.push({ key: await nobleCrypto.signingKey(seed), signature: await nobleCrypto.sign(seed, message) });
    }
    for (const { key, signature } of [...signed, ...signed.slice(0, 5)]) {
      expect(await nobleCrypto.verify(key, message, signature)).to.equal(true);
      expect(await nobleCrypto.verify(key, utf8('n'), signature)).to.equal(false);
    }
  });

  for (const length of [0, 31, 33]) {
    it(`takes no seed of ${length} bytes`, async () => {
      const seed = new Uint8Array(length);
      expect(await codeOfThrow(() => nobleCrypto.signingKey(seed))).to.equal('seed-malformed');
      expect(await codeOfThrow(() => nobleCrypto.sign(seed, seed))).to.equal('seed-malformed');
    });
  }
});
