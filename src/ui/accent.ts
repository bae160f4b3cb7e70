/**
 * An integrator's one colour made fit to read, with everything that is derived from it. Without Lit, for the launcher.
 * @module
 */

/** sRGB, each 0 to 1. */
type Rgb = readonly [number, number, number];

const WHITE: Rgb = [1, 1, 1];
const BLACK: Rgb = [0, 0, 0];
/** The surface of the dark theme, as in tokens.ts. */
const NIGHT: Rgb = [20 / 255, 25 / 255, 26 / 255];
/** Dark text on a light accent; where white has less than 4.5:1 it has more. */
const DEEP: Rgb = [0, 4 / 255, 4 / 255];
/** Text on our own surfaces, the slightly tinted ones too. */
const TEXT = 4.8;
/** A control against the surface round it. */
const CONTROL = 3;

/** Style text that goes behind the tokens', and whether the colour cannot be read on white as it is. */
export interface AccentTheme {
  readonly text: string;
  readonly corrected: boolean;
}

/**
 * The theme of any CSS colour; null if it is none. What is filled with it keeps it, with white or dark text; what is drawn
 * in it is darkened on light ground and lightened on dark ground until it can be read.
 * @param probe a connected element without contents that may be coloured for a moment
 */
export function accentTheme(color: string, probe: HTMLElement): AccentTheme | null {
  const accent = readColor(color, probe);
  if (!accent) return null;
  const ink = until(TEXT, { color: accent, ground: WHITE, towards: BLACK });
  const nightInk = until(TEXT, { color: accent, ground: NIGHT, towards: WHITE });
  const nightFill = until(CONTROL, { color: accent, ground: NIGHT, towards: WHITE });
  const quiet = on(accent) === WHITE ? mix(accent, BLACK, 0.12) : accent;
  const light = tones({ fill: accent, ink, own: accent, soft: mix(WHITE, accent, 0.1) });
  const dark = tones({ fill: nightFill, ink: nightInk, own: quiet, soft: mix(NIGHT, nightInk, 0.16) });
  return {
    text: `:host{${light}}@media(prefers-color-scheme:dark){:host(:not([theme='light'])){${dark}}}:host([theme='dark']){${dark}}`,
    corrected: ink !== accent,
  };
}

/** WCAG 2.2 contrast, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function readColor(color: string, probe: HTMLElement): Rgb | null {
  probe.style.color = '';
  probe.style.color = `color-mix(in srgb, ${color}, ${color})`;
  if (probe.style.color === '') return null;
  // Whatever the notation was, a mix in srgb computes to color(srgb r g b).
  const found = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)\)$/.exec(getComputedStyle(probe).color);
  return found && [channel(found[1]), channel(found[2]), channel(found[3])];
}

function channel(text: string | undefined): number {
  return Math.min(1, Math.max(0, Number(text)));
}

function until(enough: number, { color, ground, towards }: { color: Rgb; ground: Rgb; towards: Rgb }): Rgb {
  let result = color;
  for (let part = 0.04; contrast(result, ground) < enough && part < 1; part += 0.04) result = mix(color, towards, part);
  return result;
}

function on(ground: Rgb): Rgb {
  return contrast(ground, WHITE) >= 4.5 ? WHITE : DEEP;
}

function tones({ fill, ink, own, soft }: { fill: Rgb; ink: Rgb; own: Rgb; soft: Rgb }): string {
  const all = {
    accent: fill,
    'on-accent': on(fill),
    'accent-ink': ink,
    'accent-soft': soft,
    'own-bg': own,
    'own-text': on(own),
  };
  return Object.entries(all)
    .map(([name, color]) => `--_0-${name}:rgb(${color.map((value) => Math.round(value * 255)).join(' ')});`)
    .join('');
}

function mix(a: Rgb, b: Rgb, part: number): Rgb {
  const between = (x: number, y: number): number => x + (y - x) * part;
  return [between(a[0], b[0]), between(a[1], b[1]), between(a[2], b[2])];
}

function luminance([r, g, b]: Rgb): number {
  const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}
