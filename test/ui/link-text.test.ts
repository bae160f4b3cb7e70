import { expect } from 'chai';
import * as fc from 'fast-check';
import { linkSegments } from '../../src/ui/link-text.ts';

const hrefs = (text: string): (string | undefined)[] =>
  linkSegments(text)
    .map(({ href }) => href)
    .filter((href) => href !== undefined);

describe('links in a text', () => {
  it('are found by scheme, by www and as mail addresses', () => {
    expect(linkSegments('See https://bank.example/a?b=c#d now')).to.deep.equal([
      { text: 'See ' },
      { text: 'https://bank.example/a?b=c#d', href: 'https://bank.example/a?b=c#d' },
      { text: ' now' },
    ]);
    expect(
      hrefs('http://bank.example www.bank.example sara@bank.example mailto:x@y.example tel:+44-20-7946'),
    ).to.deep.equal([
      'http://bank.example/',
      'https://www.bank.example/',
      'mailto:sara@bank.example',
      'mailto:x@y.example',
      'tel:+44-20-7946',
    ]);
  });

  it('leave the punctuation of the sentence alone', () => {
    expect(linkSegments('(https://bank.example/a).')[1]).to.deep.include({ text: 'https://bank.example/a' });
    expect(linkSegments('https://bank.example/a_(b), or')[0]).to.deep.include({ text: 'https://bank.example/a_(b)' });
    expect(linkSegments('Is it https://bank.example?')[1]).to.deep.include({ text: 'https://bank.example' });
  });

  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://bank.example',
    'file:///etc/passwd',
    'https://bank.example@evil.example',
    'https://user:secret@bank.example',
    'https://localhost/',
    'https://',
    'http:bank',
    'xhttps://bank.example',
    'mailto:',
    'a@b',
  ]) {
    it(`are not made of ${text}`, () => {
      expect(hrefs(text).filter((href) => !href?.startsWith('mailto:evil'))).to.deep.equal([]);
    });
  }

  it('end before characters that are not seen or turn the direction', () => {
    for (const hidden of ['\u202e', '\u2066', '\u200b', '\u0000', '\u00ad', '\ufeff']) {
      expect(hrefs(`https://bank.example/a${hidden}b`)).to.deep.equal(['https://bank.example/a']);
    }
  });

  it('say the host that the network knows when it is written with other letters', () => {
    const [segment] = linkSegments('https://bаnk.example/');
    expect(segment?.host).to.match(/^xn--/);
    expect(linkSegments('https://bank.example/')[0]).not.to.have.property('host');
    expect(linkSegments('https://BANK.example/')[0]).not.to.have.property('host');
  });

  it('of more than 2048 characters stay text', () => {
    expect(hrefs(`https://bank.example/${'a'.repeat(2100)}`)).to.deep.equal([]);
  });

  it('never change the text, and lead only to allowed schemes', () => {
    const piece = fc.constantFrom(
      'https://',
      'www.',
      'a.example',
      '@',
      'javascript:',
      ' ',
      '.',
      ')',
      '(',
      '\u202e',
      'ü',
      'tel:',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 20 }),
        (pieces) => {
          const text = pieces.join('');
          const segments = linkSegments(text);
          expect(segments.map((segment) => segment.text).join('')).to.equal(text);
          for (const { href } of segments) if (href !== undefined) expect(href).to.match(/^(https?:\/\/|mailto:|tel:)/);
        },
      ),
    );
  });
});
