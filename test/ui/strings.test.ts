import { expect } from 'chai';
import { phrase } from '../../src/ui/phrases.ts';
import { english, englishLanguage, Phrases, type Language } from '../../src/ui/strings.ts';

const NOW = new Date(2025, 2, 12, 15, 0).getTime();
const at = (day: number, hour: number): number => new Date(2025, 2, day, hour, 5).getTime();

describe('phrases', () => {
  it('fill placeholders, and leave an unknown one visible', () => {
    expect(phrase('{name} joined {x}', 'en', { name: 'Sara' })).to.equal('Sara joined {x}');
  });

  it('choose the plural form of the language', () => {
    const forms = { one: '{count} plik', few: '{count} pliki', many: '{count} plików', other: '{count} pliku' };
    expect([1, 3, 5].map((count) => phrase(forms, 'pl', { count }))).to.deep.equal(['1 plik', '3 pliki', '5 plików']);
    expect(phrase({ other: '{count} x' }, 'en', { count: 1 })).to.equal('1 x');
  });

  it('write numbers as the locale does', () => {
    expect(phrase('{count}', 'de', { count: 12345 })).to.equal('12.345');
  });

  it('isolate a name that runs the other way, and no other', () => {
    expect(phrase('{name} joined', 'en', { name: 'דנה' })).to.equal('\u2068דנה\u2069 joined');
    expect(phrase('{name} joined', 'en', { name: 'Sara' })).to.equal('Sara joined');
  });

  it('are replaced one by one', () => {
    const phrases = new Phrases({ strings: { send: 'Off it goes' } });
    expect(phrases.say('send')).to.equal('Off it goes');
    expect(phrases.say('message')).to.equal('Message');
  });

  it('take the locale if it is of the same language, else the language', () => {
    expect(new Phrases({ locale: 'en-GB' }).locale).to.equal('en-GB');
    expect(new Phrases({ locale: 'de' }).locale).to.equal('en');
    expect(new Phrases({ locale: 'not a tag' }).locale).to.equal('en');
    const german: Language = { tag: 'de', strings: { ...englishLanguage.strings, send: 'Senden' } };
    expect(new Phrases({ language: german, locale: 'de-AT' }).locale).to.equal('de-AT');
    expect(new Phrases({ language: german }).say('send')).to.equal('Senden');
  });

  it('name days from the reader’s point of view', () => {
    const phrases = new Phrases({ locale: 'en-GB' });
    expect(phrases.day(at(12, 0), NOW)).to.equal('Today');
    expect(phrases.day(at(11, 23), NOW)).to.equal('Yesterday');
    expect(phrases.day(at(3, 9), NOW)).to.match(/Monday.*3 March$/);
    expect(phrases.day(new Date(2024, 11, 31).getTime(), NOW)).to.contain('2024');
    expect(phrases.day(at(13, 1), NOW)).to.match(/13 March/);
    expect(phrases.brief(at(12, 9), NOW)).to.match(/^0?9:05$/);
    expect(phrases.brief(at(3, 9), NOW)).to.equal('3 Mar');
  });

  it('say sizes and lists', () => {
    const phrases = new Phrases({ locale: 'en-GB' });
    expect(phrases.size(284_112)).to.equal('284.1 kB');
    expect(phrases.size(12)).to.equal('12 byte');
    expect(phrases.list(['A', 'B', 'C'])).to.equal('A, B and C');
  });

  it('have the same placeholders in all forms of a text', () => {
    const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();
    for (const text of Object.values(english)) {
      if (typeof text === 'string') continue;
      expect(names(text.one)).to.deep.equal(names(text.other));
    }
  });
});
