import { expect } from 'chai';
import fc from 'fast-check';
import { fromBase64url, fromHex, toBase64url, toHex } from '../../src/bytes/text.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { codeOf } from '../../src/errors.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

describe('hexadecimal', () => {
  it('writes lower case', () => {
    expect(toHex(Uint8Array.of(0, 1, 0x7f, 0x80, 0xab, 0xff))).to.equal('00017f80abff');
  });

  for (const text of ['0', 'abc', 'AB', 'aB', '0x', 'g0', ' 0', '0\n', '٠٠', '-1', '00 0', '𝟘']) {
    it(`refuses ${JSON.stringify(text)}`, async () => {
      expect(await codeOfThrow(() => fromHex(text))).to.equal('hex-malformed');
    });
  }

  it('brings back what was written', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(fromHex(toHex(value))).to.deep.equal(value);
      }),
    );
  });
});

describe('base64url', () => {
  // RFC 4648 §10, without padding.
  const known = [
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ] as const;
  for (const [text, encoded] of known) {
    it(`writes and reads ${JSON.stringify(text)}`, () => {
      expect(toBase64url(utf8(text))).to.equal(encoded);
      expect(fromBase64url(encoded)).to.deep.equal(utf8(text));
    });
  }

  it('uses the alphabet for URLs', () => {
    expect(toBase64url(Uint8Array.of(0xfb, 0xff, 0xfe))).to.equal('-__-');
  });

  const refused = {
    'an impossible length': 'Zm9vY',
    padding: 'Zg==',
    'one sign of padding': 'Zm8=',
    'a bit left over after one byte': 'Zh',
    'a high bit left over after one byte': 'Zo',
    'a bit left over after two bytes': 'Zm9',
    'the other alphabet’s plus': '-_+-',
    'the other alphabet’s slash': '-_/-',
    'a space': 'Zm 9',
    'a line end': 'Zm9v\n',
    'a letter beyond ASCII': 'Zm9ｖ',
    'a letter of two UTF-16 units': 'Zm𝐯',
  };
  for (const [why, text] of Object.entries(refused)) {
    it(`refuses ${why}`, async () => {
      expect(await codeOfThrow(() => fromBase64url(text))).to.equal('base64url-malformed');
    });
  }

  it('brings back what was written', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(fromBase64url(toBase64url(value))).to.deep.equal(value);
      }),
    );
  });

  it('has one text for each bytes', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ABQZagwz019-_=+/ '), maxLength: 12 });
    fc.assert(
      fc.property(text, (value) => {
        let read: Uint8Array;
        try {
          read = fromBase64url(value);
        } catch (error) {
          expect(codeOf(error)).to.equal('base64url-malformed');
          return;
        }
        expect(toBase64url(read)).to.equal(value);
      }),
      { numRuns: 1_000 },
    );
  });
});
