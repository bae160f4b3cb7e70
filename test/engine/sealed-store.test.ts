import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { codecOf, mapOf, textOf, uintUpTo } from '../../src/bytes/shape.ts';
import { toHex } from '../../src/bytes/text.ts';
import type { RecordStore, StoredRecord } from '../../src/engine/ports.ts';
import { ChatError } from '../../src/errors.ts';
import {
  openSealedStore,
  put,
  rawBytes,
  remove,
  sealedTable,
  type KeyPart,
  type SealedStore,
} from '../../src/engine/sealed-store.ts';
import { VaultKeys } from '../../src/vault/vault-keys.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const note = mapOf({ text: textOf(0, 1_000), order: uintUpTo() });
const notes = sealedTable('messages', codecOf('note', 4_096, note));
const blobs = sealedTable('files', rawBytes);

const randomness = (): ((length: number) => Uint8Array) => {
  let counter = 0;
  return (length) => Uint8Array.from({ length }, (_, i) => (i < 4 ? (counter += 1) >> (8 * (i % 2)) : i) & 255);
};

function keysOf(seed: number): VaultKeys {
  return new VaultKeys({ vmk: new Uint8Array(32).fill(seed), vid: new Uint8Array(16).fill(seed) });
}

describe('the sealed store', () => {
  let disk: MemoryDisk;
  let records: RecordStore;
  let keys: VaultKeys;
  let store: SealedStore;

  beforeEach(() => {
    disk = new MemoryDisk();
    records = disk.open();
    keys = keysOf(7);
    store = openSealedStore({ records, random: randomness() }, keys);
  });

  const rows = async (): Promise<StoredRecord[]> => records.list('messages', { from: '', to: 'g' });

  it('reads what it wrote, with versions that count the writes', async () => {
    expect(await store.get(notes, ['draft'])).to.equal(undefined);
    await store.commit([put(notes, ['draft'], { text: 'a', order: 1 }, 0), put(blobs, ['f'], Uint8Array.of(1, 2), 0)]);
    const first = await store.get(notes, ['draft']);
    expect(first?.value).to.deep.equal({ text: 'a', order: 1 });
    expect(first?.version).to.equal(1);
    expect((await store.get(blobs, ['f']))?.value).to.deep.equal(Uint8Array.of(1, 2));

    await store.commit([put(notes, ['draft'], { text: 'b', order: 2 }, 1)]);
    expect(await store.get(notes, ['draft'])).to.include({ version: 2, key: first?.key });
    await store.commit([remove(notes, ['draft'], 2)]);
    expect(await store.get(notes, ['draft'])).to.equal(undefined);
  });

  it('refuses what was made from an older version, and writes nothing then', async () => {
    await store.commit([put(notes, ['a'], { text: 'a', order: 1 }, 0)]);
    const late = [put(notes, ['b'], { text: 'b', order: 1 }, 0), put(notes, ['a'], { text: 'c', order: 1 }, 0)];
    expect(await codeOfThrow(() => store.commit(late))).to.equal('store-conflict');
    expect(await codeOfThrow(() => store.commit([remove(notes, ['a'], 2)]))).to.equal('store-conflict');
    expect(await store.get(notes, ['b'])).to.equal(undefined);
    expect((await store.get(notes, ['a']))?.value.text).to.equal('a');
  });

  it('refuses one row twice in a commit, however it is named', async () => {
    await store.commit([put(notes, ['a'], { text: 'a', order: 1 }, 0)]);
    const key = (await store.get(notes, ['a']))?.key;
    expect(key).not.to.equal(undefined);
    if (key === undefined) return;
    const twice = [remove(notes, ['a'], 1), put(notes, key, { text: 'b', order: 1 }, 1)];
    expect(await codeOfThrow(() => store.commit(twice))).to.equal('commit-duplicate');
    await store.commit([put(notes, key, { text: 'b', order: 2 }, 1)]);
    expect((await store.get(notes, ['a']))?.value.text).to.equal('b');
  });

  it('refuses values that break their own shape, before anything is written', async () => {
    expect(await codeOfThrow(() => put(notes, ['a'], { text: 'a', order: -1 }, 0))).to.equal('shape-mismatch');
  });

  it('lets nothing be read from rows but numbers and sizes', async () => {
    const secret = 'a very telling word';
    await store.commit([
      put(notes, [secret, 5, Uint8Array.of(1, 2, 3)], { text: secret, order: 1 }, 0),
      put(notes, [secret, 6, Uint8Array.of(1, 2, 3)], { text: '', order: 2 }, 0),
      put(notes, ['else', 5], { text: secret, order: 1 }, 0),
    ]);
    const all = await rows();
    const hex = all.map(({ key, bytes }) => `${key} ${toHex(bytes)}`).join();
    expect(hex).not.to.include(toHex(new TextEncoder().encode(secret)));
    expect(new Set(all.map(({ bytes }) => bytes.length)).size).to.equal(1);
    const [first, second] = all.filter(({ key }) => key.length === 80);
    expect(first?.key.slice(32, 48)).to.equal('0000000000000005');
    expect(second?.key.slice(32, 48)).to.equal('0000000000000006');
    expect(first?.key.slice(0, 32)).to.equal(second?.key.slice(0, 32));
  });

  it('never seals twice with one nonce', async () => {
    const seen = new Set<string>();
    for (let version = 0; version < 20; version++) {
      await store.commit([put(notes, ['a'], { text: 'same', order: 1 }, version)]);
      for (const { bytes } of await rows()) seen.add(toHex(bytes.slice(0, 24)));
    }
    expect(seen.size).to.equal(20);
  });

  it('refuses rows that were moved, copied back or changed on the disk', async () => {
    await store.commit([
      put(notes, ['a'], { text: 'one', order: 1 }, 0),
      put(notes, ['b'], { text: 'two', order: 1 }, 0),
    ]);
    const [a, b] = await rows();
    if (a === undefined || b === undefined) throw new Error('two rows were written');

    const overwrite = (key: string, from: StoredRecord, version: number): Promise<void> =>
      records.commit([{ table: 'messages', key, expects: 1, record: { version, bytes: from.bytes } }]);
    await overwrite(a.key, b, 1);
    const codes = [await codeOfThrow(() => store.get(notes, ['a'])), await codeOfThrow(() => store.get(notes, ['b']))];
    expect(codes.sort()).to.deep.equal(['accepted', 'record-damaged']);
    expect(await codeOfThrow(() => store.list(notes, { prefix: [] }))).to.equal('record-damaged');

    await overwrite(a.key, a, 1);
    expect(await codeOfThrow(() => store.list(notes, { prefix: [] }))).to.equal('accepted');
    await overwrite(a.key, a, 2);
    expect(await codeOfThrow(() => store.list(notes, { prefix: [] }))).to.equal('record-damaged');
  });

  it('never blames a peer for a damaged row', async () => {
    await store.commit([put(notes, ['a'], { text: 'one', order: 1 }, 0)]);
    const other = sealedTable('messages', codecOf('other', 4_096, mapOf({ title: textOf(0, 10) })));
    const kindOf = (read: () => Promise<unknown>): Promise<unknown> =>
      read().then(
        () => 'accepted',
        (error: unknown) => (error instanceof ChatError ? [error.kind, error.code] : error),
      );
    expect(await kindOf(() => store.get(other, ['a']))).to.deep.equal(['internal', 'record-damaged']);
    const [row] = await rows();
    if (row === undefined) throw new Error('a row was written');
    const bytes = row.bytes.slice(0, -1);
    await records.commit([{ table: 'messages', key: row.key, expects: 1, record: { version: 1, bytes } }]);
    expect(await kindOf(() => store.get(notes, ['a']))).to.deep.equal(['internal', 'record-damaged']);
    expect(await kindOf(() => store.list(notes, { prefix: [] }))).to.deep.equal(['internal', 'record-damaged']);
  });

  it('finds nothing of another vault on the same disk', async () => {
    await store.commit([put(notes, ['a'], { text: 'one', order: 1 }, 0)]);
    const other = openSealedStore({ records, random: randomness() }, keysOf(8));
    expect(await other.get(notes, ['a'])).to.equal(undefined);
    expect(await codeOfThrow(() => other.list(notes, { prefix: [] }))).to.equal('record-damaged');
  });

  it('lists by prefix, in the order of numbers, between bounds, from either end', async () => {
    const orders = [0, 1, 2, 9, 10, 255, 256, 65_536, 2 ** 32, Number.MAX_SAFE_INTEGER];
    const shuffled = [...orders].sort((a, b) => (a % 7) - (b % 7));
    await store.commit([
      ...shuffled.map((order) => put(notes, ['chat', order], { text: 'chat', order }, 0)),
      put(notes, ['other', 3], { text: 'other', order: 3 }, 0),
      put(notes, ['chat', 9, 'part'], { text: 'part', order: 9 }, 0),
    ]);
    const listed = async (range: Parameters<SealedStore['list']>[1]): Promise<number[]> =>
      (await store.list(notes, range)).filter(({ value }) => value.text === 'chat').map(({ value }) => value.order);
    const prefix = ['chat'];

    expect(await listed({ prefix })).to.deep.equal(orders);
    expect(await listed({ prefix, reverse: true })).to.deep.equal([...orders].reverse());
    expect(await listed({ prefix, after: 9 })).to.deep.equal(orders.slice(4));
    expect(await listed({ prefix, before: 9 })).to.deep.equal([0, 1, 2]);
    expect(await listed({ prefix, after: 0, before: 10 })).to.deep.equal([1, 2, 9]);
    expect(await listed({ prefix, after: 3, before: 4 })).to.deep.equal([]);
    expect(await listed({ prefix, after: 10, before: 2 })).to.deep.equal([]);
    expect(await listed({ prefix, limit: 2 })).to.deep.equal([0, 1]);
    expect(await listed({ prefix, limit: 2, reverse: true })).to.deep.equal([Number.MAX_SAFE_INTEGER, 2 ** 32]);
    expect(await listed({ prefix, before: 256, limit: 2, reverse: true })).to.deep.equal([255, 10]);
    expect(await store.count(notes, { prefix })).to.equal(orders.length + 1);
    expect(await store.count(notes, { prefix, after: 9 })).to.equal(orders.length - 4);
    expect(await store.count(notes, { prefix: ['other'] })).to.equal(1);
    expect(await store.count(notes, { prefix: ['nobody'] })).to.equal(0);
    expect(await store.count(notes, { prefix: [] })).to.equal(orders.length + 2);
    expect(await store.count(notes, { prefix: ['chat', 9] })).to.equal(2);
  });

  it('goes on from a row that was listed, and stays within the prefix', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `name ${i}`);
    await store.commit(names.map((name, order) => put(notes, ['chat', name], { text: name, order }, 0)));
    await store.commit(names.map((name, order) => put(notes, ['else', name], { text: 'else', order }, 0)));
    const all = await store.list(notes, { prefix: ['chat'] });
    const paged: string[] = [];
    for (let page = all.slice(0, 0); ;) {
      const last = page.at(-1);
      page = await store.list(notes, {
        prefix: ['chat'],
        limit: 4,
        ...(last === undefined ? {} : { after: last.key }),
      });
      if (page.length === 0) break;
      paged.push(...page.map(({ value }) => value.text));
    }
    expect(paged).to.deep.equal(all.map(({ value }) => value.text));
    expect([...paged].sort()).to.deep.equal([...names].sort());

    const foreign = (await store.list(notes, { prefix: ['else'] })).map(({ key }) => key);
    for (const key of foreign) {
      const after = await store.list(notes, { prefix: ['chat'], after: key });
      const before = await store.list(notes, { prefix: ['chat'], before: key });
      expect(after.length + before.length).to.equal(25);
      expect([...after, ...before].every(({ value }) => value.text !== 'else')).to.equal(true);
    }
  });

  it('tells parts apart by kind and place', async () => {
    const part = fc.oneof(fc.string({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), fc.nat(3));
    const key = fc.array(part, { minLength: 1, maxLength: 3 });
    const nameOf = (parts: readonly KeyPart[]): string =>
      parts
        .map((p) =>
          typeof p === 'number' ? `n${p}` : typeof p === 'string' ? `s${JSON.stringify(p)}` : `b${toHex(p)}`,
        )
        .join();
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 12 }), async (list) => {
        const fresh = openSealedStore({ records: new MemoryDisk().open(), random: randomness() }, keys);
        const written = new Map<string, number>();
        for (const [order, parts] of list.entries()) {
          const known = await fresh.get(notes, parts);
          expect(known?.value.order).to.equal(written.get(nameOf(parts)));
          await fresh.commit([put(notes, parts, { text: '', order }, known?.version ?? 0)]);
          written.set(nameOf(parts), order);
        }
        expect(await fresh.count(notes, { prefix: [] })).to.equal(written.size);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses keys without parts and numbers without an order', async () => {
    const wrong: (readonly KeyPart[])[] = [[], [-1], [0.5], [NaN], [2 ** 53], ['a', Infinity]];
    for (const key of wrong) expect(await codeOfThrow(() => store.get(notes, key))).to.equal('key-malformed');
    expect(await codeOfThrow(() => store.list(notes, { prefix: ['a'], after: -1 }))).to.equal('key-malformed');
  });

  it('does nothing more once the vault is locked', async () => {
    await store.commit([put(notes, ['a'], { text: 'one', order: 1 }, 0)]);
    const key = (await store.get(notes, ['a']))?.key;
    keys.erase();
    expect(await codeOfThrow(() => store.get(notes, ['a']))).to.equal('vault-locked');
    expect(await codeOfThrow(() => store.list(notes, { prefix: [] }))).to.equal('vault-locked');
    expect(await codeOfThrow(() => store.commit([put(notes, ['b'], { text: '', order: 1 }, 0)]))).to.equal(
      'vault-locked',
    );
    if (key !== undefined) expect(await codeOfThrow(() => store.get(notes, key))).to.equal('vault-locked');
    expect(await rows()).to.have.length(1);
  });
});
