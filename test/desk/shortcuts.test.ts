import { expect } from 'chai';
import { shortcutOf, type KeyPress } from '../../src/desk/shortcuts.ts';

const press = (key: string, over: Partial<KeyPress> = {}): KeyPress => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false },
  ...over,
});
const free = { typing: false, singleKeys: true };

describe('the shortcuts', () => {
  it('are one key each where nothing is written', () => {
    expect(['j', 'k', 'c', 'r', '?', 'Escape'].map((key) => shortcutOf(press(key), free))).to.deep.equal([
      ...['next', 'previous', 'claim', 'reply', 'help', 'back'],
    ]);
    expect(shortcutOf(press('x'), free)).to.equal(null);
  });

  it('leave letters to a text field, but not Escape and the commands', () => {
    const typing = { ...free, typing: true };
    for (const key of ['j', 'k', 'c', 'r', '?']) expect(shortcutOf(press(key), typing)).to.equal(null);
    expect(shortcutOf(press('Escape'), typing)).to.equal('back');
    expect(shortcutOf(press('k', { ctrlKey: true }), typing)).to.equal('palette');
    expect(shortcutOf(press('K', { metaKey: true }), typing)).to.equal('palette');
  });

  it('lock the desk from anywhere', () => {
    for (const typing of [true, false]) {
      for (const singleKeys of [true, false]) {
        expect(shortcutOf(press('L', { ctrlKey: true, shiftKey: true }), { typing, singleKeys })).to.equal('lock');
        expect(shortcutOf(press('l', { metaKey: true, shiftKey: true }), { typing, singleKeys })).to.equal('lock');
      }
    }
    expect(shortcutOf(press('l', { ctrlKey: true }), free), 'the address bar').to.equal(null);
    expect(shortcutOf(press('K', { ctrlKey: true, shiftKey: true }), free), 'the browser’s').to.equal(null);
  });

  it('can be turned off, for who dictates (WCAG 2.1.4)', () => {
    const off = { ...free, singleKeys: false };
    for (const key of ['j', 'k', 'c', 'r', '?']) expect(shortcutOf(press(key), off)).to.equal(null);
    expect(shortcutOf(press('Escape'), off)).to.equal('back');
  });

  it('are none of the browser’s, and nothing while an input method composes', () => {
    for (const key of ['c', 'r', 'j']) expect(shortcutOf(press(key, { ctrlKey: true }), free)).to.equal(null);
    expect(shortcutOf(press('c', { altKey: true }), free)).to.equal(null);
    expect(shortcutOf(press('Escape', { isComposing: true }), free)).to.equal(null);
  });
});
