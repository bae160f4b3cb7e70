/**
 * @module
 */
import { tokensText } from '../ui/tokens.ts';

/** Named so that the build minifies it like Lit's. */
const css = String.raw;

export const launcherStyles =
  tokensText +
  css`
    /* It takes no place in the page's layout. */
    :host {
      display: contents;
    }

    :host([hidden]),
    [hidden] {
      display: none !important;
    }

    :host([mode='inline']) {
      display: block;
    }

    .launcher,
    .notice {
      box-sizing: border-box;
      position: fixed;
      z-index: var(--_z-index);
      inset-block-end: calc(var(--_inset) + env(safe-area-inset-bottom));
      inset-inline-end: var(--_inset);
      margin: 0;
      font: 400 var(--_font-size) / 1.4 var(--_font);
    }

    .launcher {
      display: grid;
      place-items: center;
      min-inline-size: 56px;
      min-block-size: 56px;
      padding: 0;
      border: 1px solid transparent;
      border-radius: 28px;
      background: var(--_accent);
      color: var(--_on-accent);
      box-shadow:
        0 1px 3px #0003,
        0 8px 24px #0003;
      cursor: pointer;
      -webkit-tap-highlight-color: transparent;
      transition:
        transform var(--_duration) var(--_ease),
        opacity var(--_duration),
        box-shadow var(--_duration);
    }

    .launcher:hover {
      transform: translateY(-2px);
      box-shadow:
        0 1px 3px #0003,
        0 12px 32px #0004;
    }

    .launcher:active {
      transform: scale(0.96);
    }

    .launcher:focus-visible {
      outline: 3px solid var(--_accent-ink);
      outline-offset: 3px;
    }

    .launcher:disabled {
      opacity: 0.5;
      cursor: default;
      transform: none;
    }

    /* It hides late and shows at once: what is not visible yet cannot take the focus back. */
    .launcher.away {
      visibility: hidden;
      opacity: 0;
      transform: scale(0.7);
      transition:
        transform var(--_duration) var(--_ease),
        opacity var(--_duration),
        visibility 0s var(--_duration);
    }

    .launcher.unavailable {
      background: var(--_muted);
      color: var(--_surface);
    }

    .launcher[aria-busy='true'] svg {
      animation: breathe 0.9s ease-in-out infinite alternate;
    }

    @keyframes breathe {
      to {
        opacity: 0.35;
      }
    }

    svg {
      display: block;
      inline-size: 27px;
      block-size: 27px;
      fill: none;
      stroke: currentcolor;
      stroke-width: 1.75;
      stroke-linecap: round;
      stroke-linejoin: round;
    }

    .badge {
      box-sizing: border-box;
      position: absolute;
      inset-block-start: -5px;
      inset-inline-end: -5px;
      min-inline-size: 23px;
      padding-inline: 6px;
      border: 2px solid var(--_surface);
      border-radius: 12px;
      background: var(--_danger);
      color: var(--_surface);
      font-size: 12px;
      font-weight: 650;
      line-height: 19px;
      font-variant-numeric: tabular-nums;
    }

    .notice {
      inset-block-end: calc(var(--_inset) + 68px + env(safe-area-inset-bottom));
      max-inline-size: min(20rem, 100vw - 2 * var(--_inset));
      padding: 12px 16px;
      border: 1px solid var(--_border);
      border-radius: 14px;
      background: var(--_surface-raised);
      color: var(--_text);
      box-shadow: var(--_shadow);
    }

    :host([position='start']) :is(.launcher, .notice) {
      inset-inline: var(--_inset) auto;
    }

    :host([position='start']) sc-panel {
      inset-inline: var(--_inset) auto;
    }

    @media (prefers-reduced-motion: reduce) {
      .launcher,
      .launcher svg {
        animation: none !important;
        transition: none !important;
      }
    }

    @media (forced-colors: active) {
      .launcher {
        border-color: ButtonText;
      }
    }

    @media print {
      .launcher,
      .notice {
        display: none;
      }
    }
  `;
