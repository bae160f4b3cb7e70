/**
 * A small picture for a customer who has no name: four tiles that follow from the device's id, so that agents find a
 * chat again at a glance. Decoration only; fingerprints are what is compared.
 * @module
 */
import { css, html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

/** Tiles on a 12 × 12 grid; what is drawn is the lighter figure. */
const TILES = [
  'M0 0H12A12 12 0 0 1 0 12Z',
  'M12 0V12H0A12 12 0 0 1 12 0Z',
  'M12 12H0V0A12 12 0 0 1 12 12Z',
  'M0 12V0H12A12 12 0 0 1 0 12Z',
  'M6 1.5A4.5 4.5 0 1 1 6 10.5A4.5 4.5 0 1 1 6 1.5Z',
  'M0 0H12V12H0Z',
] as const;

const HUES = 6;

/** @param id hexadecimal, at least ten digits, evenly spread */
export function customerMark(id: string): TemplateResult {
  const byte = (at: number): number => Number.parseInt(id.slice(2 * at, 2 * at + 2), 16) || 0;
  const tiles: SVGTemplateResult[] = [0, 1, 2, 3].map((at) => {
    const tile = byte(at + 1);
    const place = `translate(${12 * (at % 2)} ${12 * (at >> 1)})`;
    return svg`<path class=${tile & 64 ? 'a' : 'b'} transform=${place} d=${TILES[tile % TILES.length] ?? TILES[0]}></path>`;
  });
  return html`<svg class="mark hue-${byte(0) % HUES}" viewBox="0 0 24 24" aria-hidden="true">${tiles}</svg>`;
}

export const markStyles = css`
  .mark {
    --_hue: oklch(0.6 0.1 195);
    inline-size: 2.4em;
    block-size: 2.4em;
    border-radius: 0.72em;
    background: color-mix(in oklab, var(--_hue) 16%, var(--_surface));
  }

  .mark .a {
    fill: color-mix(in oklab, var(--_hue) 84%, var(--_surface));
  }

  .mark .b {
    fill: color-mix(in oklab, var(--_hue) 46%, var(--_surface));
  }

  .hue-1 {
    --_hue: oklch(0.62 0.11 255);
  }

  .hue-2 {
    --_hue: oklch(0.62 0.11 310);
  }

  .hue-3 {
    --_hue: oklch(0.64 0.12 20);
  }

  .hue-4 {
    --_hue: oklch(0.7 0.11 70);
  }

  .hue-5 {
    --_hue: oklch(0.64 0.1 140);
  }
`;
