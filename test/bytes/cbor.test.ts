import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import { expect } from 'chai';
import fc from 'fast-check';
import { equal } from '../../src/bytes/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { codeOf } from '../../src/errors.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const LIMIT = 10_000;

/** Examples of RFC 8949 appendix A that §3 allows, and sizes at which the form of an integer or length changes. */
const canonical: readonly (readonly [value: CborValue, hex: string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [100, '1864'],
  [255, '18ff'],
  [256, '190100'],
  [1000, '1903e8'],
  [65_535, '19ffff'],
  [65_536, '1a00010000'],
  [1_000_000, '1a000f4240'],
  [2 ** 32 - 1, '1affffffff'],
  [2 ** 32, '1b0000000100000000'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [new Uint8Array(), '40'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['\u00fc', '62c3bc'],
  ['\u6c34', '63e6b0b4'],
  ['\ud800\udd51', '64f0908591'],
  ['\0', '6100'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [{ b: 1, aa: 2, a: 3, '': 4 }, 'a4600461610361620162616102'],
  [{ constructor: 1 }, 'a16b636f6e7374727563746f7201'],
];

const malformed: readonly (readonly [why: string, hex: string])[] = [
  ['nothing', ''],
  ['a trailing byte', '0000'],
  ['a trailing break', '00ff'],
  ['a uint in 1 byte too many', '1817'],
  ['a uint in 2 bytes too many', '1900ff'],
  ['a uint in 4 bytes too many', '1a0000ffff'],
  ['a uint in 8 bytes too many', '1b00000000ffffffff'],
  ['a byte string with a long length', '580101'],
  ['a text with a long length', '780161'],
  ['an array with a long length', '980100'],
  ['a map with a long length', 'b801616100'],
  ['2^53', '1b0020000000000000'],
  ['2^53 + 1', '1b0020000000000001'],
  ['2^64 − 1', '1bffffffffffffffff'],
  ['−1', '20'],
  ['−2^64', '3bffffffffffffffff'],
  ['a float 0.0', 'f90000'],
  ['a float −0.0', 'f98000'],
  ['a float 1.0', 'f93c00'],
  ['a float NaN', 'f97e00'],
  ['a float infinity', 'f97c00'],
  ['a single float', 'fa47c35000'],
  ['a double float', 'fb3ff199999999999a'],
  ['undefined', 'f7'],
  ['a simple value', 'f0'],
  ['false as a long simple value', 'f814'],
  ['a long simple value', 'f8ff'],
  ['a date tag', 'c074323031332d30332d32315432303a30343a30305a'],
  ['a bignum', 'c249010000000000000000'],
  ['the self-described tag', 'd9d9f700'],
  ['an indefinite byte string', '5f42010243030405ff'],
  ['an indefinite text', '7f657374726561646d696e67ff'],
  ['an indefinite array', '9f01ff'],
  ['an indefinite map', 'bf616101ff'],
  ['a break alone', 'ff'],
  ['a break in an array', '81ff'],
  ['a break as a map value', 'a16161ff'],
  ['a reserved length', '1c'],
  ['a truncated integer', '19ff'],
  ['a truncated byte string', '4401'],
  ['a truncated text', '6261'],
  ['a truncated array', '8201'],
  ['a truncated map', 'a16161'],
  ['an array of 2^53 − 1 items', '9b001fffffffffffff'],
  ['a map of 2^32 − 1 entries', 'baffffffff'],
  ['a byte string of 2^32 bytes', '5b0000000100000000'],
  ['map keys out of order', 'a2616200616100'],
  ['map keys in order of content, not of encoding', 'a262616100616200'],
  ['a duplicate map key', 'a2616100616100'],
  ['an integer as a map key', 'a10000'],
  ['bytes as a map key', 'a1416100'],
  ['null as a map key', 'a1f600'],
  ['__proto__ as a map key', 'a1695f5f70726f746f5f5fa0'],
  ['__proto__: null', 'a1695f5f70726f746f5f5ff6'],
  ['a lone surrogate in UTF-8', '63eda080'],
  ['a lone surrogate in a map key', 'a163eda08000'],
  ['a UTF-8 sequence cut off', '61c3'],
  ['overlong UTF-8', '62c080'],
  ['a UTF-8 byte that cannot be', '61ff'],
  ['beyond Unicode', '64f4908080'],
  ['nested 13 deep', '81'.repeat(13) + '80'],
  ['nested 9,999 deep', '81'.repeat(9_999) + '80'],
];

const unsupported: readonly (readonly [why: string, value: () => unknown])[] = [
  ['−0', () => -0],
  ['−1', () => -1],
  ['a fraction', () => 0.5],
  ['2^53', () => 2 ** 53],
  ['NaN', () => NaN],
  ['infinity', () => Infinity],
  ['a bigint', () => 1n],
  ['undefined', () => undefined],
  ['undefined in a map', () => ({ a: undefined })],
  ['a hole in an array', () => new Array<unknown>(1)],
  ['a symbol', () => Symbol('s')],
  ['a function', () => () => 0],
  ['a date', () => new Date(0)],
  ['a Map', () => new Map()],
  ['an ArrayBuffer', () => new ArrayBuffer(1)],
  ['another typed array', () => new Uint16Array(1)],
  ['an object of a class', () => new (class Thing {})()],
  ['a lone surrogate', () => 'a\ud800'],
  ['a lone surrogate in a key', () => ({ '\udc00': 1 })],
  ['an own __proto__', () => JSON.parse('{"__proto__":1}') as unknown],
  [
    'a cycle',
    () => {
      const cycle: unknown[] = [];
      cycle.push(cycle);
      return cycle;
    },
  ],
];

const leaf = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 300 }),
);
const key = fc.string({ unit: 'binary', maxLength: 30 }).filter((name) => name !== '__proto__');
const { value: anyValue } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
}));

