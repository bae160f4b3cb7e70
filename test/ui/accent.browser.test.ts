import { expect, fixture, html } from '@open-wc/testing';
import { accentTheme, contrast } from '../../src/ui/accent.ts';

type Rgb = [number, number, number];
const WHITE: Rgb = [1, 1, 1];
const NIGHT: Rgb = [20 / 255, 25 / 255, 26 / 255];

/** The colours of the first block that begins with the selector. */
function tones(text: string, selector: string): Record<string, Rgb> {
  const block = text.slice(text.indexOf(`${selector}{`)).split('}')[0] ?? '';
  return Object.fromEntries(
    [...block.matchAll(/--_0-([a-z-]+):rgb\((\d+) (\d+) (\d+)\)/g)].map(([, name, ...rgb]) => [
      name ?? '',
      rgb.map((value) => Number(value) / 255) as Rgb,
    ]),
  );
}

describe('an accent', () => {
  let probe: HTMLElement;
  beforeEach(async () => {
    probe = await fixture<HTMLElement>(html`<span></span>`);
  });

  const COLOURS = [
    '#0b6065',
    'gold',
    '#fff',
    '#000',
    '#777',
    'rgb(0 200 0)',
    'hsl(200 90% 60%)',
    'oklch(70% 0.2 30)',
    'pink',
  ];
  for (const colour of COLOURS) {
    it(`${colour} gives text that can be read, on light and on dark`, () => {
      const theme = accentTheme(colour, probe);
      if (!theme) throw new Error('not understood');
      for (const [selector, ground] of [
        [':host', WHITE],
        [":host([theme='dark'])", NIGHT],
      ] as const) {
        const tone = tones(theme.text, selector);
        const ratio = (a: string, b: string): number => contrast(tone[a] as Rgb, tone[b] as Rgb);
        expect(ratio('on-accent', 'accent'), 'text on a fill').to.be.at.least(4.5);
        expect(ratio('own-text', 'own-bg'), 'text in a bubble').to.be.at.least(4.5);
        expect(contrast(tone['accent-ink'] as Rgb, ground), 'drawn').to.be.at.least(4.5);
        expect(ratio('accent-ink', 'accent-soft'), 'drawn on a tint').to.be.at.least(3.9);
      }
    });
  }

  it('says whether it can be read on white as it is', () => {
    expect(accentTheme('#0b6065', probe)?.corrected).to.equal(false);
    expect(accentTheme('gold', probe)?.corrected).to.equal(true);
  });

  it('is refused if it is no colour, whatever else it contains', () => {
    for (const text of ['', 'bank', 'red; background: blue', 'url(x)', 'var(--x)', 'currentcolor)']) {
      expect(accentTheme(text, probe), text).to.equal(null);
    }
  });
});
