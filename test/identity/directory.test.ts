import { expect } from 'chai';
import fc from 'fast-check';
import { compare, equal, utf8 } from '../../src/bytes/bytes.ts';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { ChatError, codeOf } from '../../src/errors.ts';
import { deviceIdOf } from '../../src/identity/device.ts';
import {
  decodeBundle,
  encodeBundle,
  memberById,
  openBundle,
  signDirectory,
  signRenewal,
  type Directory,
  type OpenDirectory,
} from '../../src/identity/directory.ts';
import { isFresh, supersedes } from '../../src/identity/directory-order.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { DAY, directoryOf, HOUR, ISSUED, keyOf, renewalOf, seedOf } from '../support/directory-fixtures.ts';
import vectors from '../vectors/directory.json' with { type: 'json' };

const deskKey = fromHex(vectors.deskKey);
const open = (hex: string): Promise<OpenDirectory> => openBundle(nobleCrypto, fromHex(hex), deskKey);

describe('directory bundles (§5.1)', () => {
  for (const { name, bundle, code, expected } of vectors.bundles) {
    if (expected === null) {
      it(`refuses, as ${code}: ${name}`, async () => {
        expect(await codeOfThrow(() => open(bundle))).to.equal(code);
      });
    } else {
      it(`opens: ${name}`, async () => {
        const opened = await open(bundle);
        expect(opened.position).to.deep.equal({ version: expected.version, renewal: expected.renewal });
        expect(toHex(opened.hash)).to.equal(expected.hash);
        expect(opened.issuedAt).to.equal(expected.issuedAt);
        expect(opened.freshUntil).to.equal(expected.freshUntil);
        expect(opened.members.map(({ id }) => toHex(id))).to.deep.equal(expected.members);
        expect([...opened.membersById.keys()]).to.deep.equal(expected.members);
        expect(toHex(opened.bytes)).to.equal(bundle);
        expect(toHex(encodeBundle(decodeBundle(opened.bytes)))).to.equal(bundle);
      });
    }
  }

  it('refuses a bundle with any one byte changed', async () => {
    const whole = vectors.bundles.find(({ name }) => name === 'a renewal that removes a member')?.bundle ?? '';
    const bytes = fromHex(whole);
    await open(whole);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(await codeOfThrow(() => openBundle(nobleCrypto, changed, deskKey)), `byte ${at}`).not.to.equal('accepted');
    }
  });

  it('refuses a bundle with any one byte left out at its end', async () => {
    const bytes = fromHex(vectors.bundles[0]?.bundle ?? '');
    for (let length = 0; length < bytes.length; length++) {
      const code = await codeOfThrow(() => openBundle(nobleCrypto, bytes.slice(0, length), deskKey));
      expect(code).to.equal('cbor-malformed');
    }
  });

  it('opens what was signed, whatever it says', async () => {
    const clean = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
      const size = utf8(text).length;
      return size >= 1 && size <= 80 && !/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text);
    });
    const member = fc.record({
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      role: fc.constantFrom('agent' as const, 'supervisor' as const, 'bot' as const),
      name: clean,
    });
    const members = fc.uniqueArray(member, { maxLength: 8, selector: ({ key }) => toHex(key) });
    const changes = fc.record({
      version: fc.integer({ min: 1 }),
      name: clean,
      freshUntil: fc.integer({ min: ISSUED + 1, max: ISSUED + 72 * HOUR }),
      members: members.map((list) => list.sort((a, b) => compare(a.key, b.key))),
    });
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const directory: Directory = await directoryOf({}, { ...changed, renewUntil: ISSUED + 10 * DAY });
        const base = await signDirectory(nobleCrypto, seedOf('root'), directory);
        const opened = await openBundle(nobleCrypto, encodeBundle({ base, renewal: null }), deskKey);
        expect(opened.directory).to.deep.equal(directory);
        for (const { key } of directory.members) {
          expect(memberById(opened, deviceIdOf(key))?.key).to.deep.equal(key);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a bundle that is too large before it reads it', async () => {
    const bytes = new Uint8Array(81_921).fill(0xff);
    expect(await codeOfThrow(() => openBundle(nobleCrypto, bytes, deskKey))).to.equal('cbor-too-large');
  });

  it('refuses base bytes that are too large', async () => {
    const bytes = encodeCbor([[new Uint8Array(61_441), new Uint8Array(64)], null]);
    expect(await codeOfThrow(() => openBundle(nobleCrypto, bytes, deskKey))).to.equal('shape-mismatch');
  });

  it('opens a desk of 400, and refuses 401', async () => {
    const crowd = (count: number): Directory['members'] =>
      Array.from({ length: count }, (_, i) => {
        const key = new Uint8Array(32).fill(7);
        new DataView(key.buffer).setUint32(0, i);
        return { key, role: 'agent', name: `Agent ${i}` };
      });
    const bundle = async (count: number): Promise<Uint8Array> => {
      const base = await signDirectory(nobleCrypto, seedOf('root'), await directoryOf({}, { members: crowd(count) }));
      return encodeBundle({ base, renewal: null });
    };
    const opened = await openBundle(nobleCrypto, await bundle(400), deskKey);
    expect(opened.members.length).to.equal(400);
    expect(await codeOfThrow(() => bundle(401))).to.equal('shape-mismatch');
  });
});

