/**
 * What every filling of the relay's store port must do.
 * @module
 */
import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { mailSize, type Appended, type NewMail, type RelayStore, type RowChange } from '../../src/relay/store.ts';

const DAY = 86_400_000;
const plenty = { items: 1000, bytes: 1 << 20, senderItems: 1000, senderBytes: 1 << 20, total: 1 << 30 };

/** A store to test; `reopen` closes it and opens what is left of it again. */
export interface StoreUnderTest {
  readonly store: RelayStore;
  readonly reopen: () => Promise<RelayStore>;
  readonly dispose: () => Promise<void>;
}

/** Registers the suite for one filling; `outlives`: whether what it holds outlives its object. */
export function relayStoreContract(name: string, outlives: boolean, open: () => Promise<StoreUnderTest>): void {
  describe(`relay store contract: ${name}`, () => {
    let test: StoreUnderTest;
    let store: RelayStore;
    beforeEach(async () => {
      test = await open();
      store = test.store;
    });
    afterEach(() => test.dispose());

    function append(items: readonly NewMail[], quota: typeof plenty): Promise<Appended[]> {
      const { items: most, bytes, senderItems, senderBytes, total } = quota;
      const share = { items: senderItems, bytes: senderBytes, total };
      return store.append(
        items.map((item) => ({ ...item, share })),
        { items: most, bytes },
      );
    }

    describe('rows', () => {
      it('reads back what was written, and nothing else', async () => {
        expect(await store.commit([put('tickets', 'a', 'one', 0, 5)])).to.be.true;
        const row = await store.get('tickets', 'a');
        expect(row?.key).to.equal('a');
        expect(row?.expires).to.equal(5);
        expect(text(row?.value)).to.equal('one');
        expect(row?.version).to.be.greaterThan(0);
        expect(await store.get('tickets', 'b')).to.be.undefined;
        expect(await store.get('queue', 'a')).to.be.undefined;
      });

      it('keeps its own copy of the value', async () => {
        const value = utf8('one');
        await store.commit([{ table: 'tickets', key: 'a', expects: 0, put: { value, expires: null } }]);
        value.fill(0);
        expect(text((await store.get('tickets', 'a'))?.value)).to.equal('one');
      });

      it('holds an empty value', async () => {
        await store.commit([put('spent', 'a', '', 0)]);
        expect((await store.get('spent', 'a'))?.value.length).to.equal(0);
      });

      it('commits all changes or none', async () => {
        await store.commit([put('queue', 'a', 'one', 0)]);
        expect(await store.commit([put('queue', 'b', 'two', 0), put('queue', 'a', 'three', 0)])).to.be.false;
        expect(await store.get('queue', 'b')).to.be.undefined;
        expect(text((await store.get('queue', 'a'))?.value)).to.equal('one');
        const { version } = (await store.get('queue', 'a')) ?? { version: 0 };
        expect(await store.commit([put('queue', 'b', 'two', 0), put('queue', 'a', 'three', version)])).to.be.true;
        expect(text((await store.get('queue', 'a'))?.value)).to.equal('three');
        expect(text((await store.get('queue', 'b'))?.value)).to.equal('two');
      });

      it('refuses an older version, also of a row that was removed and made again', async () => {
        await store.commit([put('queue', 'a', 'one', 0)]);
        const first = (await store.get('queue', 'a'))?.version ?? 0;
        await store.commit([drop('queue', 'a', first)]);
        expect(await store.get('queue', 'a')).to.be.undefined;
        await store.commit([put('queue', 'a', 'one', 0)]);
        expect(await store.commit([drop('queue', 'a', first)])).to.be.false;
        expect(await store.commit([put('queue', 'a', 'two', first)])).to.be.false;
        expect(text((await store.get('queue', 'a'))?.value)).to.equal('one');
      });

      it('writes and removes whatever there is when told so', async () => {
        expect(await store.commit([put('queue', 'a', 'one', 'any')])).to.be.true;
        expect(await store.commit([put('queue', 'a', 'two', 'any')])).to.be.true;
        expect(await store.commit([drop('queue', 'a', 'any')])).to.be.true;
        expect(await store.commit([drop('queue', 'a', 'any')])).to.be.true;
        expect(await store.get('queue', 'a')).to.be.undefined;
      });

      it('lets exactly one of many contenders win', async () => {
        await store.commit([put('queue', 'a', 'waiting', 0)]);
        const { version } = (await store.get('queue', 'a')) ?? { version: 0 };
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, i) => store.commit([put('queue', 'a', `claimed ${i}`, version)])),
        );
        expect(results.filter(Boolean)).to.have.length(1);
        expect(text((await store.get('queue', 'a'))?.value)).to.equal(`claimed ${results.indexOf(true)}`);
      });

      it('lists by prefix, in order, from after a key, up to a limit', async () => {
        const keys = ['b/2', 'a/1', 'b/1', 'b/10', 'b', 'c/1', 'b/3'];
        await store.commit(keys.map((key) => put('one-time', key, key, 0)));
        await store.commit([put('spent', 'b/0', 'other table', 0)]);
        const listed = async (prefix: string, limit: number, after?: string): Promise<string[]> => {
          const rows = await store.list('one-time', { prefix, limit, ...(after === undefined ? {} : { after }) });
          rows.forEach((row) => expect(text(row.value)).to.equal(row.key));
          return rows.map((row) => row.key);
        };
        expect(await listed('b/', 10)).to.deep.equal(['b/1', 'b/10', 'b/2', 'b/3']);
        expect(await listed('b/', 2)).to.deep.equal(['b/1', 'b/10']);
        expect(await listed('b/', 2, 'b/10')).to.deep.equal(['b/2', 'b/3']);
        expect(await listed('b/', 2, 'b/3')).to.deep.equal([]);
        expect(await listed('b/', 9, 'a')).to.have.length(4);
        expect(await listed('b/', 9, 'c')).to.deep.equal([]);
        expect(await listed('', 100)).to.deep.equal([...keys].sort());
        expect(await listed('x', 100)).to.deep.equal([]);
        expect(await store.count('one-time', 'b/')).to.equal(4);
        expect(await store.count('one-time', 'x')).to.equal(0);
        expect(await store.count('one-time', '')).to.equal(7);
      });

      it('sweeps what expired, a limited number at a time, and says what', async () => {
        await store.commit([put('tickets', 'a', '', 0, 10), put('tickets', 'b', '', 0, 20), put('queue', 'c', '', 0)]);
        await store.commit([put('tickets', 'd', '', 0, 5), put('tickets', 'e', '', 0, 10)]);
        // Rewritten with a later end, and rewritten to stay: the earlier end counts no more.
        await store.commit([put('tickets', 'd', '', 'any', 20), put('tickets', 'e', '', 'any')]);
        expect((await store.sweep({ now: 9, mailBefore: 0, limit: 10 })).rows).to.deep.equal([]);
        expect((await store.get('tickets', 'a'))?.expires).to.equal(10);
        expect((await store.sweep({ now: 10, mailBefore: 0, limit: 10 })).rows).to.deep.equal([
          { table: 'tickets', key: 'a' },
        ]);
        expect(await store.get('tickets', 'a')).to.be.undefined;
        const first = await store.sweep({ now: 100, mailBefore: 0, limit: 1 });
        expect(first.rows).to.have.length(1);
        expect(first.more).to.be.true;
        const second = await store.sweep({ now: 100, mailBefore: 0, limit: 1 });
        expect([...first.rows, ...second.rows].map(({ key }) => key).sort()).to.deep.equal(['b', 'd']);
        expect((await store.sweep({ now: 100, mailBefore: 0, limit: 1 })).rows).to.deep.equal([]);
        expect(await store.get('queue', 'c')).not.to.be.undefined;
        expect(await store.get('tickets', 'e')).not.to.be.undefined;
      });
    });

    describe('mailboxes', () => {
      beforeEach(() =>
        store.commit([put('devices', toHex(device(1)), '', 0), put('devices', toHex(device(2)), '', 0)]),
      );

      it('takes mail for known devices only, and answers item by item', async () => {
        const results = await append([mail(1, 'a'), mail(9, 'b'), mail(2, 'c')], plenty);
        expect(results).to.deep.equal(['accepted', 'device-unknown', 'accepted']);
        expect(await store.read(device(9), 0, 10)).to.deep.equal([]);
        const [one] = await store.read(device(1), 0, 10);
        expect(one && { ...one, bytes: text(one.bytes), to: toHex(one.to), from: toHex(one.from) }).to.deep.equal({
          seq: one?.seq,
          to: toHex(device(1)),
          from: toHex(device(7)),
          kind: 'frame',
          at: 1000,
          bytes: 'a',
        });
        const reset = { ...mail(1, 'r'), kind: 'reset' as const };
        await append([reset], plenty);
        expect((await store.read(device(1), one?.seq ?? 0, 10))[0]?.kind).to.equal('reset');
      });

      it('keeps the order in which calls were made', async () => {
        await Promise.all(Array.from({ length: 100 }, (_, i) => append([mail(1, `${i}`)], plenty)));
        const read = await store.read(device(1), 0, 1000);
        expect(read.map(({ bytes }) => text(bytes))).to.deep.equal(Array.from({ length: 100 }, (_, i) => `${i}`));
        read.forEach(({ seq }, i) => expect(seq).to.be.greaterThan(read[i - 1]?.seq ?? 0));
      });

      it('reads from after a number, up to a limit', async () => {
        await append(
          ['a', 'b', 'c', 'd'].map((body) => mail(1, body)),
          plenty,
        );
        const all = await store.read(device(1), 0, 10);
        const part = await store.read(device(1), all[0]?.seq ?? 0, 2);
        expect(part.map(({ bytes }) => text(bytes))).to.deep.equal(['b', 'c']);
        expect(await store.read(device(1), all[3]?.seq ?? 0, 2)).to.deep.equal([]);
      });

      it('deletes up to the number acknowledged and never gives a number twice', async () => {
        await append([mail(1, 'a'), mail(1, 'b'), mail(2, 'x')], plenty);
        const [a, b] = await store.read(device(1), 0, 10);
        await store.acknowledge(device(1), a?.seq ?? 0);
        expect((await store.read(device(1), 0, 10)).map(({ seq }) => seq)).to.deep.equal([b?.seq]);
        await store.acknowledge(device(1), b?.seq ?? 0);
        await store.acknowledge(device(1), b?.seq ?? 0);
        expect(await store.read(device(1), 0, 10)).to.deep.equal([]);
        expect(await store.held(device(1))).to.deep.equal({ items: 0, bytes: 0 });
        expect((await store.held(device(2))).items).to.equal(1);
        await append([mail(1, 'c')], plenty);
        expect((await store.read(device(1), 0, 10))[0]?.seq).to.be.greaterThan(b?.seq ?? Infinity);
      });

      it('acknowledges what does not exist without effect', async () => {
        await store.acknowledge(device(1), 1000);
        await store.acknowledge(device(9), 1000);
        expect(await store.held(device(9))).to.deep.equal({ items: 0, bytes: 0 });
      });

      it('holds to each part of the quota, within one call and over several, and frees it again', async () => {
        const items = { ...plenty, items: 2 };
        expect(await append([mail(1, 'a'), mail(1, 'b'), mail(1, 'c')], items)).to.deep.equal([
          'accepted',
          'accepted',
          'mailbox-full',
        ]);
        expect(await append([mail(1, 'd'), mail(2, 'e')], items)).to.deep.equal(['mailbox-full', 'accepted']);
        expect(await store.held(device(1))).to.deep.equal({ items: 2, bytes: 2 });
        const [first] = await store.read(device(1), 0, 1);
        await store.acknowledge(device(1), first?.seq ?? 0);
        expect(await append([mail(1, 'f')], items)).to.deep.equal(['accepted']);
        const bytes = { ...plenty, bytes: 5 };
        expect(await append([mail(1, 'long'), mail(1, 'abc')], bytes)).to.deep.equal(['mailbox-full', 'accepted']);
      });

      it('holds one sender to its share, not the others', async () => {
        const share = { ...plenty, senderItems: 1 };
        expect(await append([mail(1, 'a'), mail(1, 'b'), mail(1, 'c', 8)], share)).to.deep.equal([
          'accepted',
          'mailbox-full',
          'accepted',
        ]);
        const bytes = { ...plenty, senderBytes: 3 };
        expect(await append([mail(2, 'four'), mail(2, 'abc'), mail(2, 'd')], bytes)).to.deep.equal([
          'mailbox-full',
          'accepted',
          'mailbox-full',
        ]);
        const last = (await store.read(device(1), 0, 10)).at(-1);
        await store.acknowledge(device(1), last?.seq ?? 0);
        expect(await append([mail(1, 'again')], share)).to.deep.equal(['accepted']);
      });

      it('holds all mailboxes together to the total that each item allows, and frees it in every way', async () => {
        const size = mailSize({ items: 1, bytes: 4 });
        const total = { ...plenty, total: 2 * size };
        expect(await append([mail(1, 'four'), mail(2, 'four'), mail(2, 'four')], total)).to.deep.equal([
          'accepted',
          'accepted',
          'mailbox-full',
        ]);
        expect(await append([mail(1, 'more')], { ...plenty, total: 3 * size })).to.deep.equal(['accepted']);
        expect(await store.heldInAll()).to.deep.equal({ items: 3, bytes: 12 });
        const [first] = await store.read(device(1), 0, 1);
        await store.acknowledge(device(1), first?.seq ?? 0);
        await store.acknowledge(device(1), first?.seq ?? 0);
        expect(await store.heldInAll()).to.deep.equal({ items: 2, bytes: 8 });
        await store.commit([drop('devices', toHex(device(2)), 'any')]);
        expect(await store.heldInAll()).to.deep.equal({ items: 1, bytes: 4 });
        await store.sweep({ now: 0, mailBefore: 5 * DAY, limit: 10 });
        expect(await store.heldInAll()).to.deep.equal({ items: 0, bytes: 0 });
        expect(await append([mail(1, 'four')], total)).to.deep.equal(['accepted']);
      });

      it('sweeps mail of days gone by and keeps the rest', async () => {
        const at = (days: number, body: string): NewMail => ({ ...mail(1, body), at: days * DAY + 5 });
        await append([at(1, 'a'), at(2, 'b'), { ...at(2, 'x'), to: device(2) }, at(3, 'c')], plenty);
        const swept = await store.sweep({ now: 0, mailBefore: 3 * DAY + 10, limit: 10 });
        expect(swept.mail).to.equal(3);
        expect((await store.read(device(1), 0, 10)).map(({ bytes }) => text(bytes))).to.deep.equal(['c']);
        expect(await store.held(device(1))).to.deep.equal({ items: 1, bytes: 1 });
        expect(await store.held(device(2))).to.deep.equal({ items: 0, bytes: 0 });
        expect((await store.sweep({ now: 0, mailBefore: 3 * DAY + 10, limit: 10 })).mail).to.equal(0);
        expect((await store.sweep({ now: 0, mailBefore: 4 * DAY, limit: 10 })).mail).to.equal(1);
      });

      it('removes a mailbox with its device, by hand and by sweeping', async () => {
        await append([mail(1, 'a'), mail(1, 'b'), mail(2, 'c')], plenty);
        await store.commit([drop('devices', toHex(device(1)), 'any')]);
        expect(await store.read(device(1), 0, 10)).to.deep.equal([]);
        expect(await append([mail(1, 'd')], plenty)).to.deep.equal(['device-unknown']);
        await store.commit([put('devices', toHex(device(2)), '', 'any', 50)]);
        expect(await store.held(device(2))).to.deep.equal({ items: 1, bytes: 1 });
        await store.sweep({ now: 50, mailBefore: 0, limit: 10 });
        expect(await store.held(device(2))).to.deep.equal({ items: 0, bytes: 0 });
        // A device that comes again starts with an empty mailbox and a whole share.
        await store.commit([put('devices', toHex(device(1)), '', 0)]);
        expect(await store.read(device(1), 0, 10)).to.deep.equal([]);
        expect(await append([mail(1, 'e')], { ...plenty, senderItems: 1 })).to.deep.equal(['accepted']);
      });
    });

    const again = outlives ? 'has everything again' : 'has nothing left';
    it(`${again} after closing and opening`, async () => {
      await store.commit([put('devices', toHex(device(1)), 'd', 0), put('queue', 'a', 'one', 0, 77)]);
      await append([mail(1, 'a'), mail(1, 'b')], plenty);
      const before = await store.read(device(1), 0, 10);
      await store.acknowledge(device(1), before[0]?.seq ?? 0);
      const { version } = (await store.get('queue', 'a')) ?? { version: 0 };
      store = await test.reopen();
      if (!outlives) {
        expect(await store.get('queue', 'a')).to.be.undefined;
        expect(await store.held(device(1))).to.deep.equal({ items: 0, bytes: 0 });
        expect(await store.heldInAll()).to.deep.equal({ items: 0, bytes: 0 });
        return;
      }
      expect(await store.read(device(1), 0, 10)).to.deep.equal(before.slice(1));
      expect(await store.held(device(1))).to.deep.equal({ items: 1, bytes: 1 });
      expect(await store.heldInAll()).to.deep.equal({ items: 1, bytes: 1 });
      expect(await store.get('queue', 'a')).to.deep.include({ version, expires: 77 });
      await store.commit([put('queue', 'b', 'two', 0)]);
      expect((await store.get('queue', 'b'))?.version).to.be.greaterThan(version);
    });
  });
}

function put(
  table: RowChange['table'],
  key: string,
  value: string,
  expects: number | 'any',
  expires: number | null = null,
): RowChange {
  return { table, key, expects, put: { value: utf8(value), expires } };
}

function drop(table: RowChange['table'], key: string, expects: number | 'any'): RowChange {
  return { table, key, expects, put: null };
}

function device(n: number): Uint8Array {
  return new Uint8Array(16).fill(n);
}

function mail(to: number, body: string, from = 7): NewMail {
  return { to: device(to), from: device(from), kind: 'frame', at: 1000, bytes: utf8(body) };
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
