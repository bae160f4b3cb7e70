/**
 * The look as custom properties. Integrators set the public `--sc-*` on the element or on any ancestor; components read
 * the resolved `--_*`, which fall back to the light or dark defaults below. Without Lit, so that the launcher can use it.
 * @module
 */

/** Defaults that depend on the theme. Every pair used as text on ground has a contrast of at least 4.5:1. */
const light = `
  --_0-accent: #0b6065; --_0-accent-ink: #0b6065; --_0-on-accent: #ffffff; --_0-accent-soft: #e6f1f1;
  --_0-surface: #ffffff; --_0-surface-raised: #ffffff; --_0-surface-sunken: #f4f6f6;
  --_0-text: #16201f; --_0-muted: #56625f; --_0-border: #e1e7e6; --_0-control: #7d8b89; --_0-hover: #16201f0f;
  --_0-danger: #a8281e; --_0-danger-soft: #fcefed; --_0-success: #1a6e46; --_0-warning: #7a5200; --_0-warning-soft: #fdf4e0;
  --_0-own-bg: #0b6065; --_0-own-text: #ffffff; --_0-agent-bg: #eef2f2; --_0-agent-text: #16201f;
  --_0-shadow: 0 0 0 1px #16201f0a, 0 2px 6px #16201f0d, 0 18px 48px #16201f2e;`;
const dark = `
  --_0-accent: #72c8c6; --_0-accent-ink: #72c8c6; --_0-on-accent: #06201f; --_0-accent-soft: #1a3031;
  --_0-surface: #14191a; --_0-surface-raised: #1c2324; --_0-surface-sunken: #0f1314;
  --_0-text: #e8eded; --_0-muted: #99a8a7; --_0-border: #2a3334; --_0-control: #768785; --_0-hover: #e8eded14;
  --_0-danger: #ff9d92; --_0-danger-soft: #35201e; --_0-success: #82d3a4; --_0-warning: #f0c06a; --_0-warning-soft: #30281a;
  --_0-own-bg: #125559; --_0-own-text: #f0f8f8; --_0-agent-bg: #232b2c; --_0-agent-text: #e8eded;
  --_0-shadow: 0 0 0 1px #2a3334, 0 2px 6px #0003, 0 18px 48px #000a;`;

const resolved = [
  ...['accent', 'on-accent', 'surface', 'surface-raised', 'text', 'muted', 'border', 'danger', 'success'],
  ...['own-bg', 'own-text', 'agent-bg', 'agent-text', 'shadow'],
]
  .map((name) => `--_${name}: var(--sc-${name}, var(--_0-${name}));`)
  .join('');

/** Private colours: no public name, derived from the defaults alone. */
const inner = ['accent-soft', 'surface-sunken', 'control', 'hover', 'danger-soft', 'warning', 'warning-soft']
  .map((name) => `--_${name}: var(--_0-${name});`)
  .join('');

const shape = `
  --_accent-ink: var(--sc-accent, var(--_0-accent-ink));
  --_font: var(--sc-font, -apple-system, BlinkMacSystemFont, 'Segoe UI Variable Text', 'Segoe UI', Roboto, Ubuntu,
    Cantarell, 'Noto Sans', 'Helvetica Neue', Arial, system-ui, sans-serif);
  --_font-size: var(--sc-font-size, max(0.9375rem, 15px));
  --_radius: var(--sc-radius, 16px);
  --_inline-size: var(--sc-inline-size, max(400px, 25rem));
  --_block-size: var(--sc-block-size, max(680px, 42.5rem));
  --_inset: var(--sc-inset, 24px);
  --_z-index: var(--sc-z-index, 2147483000);
  --_duration: var(--sc-duration, 240ms);
  --_ease: cubic-bezier(0.22, 0.9, 0.28, 1);`;

/** Style text for the `:host` of a root element (`<secure-chat>`, `<secure-chat-desk>`) with the attribute `theme`. */
export const tokensText = `
:host { color-scheme: light; ${light} ${resolved} ${inner} ${shape} }
@media (prefers-color-scheme: dark) { :host(:not([theme='light'])) { color-scheme: dark; ${dark} } }
:host([theme='dark']) { color-scheme: dark; ${dark} }
@media (prefers-reduced-motion: reduce) { :host { --_duration: 0.01ms; } }
@media (forced-colors: active) { :host { --_shadow: none; } }
`;
