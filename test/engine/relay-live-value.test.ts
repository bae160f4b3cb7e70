import { expect } from 'chai';
import { LiveValue } from '../../src/engine/relay-live-value.ts';

const unexpected = (error: unknown): never => {
  throw error;
};

describe('a live value', () => {
  it('is told from the present on, until told to stop', () => {
    const value = new LiveValue(1);
    const seen: number[] = [];
    const stop = value.subscribe((n) => seen.push(n), unexpected);
    value.set(2);
    value.set(2);
    stop();
    value.set(3);
    expect(seen).to.deep.equal([1, 2, 2]);
    expect(value.value).to.equal(3);
  });

  it('tells each its own faults, and the others all the same', () => {
    const value = new LiveValue(1);
    const faults: string[] = [];
    const seen: number[] = [];
    value.subscribe(
      () => {
        throw new Error('expected');
      },
      (error) => faults.push((error as Error).message),
    );
    value.subscribe((n) => seen.push(n), unexpected);
    value.set(2);
    expect(faults).to.deep.equal(['expected', 'expected']);
    expect(seen).to.deep.equal([1, 2]);
  });

  it('ends with the newest for all, also when a listener sets another', () => {
    const value = new LiveValue(1);
    const first: number[] = [];
    const second: number[] = [];
    value.subscribe((n) => {
      first.push(n);
      if (n === 2) value.set(3);
    }, unexpected);
    value.subscribe((n) => second.push(n), unexpected);
    value.set(2);
    expect(first).to.deep.equal([1, 2, 3]);
    expect(second.at(-1)).to.equal(3);
    expect(second).not.to.deep.equal([1, 3, 2]);
  });

  it('does not tell one that another stopped meanwhile', () => {
    const value = new LiveValue(1);
    let stopSecond = (): void => undefined;
    value.subscribe((n) => {
      if (n === 2) stopSecond();
    }, unexpected);
    const seen: number[] = [];
    stopSecond = value.subscribe((n) => seen.push(n), unexpected);
    value.set(2);
    expect(seen).to.deep.equal([1]);
  });
});
