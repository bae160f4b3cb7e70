import { expect } from 'chai';
import fc from 'fast-check';
import { pad, padmeLength, padTo, unpad, unpadFrom } from '../../src/bytes/padding.ts';
import { codeOf } from '../../src/errors.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

/** Padmé by integers alone: the bits below the leading s are rounded up to zero. */
function reference(length: number): number {
  const e = length.toString(2).length - 1;
  const s = e.toString(2).length;
  const free = BigInt(Math.max(0, e - s));
  return Number((((BigInt(length) - 1n) >> free) + 1n) << free);
}

describe('Padmé (§11.1)', () => {
  const known = [
    [2, 2],
    [8, 8],
    [9, 10],
    [256, 256],
    [257, 272],
    [272, 272],
    [273, 288],
    [511, 512],
    [513, 544],
    [1_000, 1_024],
    [1_025, 1_088],
    [65_537, 67_584],
    [98_304, 98_304],
    [104_857_600, 104_857_600],
    [104_857_601, 106_954_752],
    [2 ** 31 + 1, 2 ** 31 + 2 ** 26],
  ] as const;
  for (const [length, padded] of known) {
    it(`pads ${length} to ${padded}`, () => {
      expect(padmeLength(length)).to.equal(padded);
      expect(reference(length)).to.equal(padded);
    });
  }

  it('agrees with integer arithmetic at every length to 20,000 and round every power of two', () => {
    const lengths = Array.from({ length: 20_000 }, (_, i) => i + 2);
    for (let k = 15; k < 32; k++) lengths.push(2 ** k - 1, 2 ** k, 2 ** k + 1);
    for (const length of lengths) {
      if (padmeLength(length) !== reference(length)) expect.fail(`${length}`);
    }
  });

  it('never shortens, adds at most 12 %, and leaves its own lengths alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2 ** 31 }), (length) => {
        const padded = padmeLength(length);
        expect(padded).to.be.at.least(length);
        expect(padded).to.be.at.most(length * 1.12);
        expect(padmeLength(padded)).to.equal(padded);
      }),
    );
  });

  it('keeps the order of lengths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2 ** 31 }), fc.nat(100_000), (length, more) => {
        expect(padmeLength(length + more)).to.be.at.least(padmeLength(length));
      }),
    );
  });

  for (const length of [-1, 0.5, NaN, 2 ** 32]) {
    it(`is not defined for ${length}`, async () => {
      expect(await codeOfThrow(() => padmeLength(length))).to.equal('length-out-of-range');
    });
  }
});

describe('padding (§11.1)', () => {
  it('brings back what was padded, of a Padmé length of at least 256', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
        const padded = pad(bytes);
        expect(padded.length).to.equal(reference(Math.max(256, bytes.length + 1)));
        expect(unpad(padded)).to.deep.equal(bytes);
      }),
    );
  });

  it('tells trailing zeros and marks of the content from its own', () => {
    for (const bytes of [Uint8Array.of(0x80), Uint8Array.of(0x80, 0, 0), new Uint8Array(255), new Uint8Array(256)]) {
      expect(unpad(pad(bytes))).to.deep.equal(bytes);
    }
  });

  const marked = (length: number, at: number): Uint8Array => {
    const padded = new Uint8Array(length);
    padded[at] = 0x80;
    return padded;
  };
  const malformed: Record<string, Uint8Array> = {
    nothing: new Uint8Array(),
    'zeros without a mark': new Uint8Array(256),
    'a last byte that is no mark': new Uint8Array(256).fill(1),
    'fewer than 256 bytes': marked(255, 0),
    'more than 256 bytes for a short content': marked(272, 0),
    'a length that Padmé does not have': marked(257, 256),
    'the next longer length': marked(288, 256),
  };
  for (const [why, padded] of Object.entries(malformed)) {
    it(`refuses ${why}`, async () => {
      expect(await codeOfThrow(() => unpad(padded))).to.equal('padding-malformed');
    });
  }

  it('accepts of any bytes only what it would have made', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(600), (length, at) => {
        const padded = marked(length, at);
        try {
          expect(pad(unpad(padded))).to.deep.equal(padded);
        } catch (error) {
          expect(codeOf(error)).to.equal('padding-malformed');
        }
      }),
    );
  });

  it('pads to a fixed size that has room for the mark', async () => {
    expect(unpadFrom(padTo(Uint8Array.of(1, 2), 64))).to.deep.equal(Uint8Array.of(1, 2));
    expect(unpadFrom(padTo(new Uint8Array(63), 64))).to.deep.equal(new Uint8Array(63));
    expect(await codeOfThrow(() => padTo(new Uint8Array(64), 64))).to.equal('padding-too-small');
  });
});
