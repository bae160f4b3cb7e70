import { expect } from 'chai';
import { matchingCommands, type Command } from '../../src/desk/command-palette.ts';

const command = (text: string, more = ''): Command => ({ id: text, icon: 'chat', text, more, run: () => undefined });
const all = [
  command('Duty: Away'),
  command('Überweisung', 'Customer 12345 · Wo bleibt sie?'),
  command('Card', 'Waiting'),
];
const found = (typed: string) => matchingCommands(all, typed).map(({ text }) => text);

describe('the palette', () => {
  it('offers everything before anything is typed', () => {
    expect(found('  ')).to.have.length(3);
  });

  it('finds by every word, anywhere, without regard to case and accents', () => {
    expect(found('uber')).to.deep.equal(['Überweisung']);
    expect(found('BLEIBT 123')).to.deep.equal(['Überweisung']);
    expect(found('wa')).to.deep.equal(['Duty: Away', 'Card']);
    expect(found('card duty')).to.deep.equal([]);
  });
});
