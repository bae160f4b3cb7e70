import { expect } from 'chai';
import fc from 'fast-check';
import { concat } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

/**
 * draft-connolly-cfrg-xwing-kem-08, appendix C. Of the long public key and ciphertext beginning and end: that
 * the secret is right as well says that what lies between is.
 */
const published = [
  {
    seed: '7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26',
    key: ['e2236b35a8c24b39b10aa1323a96a919', '3d4ba32d9abac8cd049040ef6534'],
    randomness:
      '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
    ciphertext: ['b83aa828d4d62b9a83ceffe1d3d3bb1e', '145030145cfb97e63e0e41d354274a079d3e6fb2e15'],
    secret: 'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384',
  },
  {
    seed: 'badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea',
    key: ['0333285fa253661508c9fb444852caa4', 'cbb48fd4c562a576549f85b528c953926d96ea8a160b8843f1c89c62'],
    randomness:
      '17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdefaee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d',
    ciphertext: [
      'c93beb22326705699bbc3d1d0aa6339b',
      '00342d123f618aa8c91bdf6e0e03200693c9651e469aee6f91c98bea4127ae66312f4ae3ea155b67',
    ],
    secret: 'f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150',
  },
  {
    seed: 'ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9',
    key: ['36244278824f77c621c660892c1c3886', 'c1c013747dfee80fb35b5299f555dcc2b787ea4f6f16ffdf66952461'],
    randomness:
      '22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70c593ea3aeeb613a7f1b',
    ciphertext: [
      '0d2e38cbf17a2e2e4e0c87a94ca1e770',
      'ca934f541d4cc520fa64de6b6e1c3c8e03db5971a445992227c825590688d203523f527161137334',
    ],
    secret: '953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f',
  },
];

/** u-coordinates of low order (RFC 7748 §6.1 gives all-zero output for them), also not reduced, and with the unused bit. */
const lowOrder = [
  ['0', '00'.repeat(32)],
  ['1', '01' + '00'.repeat(31)],
  ['one of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
  ['the other of order 8', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
  ['p − 1', 'ec' + 'ff'.repeat(30) + '7f'],
  ['p', 'ed' + 'ff'.repeat(30) + '7f'],
  ['p + 1', 'ee' + 'ff'.repeat(30) + '7f'],
] as const;

const seed = new Uint8Array(32).fill(5);
const randomness = new Uint8Array(64).fill(6);

function expectEnds(bytes: Uint8Array, [first, last]: readonly string[]): void {
  const hex = toHex(bytes);
  expect(hex.startsWith(first ?? '?'), hex.slice(0, 40)).to.equal(true);
  expect(hex.endsWith(last ?? '?'), hex.slice(-40)).to.equal(true);
}

describe('X-Wing (§2)', () => {
  published.forEach((vector, i) => {
    it(`makes what the draft publishes as vector ${i + 1}`, async () => {
      const key = await nobleCrypto.kemKey(fromHex(vector.seed));
      expect(key.length).to.equal(1216);
      expectEnds(key, vector.key);
      const { ciphertext, secret } = await nobleCrypto.encapsulate(key, fromHex(vector.randomness));
      expect(ciphertext.length).to.equal(1120);
      expectEnds(ciphertext, vector.ciphertext);
      expect(toHex(secret)).to.equal(vector.secret);
      expect(toHex(await nobleCrypto.decapsulate(fromHex(vector.seed), ciphertext))).to.equal(vector.secret);
    });
  });

  it('gives both sides the same secret', async () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(64), async (own, drawn) => {
        const { ciphertext, secret } = await nobleCrypto.encapsulate(await nobleCrypto.kemKey(own), drawn);
        expect(secret.length).to.equal(32);
        expect(await nobleCrypto.decapsulate(own, ciphertext)).to.deep.equal(secret);
      }),
      { numRuns: 10 },
    );
  });

  it('gives another secret for a changed ciphertext, in either half', async () => {
    const { ciphertext, secret } = await nobleCrypto.encapsulate(await nobleCrypto.kemKey(seed), randomness);
    for (const at of [0, 1087, 1088, 1119]) {
      const changed = ciphertext.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const other = await nobleCrypto.decapsulate(seed, changed);
      expect(toHex(other)).not.to.equal(toHex(secret));
    }
  });

  it('leaves what it is given as it was', async () => {
    const own = seed.slice();
    const drawn = randomness.slice();
    const key = await nobleCrypto.kemKey(own);
    const before = key.slice();
    const { ciphertext } = await nobleCrypto.encapsulate(key, drawn);
    const sent = ciphertext.slice();
    await nobleCrypto.decapsulate(own, ciphertext);
    expect([own, drawn, key, ciphertext]).to.deep.equal([seed, randomness, before, sent]);
  });
});

describe('X-Wing refuses (§2.3)', () => {
  const refused = async (change: (key: Uint8Array) => Uint8Array): Promise<string> => {
    const key = change(await nobleCrypto.kemKey(seed));
    return codeOfThrow(() => nobleCrypto.encapsulate(key, randomness));
  };

  for (const length of [0, 1184, 1215, 1217]) {
    it(`a public key of ${length} bytes`, async () => {
      expect(await refused((key) => concat(key, key).slice(0, length))).to.equal('kem-failed');
    });
  }

  for (const [name, coefficient, code] of [
    ['q − 1', 3328, 'accepted'],
    ['q', 3329, 'kem-failed'],
    ['4095', 4095, 'kem-failed'],
  ] as const) {
    for (const at of [0, 1149]) {
      it(`or accepts (${code}) a coefficient ${name} at byte ${at}`, async () => {
        const changed = await refused((key) => {
          key[at] = coefficient & 0xff;
          key[at + 1] = ((key[at + 1] ?? 0) & 0xf0) | (coefficient >> 8);
          return key;
        });
        expect(changed).to.equal(code);
      });
    }
  }

  for (const [name, hex] of lowOrder) {
    for (const unused of [0, 0x80]) {
      const u = fromHex(hex);
      u[31] = (u[31] ?? 0) | unused;

      it(`a public key with u = ${name}${unused === 0 ? '' : ' and the unused bit'}`, async () => {
        expect(await refused((key) => concat(key.subarray(0, 1184), u))).to.equal('kem-failed');
      });

      it(`a ciphertext with u = ${name}${unused === 0 ? '' : ' and the unused bit'}`, async () => {
        const { ciphertext } = await nobleCrypto.encapsulate(await nobleCrypto.kemKey(seed), randomness);
        const changed = concat(ciphertext.subarray(0, 1088), u);
        expect(await codeOfThrow(() => nobleCrypto.decapsulate(seed, changed))).to.equal('kem-failed');
      });
    }
  }

  for (const length of [0, 1119, 1121]) {
    it(`a ciphertext of ${length} bytes`, async () => {
      expect(await codeOfThrow(() => nobleCrypto.decapsulate(seed, new Uint8Array(length)))).to.equal('kem-failed');
    });
  }

  it('seeds and randomness of another length, as the caller’s fault', async () => {
    const key = await nobleCrypto.kemKey(seed);
    expect(await codeOfThrow(() => nobleCrypto.kemKey(new Uint8Array(31)))).to.equal('seed-malformed');
    expect(await codeOfThrow(() => nobleCrypto.encapsulate(key, new Uint8Array(32)))).to.equal('seed-malformed');
    expect(await codeOfThrow(() => nobleCrypto.decapsulate(new Uint8Array(64), new Uint8Array(1120)))).to.equal(
      'seed-malformed',
    );
  });
});
