import { expect } from 'chai';
import { encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import {
  bool,
  bytesOf,
  codecOf,
  listOf,
  mapOf,
  oneOf,
  orNull,
  sortedBy,
  textOf,
  tupleOf,
  uintUpTo,
  type Shape,
} from '../../src/bytes/shape.ts';
import { ChatError, codeOf } from '../../src/errors.ts';

const b = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const sorted = sortedBy(listOf(bytesOf(1), 3), (item) => item);

const cases: readonly (readonly [
  name: string,
  shape: Shape<unknown>,
  good: readonly unknown[],
  bad: readonly unknown[],
])[] = [
  ['bytes of a size', bytesOf(2), [b(1, 2)], [b(), b(1), b(1, 2, 3), 'ab', [1, 2], null, undefined]],
  ['bytes of a range', bytesOf(1, 2), [b(1), b(1, 2)], [b(), b(1, 2, 3)]],
  ['an integer', uintUpTo(5, 1), [1, 5], [0, 6, 1.5, -1, NaN, '1', null, 1n]],
  ['any integer', uintUpTo(), [0, Number.MAX_SAFE_INTEGER], [2 ** 53, -1]],
  ['text, counted in bytes', textOf(1, 4), ['a', 'üü', '𐅑'], ['', 'abcde', 'üüa', '𐅑a', 1, null, b(1)]],
  ['bool', bool, [true, false], [0, 1, null, 'true']],
  ['one of these texts', oneOf('a', 'b'), ['a', 'b'], ['c', '', 1, null]],
  ['one of these numbers', oneOf(1, 2), [1, 2], ['1', 3, true, null]],
  ['or null', orNull(bool), [null, true], [undefined, 0]],
  ['a list', listOf(bool, 2, 1), [[true], [true, false]], [[], [true, true, true], [1], {}, 'a', null, [undefined]]],
  [
    'a sorted list',
    sorted,
    [[], [b(1)], [b(1), b(2)]],
    [
      [b(2), b(1)],
      [b(1), b(1)],
      [b(1), b(3), b(2)],
    ],
  ],
  [
    'a tuple',
    tupleOf(bool, oneOf(1)),
    [[true, 1]],
    [[true], [true, 1, 1], [1, true], {}, null, { 0: true, 1: 1, length: 2 }],
  ],
  [
    'a map',
    mapOf({ a: bool, b: orNull(bool) }),
    [{ a: true, b: null }],
    [
      { a: true },
      { a: true, b: null, c: 1 },
      { a: true, c: null },
      {},
      [],
      null,
      b(1),
      { a: true, b: undefined },
      Object.create({ a: true, b: null }),
    ],
  ],
];

describe('shapes', () => {
  for (const [name, shape, good, bad] of cases) {
    it(`${name}: takes what fits`, () => {
      for (const value of good) expect(shape(value, 'it')).to.deep.equal(value);
    });
    it(`${name}: refuses what does not`, () => {
      bad.forEach((value, i) => {
        try {
          shape(value, 'it');
        } catch (error) {
          expect(codeOf(error)).to.equal('shape-mismatch');
          return;
        }
        expect.fail(`number ${i} was taken`);
      });
    });
  }

  it('names the place of the fault', () => {
    const shape = mapOf({ list: listOf(mapOf({ size: uintUpTo(9) }), 3) });
    try {
      shape({ list: [{ size: 1 }, { size: 10 }] }, 'order');
      expect.fail('taken');
    } catch (error) {
      expect((error as ChatError).details).to.deep.equal({ path: 'order.list[1].size' });
    }
  });

  it('takes a map with fields named as methods of objects', () => {
    const shape = mapOf({ constructor: uintUpTo(), toString: uintUpTo() });
    expect(shape({ constructor: 1, toString: 2 }, 'it')).to.deep.equal({ constructor: 1, toString: 2 });
    expect(() => shape({ a: 1, b: 2 }, 'it')).to.throw(ChatError);
  });
});

describe('codecs', () => {
  const codec = codecOf('thing', 12, mapOf({ a: uintUpTo(99), b: bytesOf(0, 20) }));

  it('brings back what was encoded', () => {
    const value = { a: 7, b: b(1, 2) };
    expect(codec.decode(codec.encode(value))).to.deep.equal(value);
  });

  const thrown = (act: () => unknown): ChatError => {
    try {
      act();
    } catch (error) {
      if (error instanceof ChatError) return error;
      throw error;
    }
    return expect.fail('accepted');
  };

  it('refuses a peer’s bytes that do not fit', () => {
    const refused = (value: CborValue): string[] => {
      const { kind, code } = thrown(() => codec.decode(encodeCbor(value)));
      return [kind, code];
    };
    expect(refused({ a: 100, b: b() })).to.deep.equal(['peer', 'shape-mismatch']);
    expect(refused({ a: 1 })).to.deep.equal(['peer', 'shape-mismatch']);
    expect(refused({ a: 1, b: new Uint8Array(7) })).to.deep.equal(['peer', 'cbor-too-large']);
  });

  it('tells its own caller when a value does not fit', () => {
    const refused = (value: { a: number; b: Uint8Array }): string[] => {
      const { kind, code } = thrown(() => codec.encode(value));
      return [kind, code];
    };
    expect(refused({ a: 100, b: b() })).to.deep.equal(['usage', 'shape-mismatch']);
    expect(refused({ a: 1, b: new Uint8Array(7) })).to.deep.equal(['usage', 'cbor-too-large']);
  });
});
