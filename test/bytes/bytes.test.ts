import { expect } from 'chai';
import fc from 'fast-check';
import { compare, concat, equal, fromUtf8, u32be, u64be, utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('byte strings', () => {
  it('joins', () => {
    expect(concat()).to.deep.equal(new Uint8Array());
    expect(concat(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).to.deep.equal(Uint8Array.of(1, 2, 3));
  });

  it('finds equal what has the same bytes, and nothing else', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equal(a, a.slice())).to.equal(true);
        expect(equal(a, b)).to.equal(toHex(a) === toHex(b));
      }),
    );
    expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1))).to.equal(false);
    expect(equal(Uint8Array.of(1), Uint8Array.of(1, 0))).to.equal(false);
  });

  it('orders as the hexadecimal texts do', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [left, right] = [toHex(a), toHex(b)];
        expect(Math.sign(compare(a, b))).to.equal(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
    expect(compare(Uint8Array.of(1), Uint8Array.of(1, 0))).to.be.lessThan(0);
    expect(compare(Uint8Array.of(0x80), Uint8Array.of(0x7f))).to.be.greaterThan(0);
  });

  it('writes integers with the high byte first', () => {
    expect(toHex(u32be(0x01020304))).to.equal('01020304');
    expect(toHex(u32be(2 ** 32 - 1))).to.equal('ffffffff');
    expect(toHex(u64be(Number.MAX_SAFE_INTEGER))).to.equal('001fffffffffffff');
    expect(toHex(u64be(0))).to.equal('0000000000000000');
  });

  for (const [name, write, value] of [
    ['u32be', u32be, 2 ** 32],
    ['u32be', u32be, -1],
    ['u32be', u32be, 0.5],
    ['u64be', u64be, 2 ** 53],
    ['u64be', u64be, -1],
    ['u64be', u64be, NaN],
  ] as const) {
    it(`does not write ${name}(${value})`, async () => {
      expect(await codeOfThrow(() => write(value))).to.equal('integer-out-of-range');
    });
  }

  it('reads UTF-8, a byte order mark as well', () => {
    for (const text of ['', 'a', 'ü水𐅑', '\ufeffa', '\0']) expect(fromUtf8(utf8(text))).to.equal(text);
  });

  for (const [why, malformed] of [
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0x80]],
    ['a sequence cut off', [0xe6, 0xb0]],
    ['a byte that cannot be', [0xff]],
  ] as const) {
    it(`refuses ${why} as UTF-8`, async () => {
      expect(await codeOfThrow(() => fromUtf8(Uint8Array.from(malformed)))).to.equal('utf8-malformed');
    });
  }
});