describe('deterministic CBOR (§3)', () => {
  for (const [value, hex] of canonical) {
    it(`writes and reads ${JSON.stringify(value)}`, () => {
      expect(toHex(encodeCbor(value))).to.equal(hex);
      expect(decodeCbor(fromHex(hex), LIMIT)).to.deep.equal(value);
    });
  }

  for (const [why, hex] of malformed) {
    it(`refuses ${why}`, async () => {
      expect(await codeOfThrow(() => decodeCbor(fromHex(hex), LIMIT + 1))).to.equal('cbor-malformed');
    });
  }

  for (const [why, value] of unsupported) {
    it(`does not write ${why}`, async () => {
      expect(await codeOfThrow(() => encodeCbor(value() as CborValue))).to.equal('cbor-unsupported');
    });
  }

  it('checks the size before anything else', async () => {
    expect(await codeOfThrow(() => decodeCbor(new Uint8Array(11).fill(0xff), 10))).to.equal('cbor-too-large');
    expect(decodeCbor(encodeCbor(new Uint8Array(9)), 10)).to.deep.equal(new Uint8Array(9));
  });

  it('reads 12 levels of nesting, as many as it writes', () => {
    const hex = '81'.repeat(12) + '80';
    expect(toHex(encodeCbor(decodeCbor(fromHex(hex), LIMIT) as CborValue))).to.equal(hex);
  });

  it('keeps a byte order mark, wherever it stands', () => {
    for (const text of ['\ufeff', '\ufeffa', 'a\ufeff', '\ufeff'.repeat(50)]) {
      expect(decodeCbor(encodeCbor(text), LIMIT)).to.equal(text);
      expect(decodeCbor(encodeCbor({ [text]: 1 }), LIMIT)).to.deep.equal({ [text]: 1 });
    }
  });

  it('gives byte strings that are copies', () => {
    const bytes = encodeCbor(Uint8Array.of(1, 2, 3));
    const read = decodeCbor(bytes, LIMIT) as Uint8Array;
    bytes.fill(0);
    expect(read).to.deep.equal(Uint8Array.of(1, 2, 3));
    expect(read.buffer.byteLength).to.equal(3);
  });

  it('reads from the middle of a buffer', () => {
    const whole = fromHex('ff' + '8261614101' + 'ff');
    expect(decodeCbor(whole.subarray(1, 6), LIMIT)).to.deep.equal(['a', Uint8Array.of(1)]);
  });

  it('brings back what was written', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeCbor(encodeCbor(value), 100_000)).to.deep.equal(value);
      }),
    );
  });

  it('writes the same bytes as another implementation', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(toHex(encodeCbor(value))).to.equal(toHex(cborgEncode(value, rfc8949EncodeOptions)));
      }),
    );
  });

  it('accepts no two encodings of one value: a changed byte is refused or means something else', () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const bytes = encodeCbor(value);
        const changed = bytes.slice();
        changed[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
        const read = decodedOrRefused(changed);
        if (read !== REFUSED) expect(equal(encodeCbor(read as CborValue), changed)).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it('accepts of any bytes only what another implementation reads the same', () => {
    // Starting like CBOR that is allowed, so that not all are refused at once.
    const piece = fc.constantFrom(
      '00',
      '17',
      '1818',
      '40',
      '4101',
      '60',
      '6161',
      '6162',
      '80',
      '81',
      '82',
      'a0',
      'a1',
      'a2',
      'f4',
      'f6',
      'f93c00',
      '1817',
      '20',
      'c1',
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const bytes = fromHex(pieces.join(''));
        const read = decodedOrRefused(bytes);
        if (read === REFUSED) return;
        accepted++;
        expect(cborgDecode(bytes, { strict: true, rejectDuplicateMapKeys: true })).to.deep.equal(read);
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).to.be.greaterThan(50);
  });

  it('quotes nothing of the content in its errors', () => {
    const secret = 'correct horse';
    for (const bytes of [encodeCbor([secret, 0]).slice(0, -1), encodeCbor({ [secret]: 1 }).slice(0, -1)]) {
      try {
        decodeCbor(bytes, LIMIT);
        expect.fail('not refused');
      } catch (error) {
        expect(codeOf(error)).to.equal('cbor-malformed');
        expect(String(error) + JSON.stringify(error)).not.to.contain(secret);
      }
    }
  });
});

const REFUSED = Symbol('refused');

function decodedOrRefused(bytes: Uint8Array): unknown {
  try {
    return decodeCbor(bytes, 100_000);
  } catch (error) {
    if (codeOf(error) !== 'cbor-malformed') throw error;
    return REFUSED;
  }
}
