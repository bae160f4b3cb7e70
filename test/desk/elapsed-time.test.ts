import { expect } from 'chai';
import { formatAgo, formatSpan, waitUrgency } from '../../src/desk/elapsed-time.ts';

const MINUTE = 60_000;

describe('elapsed time', () => {
  it('is told in its largest unit, rounded down', () => {
    expect(formatSpan('en', 42_900)).to.equal('42 sec');
    expect(formatSpan('en', 14.9 * MINUTE)).to.equal('14 min');
    expect(formatSpan('en', 61 * MINUTE)).to.equal('1 hr');
    expect(formatSpan('en', 50 * 60 * MINUTE)).to.equal('2 days');
    expect(formatSpan('de', 14 * MINUTE)).to.equal('14 Min.');
  });

  it('is never negative, though clocks differ', () => {
    expect(formatSpan('en', -5000)).to.equal('0 sec');
    expect(formatAgo('en', -5000)).to.equal('now');
  });

  it('is told as past', () => {
    expect(formatAgo('en', 2 * 60 * MINUTE)).to.match(/^2 hr\.? ago$/);
    expect(formatAgo('en', 30 * 60 * MINUTE)).to.equal('yesterday');
  });

  it('presses from five minutes and more from ten', () => {
    expect([0, 4.99, 5, 9.99, 10, 600].map((minutes) => waitUrgency(minutes * MINUTE))).to.deep.equal([
      ...['fresh', 'fresh', 'long', 'long', 'late', 'late'],
    ]);
  });
});
