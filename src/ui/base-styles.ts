/**
 * What every component's shadow root starts from: box model, focus ring, buttons, text only for screen readers.
 * @module
 */
import { css, unsafeCSS } from 'lit';
import { tokensText } from './tokens.ts';

/** For the `:host` of a root element only; inner components inherit. */
export const tokens = unsafeCSS(tokensText);

export const base = css`
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  [hidden] {
    display: none !important;
  }

  p,
  h2,
  h3,
  ul,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }

  /* A sentence keeps its own direction and the page's side, also where its language runs the other way. */
  p,
  h2,
  h3,
  .sentence {
    unicode-bidi: plaintext;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }

  ul {
    list-style: none;
  }

  button,
  textarea,
  input {
    margin: 0;
    font: inherit;
    letter-spacing: inherit;
    color: inherit;
  }

  svg {
    display: block;
    flex: none;
    inline-size: 1.3334em;
    block-size: 1.3334em;
  }

  :focus-visible {
    outline: 2px solid var(--_accent-ink);
    outline-offset: 2px;
  }

  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    padding: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
    border: 0;
  }

  .flip:dir(rtl) {
    transform: scaleX(-1);
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
      transition-duration: 0.01ms !important;
      scroll-behavior: auto !important;
    }
  }
`;

/** `.button` (with `.primary`, `.danger`), `.icon-button`. At least 44 px high. */
export const buttons = css`
  .button,
  .icon-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    min-block-size: 44px;
    min-inline-size: 44px;
    padding: 0.5em 1.1em;
    border: 1px solid var(--_control);
    border-radius: 999px;
    background: none;
    color: var(--_text);
    font-weight: 550;
    line-height: 1.25;
    text-align: center;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
    transition:
      background-color var(--_duration),
      color var(--_duration),
      opacity var(--_duration);
  }

  .button:hover {
    background: var(--_hover);
  }

  .button.primary {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
  }

  .button.primary:hover {
    background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
  }

  .button.danger {
    color: var(--_danger);
    border-color: currentcolor;
  }

  .icon-button {
    padding: 0;
    border-color: transparent;
    color: var(--_muted);
  }

  .icon-button:hover,
  .icon-button[aria-expanded='true'] {
    background: var(--_hover);
    color: var(--_text);
  }

  .button:disabled,
  .icon-button:disabled {
    opacity: 0.55;
    cursor: default;
  }

  @media (forced-colors: active) {
    .button:disabled,
    .icon-button:disabled {
      opacity: 1;
      color: GrayText;
      border-color: GrayText;
    }
  }
`;