describe('signing a directory (§5.1)', () => {
  const thrown = async (act: () => Promise<unknown>): Promise<string[]> => {
    try {
      await act();
    } catch (error) {
      if (error instanceof ChatError) return [error.kind, error.code];
      throw error;
    }
    return ['accepted'];
  };
  const signing = (changes: Partial<Directory>, seed = seedOf('root')) =>
    thrown(async () => signDirectory(nobleCrypto, seed, await directoryOf(undefined, changes)));

  it('tells the caller what is wrong, before anything is signed', async () => {
    expect(await signing({ name: '' })).to.deep.equal(['usage', 'shape-mismatch']);
    expect(await signing({ freshUntil: ISSUED + 73 * HOUR })).to.deep.equal(['usage', 'directory-invalid']);
    expect(await signing({}, seedOf('alice'))).to.deep.equal(['usage', 'directory-foreign']);
    const names = { version: 1, members: (await directoryOf()).members.reverse() };
    expect(await signing(names)).to.deep.equal(['usage', 'shape-mismatch']);
  });

  it('refuses a renewal that is no renewal', async () => {
    const directory = await directoryOf();
    const base = await signDirectory(nobleCrypto, seedOf('root'), directory);
    const renewal = renewalOf(directory, base[0], { renewal: 0 });
    expect(await thrown(() => signRenewal(nobleCrypto, seedOf('renewer'), renewal))).to.deep.equal([
      'usage',
      'shape-mismatch',
    ]);
  });
});

describe('members in force (§5.1)', () => {
  it('are found by their device id, the removed are not', async () => {
    const directory = await directoryOf();
    const base = await signDirectory(nobleCrypto, seedOf('root'), directory);
    const alice = deviceIdOf(await keyOf('alice'));
    const bob = deviceIdOf(await keyOf('bob'));
    const renewal = await signRenewal(
      nobleCrypto,
      seedOf('renewer'),
      renewalOf(directory, base[0], { removed: [alice] }),
    );
    const opened = await openBundle(nobleCrypto, encodeBundle({ base, renewal }), deskKey);
    expect(memberById(opened, bob)).to.deep.equal({
      key: await keyOf('bob'),
      role: 'supervisor',
      name: 'bob',
      id: bob,
    });
    expect(memberById(opened, alice)).to.equal(undefined);
    expect(memberById(opened, new Uint8Array(16))).to.equal(undefined);
  });
});

describe('the order of bundles (§5.2, §5.4)', () => {
  for (const { name, held, candidate, now, outcome } of vectors.order) {
    it(`${outcome}: ${name}`, async () => {
      const before = held === null ? null : await open(held);
      const after = await open(candidate);
      const found = await codeOfThrow(() => supersedes(before, after, now));
      const accepted = outcome === 'newer' || outcome === 'same';
      expect(found).to.equal(accepted ? 'accepted' : outcome);
      if (accepted) expect(supersedes(before, after, now)).to.equal(outcome);
    });
  }

  it('never lets two bundles each replace the other', async () => {
    const distinct = [...new Set(vectors.order.map(({ candidate }) => candidate))];
    const opened = await Promise.all(distinct.map(open));
    const outcome = (held: OpenDirectory, candidate: OpenDirectory): string => {
      try {
        return supersedes(held, candidate, ISSUED + HOUR);
      } catch (error) {
        return codeOf(error);
      }
    };
    for (const a of opened) {
      for (const b of opened) {
        const [there, back] = [outcome(a, b), outcome(b, a)];
        if (there === 'newer') expect(back).to.be.oneOf(['directory-older', 'directory-equivocation']);
        expect(there === 'same').to.equal(equal(a.bytes, b.bytes));
      }
    }
  });

  it('is not defined between two desks', async () => {
    const directory = await directoryOf(undefined, { desk: await keyOf('other root') });
    const base = await signDirectory(nobleCrypto, seedOf('other root'), directory);
    const foreign = await openBundle(nobleCrypto, encodeBundle({ base, renewal: null }), await keyOf('other root'));
    const own = await open(vectors.bundles[0]?.bundle ?? '');
    expect(await codeOfThrow(() => supersedes(own, foreign, ISSUED))).to.equal('directory-foreign');
  });

  it('is fresh from its issue to its end, with 10 minutes for clocks that differ', async () => {
    const opened = await open(vectors.bundles[0]?.bundle ?? '');
    const tolerance = 10 * 60_000;
    expect(isFresh(opened, opened.issuedAt - tolerance - 1)).to.equal(false);
    expect(isFresh(opened, opened.issuedAt - tolerance)).to.equal(true);
    expect(isFresh(opened, opened.freshUntil + tolerance)).to.equal(true);
    expect(isFresh(opened, opened.freshUntil + tolerance + 1)).to.equal(false);
  });
});
