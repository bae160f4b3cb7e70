import { expect } from 'chai';
import { nameShape } from '../../src/identity/names.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

describe('names (§3)', () => {
  for (const name of [
    'A',
    'Zoë Ångström',
    '李小龍',
    'مريم',
    'x'.repeat(80),
    'ü'.repeat(40),
    '👩‍👩‍👧',
    '\u00a0',
    'O’Neil',
  ]) {
    it(`may be ${JSON.stringify(name)}`, () => {
      expect(nameShape(name, 'name')).to.equal(name);
    });
  }

  for (const [why, name] of [
    ['nothing', ''],
    ['81 bytes', 'x'.repeat(81)],
    ['82 bytes in 41 characters', 'ü'.repeat(41)],
    ['a number', 7],
    ['null', null],
  ] as const) {
    it(`are not ${why}`, async () => {
      expect(await codeOfThrow(() => nameShape(name, 'name'))).to.equal('shape-mismatch');
    });
  }

  const forbidden = [
    0x00, 0x09, 0x0a, 0x1f, 0x7f, 0x80, 0x9f, 0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066,
    0x2067, 0x2068, 0x2069,
  ];
  for (const code of forbidden) {
    it(`have no U+${code.toString(16).padStart(4, '0')}`, async () => {
      const name = `a${String.fromCodePoint(code)}b`;
      expect(await codeOfThrow(() => nameShape(name, 'name'))).to.equal('shape-mismatch');
    });
  }

  for (const code of [0x20, 0x7e, 0xa0, 0x061b, 0x200d, 0x2010, 0x2029, 0x202f, 0x2065, 0x206a]) {
    it(`may have U+${code.toString(16).padStart(4, '0')}`, () => {
      const name = `a${String.fromCodePoint(code)}b`;
      expect(nameShape(name, 'name')).to.equal(name);
    });
  }
});
