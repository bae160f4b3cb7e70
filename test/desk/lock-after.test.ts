import { expect } from 'chai';
import { lockAfterMs } from '../../src/desk/lock-after.ts';

const minutes = (text: string | null): number => lockAfterMs(text) / 60_000;

describe('the idle time of a desk', () => {
  it('is fifteen minutes unless the page says otherwise', () => {
    expect([null, '', '  '].map(minutes)).to.deep.equal([15, 15, 15]);
    expect(['5', ' 30 ', '1', '480', '2.5'].map(minutes)).to.deep.equal([5, 30, 1, 480, 2.5]);
  });

  it('is never so long or so short that there is no lock', () => {
    expect(['0', '-3', '0.2'].map(minutes)).to.deep.equal([1, 1, 1]);
    expect(['481', '100000'].map(minutes)).to.deep.equal([480, 480]);
  });

  it('is as by default where the attribute is no number', () => {
    for (const text of ['never', 'Infinity', 'NaN', '1e9', '0x10', '15 min', 'off']) expect(minutes(text)).to.equal(15);
  });
});
