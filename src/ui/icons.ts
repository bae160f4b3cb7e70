/**
 * Icons as Lit templates, drawn in the current colour. Decorative: the text beside them or the button's name says it.
 * @module
 */
import { svg, html, type TemplateResult } from 'lit';
import { iconPaths, type IconName } from './icon-paths.ts';

export type { IconName } from './icon-paths.ts';

/** The named icon; `flip` mirrors it where text runs from right to left. */
export function icon(name: IconName, { flip = false, weight = 1.75 } = {}): TemplateResult {
  return html`<svg
    class=${flip ? 'flip' : ''}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width=${name === 'more' ? 2.6 : weight}
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${svg`<path d=${iconPaths[name]}></path>`}
  </svg>`;
}
