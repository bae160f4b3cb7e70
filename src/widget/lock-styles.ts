/**
 * @module
 */
import { css } from 'lit';

export const lockStyles = css`
  :host {
    display: block;
    container-type: size;
  }

  .screen {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    padding: 16px 20px 20px;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
  }

  .screen:focus {
    outline: none;
  }

  /* In the middle while there is room, from the top on where there is not. */
  .inner {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 14px;
    inline-size: 100%;
    margin-block: auto;
    animation: settle calc(var(--_duration) * 1.2) var(--_ease);
  }

  @keyframes settle {
    from {
      opacity: 0;
      translate: 0 10px;
    }
  }

  sc-pin-pad {
    inline-size: 100%;
  }

  .ways {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 4px 12px;
  }

  .ways .button {
    padding-block: 8px;
  }

  .link {
    min-block-size: 44px;
    padding: 8px 12px;
    border: 0;
    border-radius: 10px;
    background: none;
    color: var(--_accent-ink);
    font-weight: 550;
    unicode-bidi: plaintext;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }

  .aside {
    max-inline-size: 20em;
    color: var(--_muted);
    font-size: 0.8667em;
    text-align: center;
    text-wrap: balance;
  }

  .link:hover {
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }

  .button[aria-disabled='true'] {
    opacity: 0.6;
    cursor: default;
  }

  .said-plainly {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 10px;
    max-inline-size: 25em;
  }

  .said-plainly p,
  h3 {
    text-align: center;
    text-wrap: balance;
  }

  .said-plainly p {
    color: var(--_muted);
  }

  .said-plainly .failure {
    color: var(--_danger);
    font-weight: 550;
  }

  .failure:empty {
    display: none;
  }

  .said-plainly .code {
    font-size: 0.8667em;
  }

  h3 {
    font-size: 1.3334em;
    font-weight: 600;
    letter-spacing: -0.015em;
    line-height: 1.25;
  }

  [role='alert'] h3 {
    margin-block-end: 6px;
  }

  .said-plainly .button {
    margin-block-start: 10px;
  }

  .mark {
    display: grid;
    place-items: center;
    inline-size: 60px;
    block-size: 60px;
    margin-block-end: 6px;
    border-radius: 50%;
    background: var(--_accent-soft);
    color: var(--_accent-ink);
    font-size: 20px;
  }

  .mark.warning {
    background: var(--_warning-soft);
    color: var(--_warning);
  }

  ::slotted(*) {
    color: var(--_muted);
    font-size: 0.9333em;
    text-align: center;
  }

  @media (forced-colors: active) {
    .mark {
      border: 1px solid CanvasText;
    }
  }
`;

/** The sheet fills the panel, as the padlock's does. */
export const lockSheetStyles = css`
  :host {
    position: absolute;
    inset: 0;
    z-index: 3;
    display: block;
    border-radius: inherit;
  }

  .sheet {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    overflow: hidden;
    padding: var(--_safe, 0);
    border-radius: inherit;
    background: var(--_surface);
    color: var(--_text);
    animation: rise var(--_duration) var(--_ease);
  }

  @keyframes rise {
    from {
      opacity: 0;
      translate: 0 12px;
    }
  }

  .head {
    display: flex;
    flex: none;
    justify-content: flex-end;
    padding: 10px 8px 0;
  }

  .head + .screen {
    flex: 1;
    min-block-size: 0;
    padding-block-start: 0;
    container-type: size;
  }
`;

export const lockCardStyles = css`
  :host {
    display: block;
    margin-block-start: 18px;
  }

  .card {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 4px 14px;
    padding: 16px;
    border: 1px solid var(--_border);
    border-radius: 18px;
    background: var(--_surface-raised);
    animation: arrive calc(var(--_duration) * 1.6) var(--_ease);
  }

  @keyframes arrive {
    from {
      opacity: 0;
      translate: 0 8px;
    }
  }

  .mark {
    display: grid;
    grid-row: span 2;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    border-radius: 50%;
    background: var(--_accent-soft);
    color: var(--_accent-ink);
  }

  h3 {
    font-size: 1.0667em;
    font-weight: 600;
    letter-spacing: -0.01em;
    line-height: 1.3;
  }

  p {
    color: var(--_muted);
    font-size: 0.9333em;
    text-wrap: pretty;
  }

  .answers {
    display: flex;
    grid-column: 1 / -1;
    flex-wrap: wrap;
    gap: 8px;
    margin-block-start: 12px;
  }

  .answers .button {
    flex: 1 1 auto;
    padding-block: 8px;
  }

  .answers .later {
    border-color: transparent;
    color: var(--_muted);
  }

  .button[aria-disabled='true'] {
    opacity: 0.6;
    cursor: default;
  }

  @media (forced-colors: active) {
    .card {
      border-color: CanvasText;
    }
  }
`;
