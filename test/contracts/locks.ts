/**
 * What all locks must do (src/engine/ports.ts).
 * @module
 */
import { expect } from 'chai';
import type { Locks } from '../../src/engine/ports.ts';

/** Two tabs' view of the same locks. */
export type LocksUnderTest = readonly [Locks, Locks];

const turn = (ms = 1): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Work that ends when it is told to. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 5_000) throw new Error(`waited in vain: ${what}`);
    await turn(5);
  }
}

/** @param make locks that nobody else uses */
export function locksContract(name: string, make: () => LocksUnderTest | Promise<LocksUnderTest>): void {
  describe(`${name} as locks`, () => {
    let here: Locks;
    let there: Locks;

    beforeEach(async () => {
      [here, there] = await make();
    });

    it('let one in at a time, in all tabs', async () => {
      let inside = 0;
      let most = 0;
      let done = 0;
      const work = async (): Promise<void> => {
        most = Math.max(most, ++inside);
        await turn();
        inside--;
        done++;
      };
      await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? here : there).exclusive('a', work)));
      expect(most).to.equal(1);
      expect(done).to.equal(20);
    });

    it('give what the work gave, and are free after it failed', async () => {
      expect(await here.exclusive('a', async () => 5)).to.equal(5);
      const failure = new Error('expected');
      let caught: unknown;
      await there
        .exclusive('a', async () => {
          await turn();
          throw failure;
        })
        .catch((error: unknown) => (caught = error));
      expect(caught).to.equal(failure);
      expect(await here.exclusive('a', async () => 6)).to.equal(6);
    });

    it('of different names do not wait for each other', async () => {
      const { opened, open } = gate();
      const waiting = here.exclusive('a', () => opened);
      expect(await here.exclusive('b', async () => 'b')).to.equal('b');
      expect(await there.exclusive('c', async () => 'c')).to.equal('c');
      open();
      await waiting;
    });

    it('are held until given up, and then go to the next', async () => {
      const first = new AbortController();
      const second = new AbortController();
      const held: string[] = [];
      const ended: string[] = [];
      const one = here.hold('leader', first.signal, () => held.push('one')).then(() => ended.push('one'));
      await until(() => held.includes('one'), 'the first holds');
      const two = there.hold('leader', second.signal, () => held.push('two')).then(() => ended.push('two'));
      // Tabs may overtake each other on the way to the queue.
      await turn(30);
      const three = here.exclusive('leader', async () => held.push('three'));
      await turn(30);
      expect(held).to.deep.equal(['one']);
      expect(ended).to.deep.equal([]);

      first.abort();
      await one;
      await until(() => held.includes('two'), 'the second holds');
      await turn(30);
      expect(held).to.deep.equal(['one', 'two']);
      second.abort();
      await Promise.all([two, three]);
      expect(held).to.deep.equal(['one', 'two', 'three']);
    });

    it('are not held once the waiting was given up', async () => {
      const { opened, open } = gate();
      let inside = false;
      const holder = here.exclusive('leader', () => {
        inside = true;
        return opened;
      });
      await until(() => inside, 'the lock is taken');
      const controller = new AbortController();
      let held = false;
      const waiting = there.hold('leader', controller.signal, () => (held = true));
      await turn(10);
      controller.abort();
      await waiting;
      open();
      await holder;
      expect(await here.exclusive('leader', async () => 'free')).to.equal('free');
      expect(held).to.equal(false);
    });

    it('are not even asked for with a signal that is aborted already', async () => {
      const controller = new AbortController();
      controller.abort();
      let held = false;
      await here.hold('leader', controller.signal, () => (held = true));
      expect(held).to.equal(false);
      expect(await there.exclusive('leader', async () => 'free')).to.equal('free');
    });

    it('are given up when the one who got them fails', async () => {
      const failure = new Error('expected');
      let caught: unknown;
      await here
        .hold('leader', new AbortController().signal, () => {
          throw failure;
        })
        .catch((error: unknown) => (caught = error));
      expect(caught).to.equal(failure);
      expect(await there.exclusive('leader', async () => 'free')).to.equal('free');
    });
  });
}
