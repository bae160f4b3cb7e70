/**
 * @module
 */
import { css } from 'lit';

export const pinPadStyles = css`
  :host {
    /* For thumbs; in little height they come closer, never below 48 px. */
    --_key: clamp(48px, min(8.6vh, 10.6cqb), 72px);
    --_gap: clamp(8px, min(1.7vh, 2.2cqb), 16px);
    display: block;
    color: var(--_text);
  }

  .pin {
    display: flex;
    flex-direction: column;
    align-items: center;
    text-align: center;
  }

  h3 {
    font-size: 1.3334em;
    font-weight: 600;
    letter-spacing: -0.015em;
    line-height: 1.25;
    text-wrap: balance;
  }

  .hint {
    grid-row: 3;
    max-inline-size: 24em;
    margin-block-start: 6px;
    color: var(--_muted);
    line-height: 1.4;
    text-wrap: balance;
  }

  h3,
  .hint,
  .said p {
    text-align: center;
  }

  .entry {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 8px 14px;
    box-sizing: border-box;
    inline-size: max(calc(3 * var(--_key) + 2 * var(--_gap) + 16px), 184px);
    max-inline-size: 100%;
    min-block-size: 52px;
    margin-block-start: 16px;
    padding: 12px;
    border: 1px solid transparent;
    border-radius: 26px;
    direction: ltr;
    transition: border-color var(--_duration);
  }

  .entry.plain {
    border-color: var(--_control);
    background: var(--_surface-sunken);
  }

  .entry:focus-visible {
    border-color: var(--_accent-ink);
    outline: 1px solid var(--_accent-ink);
    outline-offset: 0;
  }

  .dot {
    flex: none;
    inline-size: 14px;
    block-size: 14px;
    border: 1.5px solid var(--_control);
    border-radius: 50%;
    transition: border-color var(--_duration);
  }

  /* Drawn by its border, which forced colours keep. */
  .dot.filled {
    border-color: var(--_accent-ink);
    border-width: 7px;
    animation: pop calc(var(--_duration) * 0.8) var(--_ease);
  }

  .entry.many {
    column-gap: 5px;
    padding-inline: 8px;
  }

  .entry.many .dot {
    inline-size: 10px;
    block-size: 10px;
  }

  .entry.many .dot.filled {
    border-width: 5px;
  }

  @keyframes pop {
    from {
      transform: scale(0.3);
    }

    60% {
      transform: scale(1.15);
    }
  }

  .caret {
    inline-size: 2px;
    block-size: 22px;
    margin-inline: -4px;
    border-radius: 1px;
    background: var(--_accent-ink);
    visibility: hidden;
    animation: blink 1.1s steps(1) infinite;
  }

  .entry:focus .caret {
    visibility: visible;
  }

  .working .caret {
    display: none;
  }

  @keyframes blink {
    50% {
      opacity: 0;
    }
  }

  .entry.refused {
    animation: shake 380ms ease-in-out;
  }

  @keyframes shake {
    20%,
    60% {
      translate: -7px;
    }

    40%,
    80% {
      translate: 7px;
    }
  }

  .working .dot.filled {
    animation: wait 1.2s ease-in-out infinite;
  }

  .working .dot:nth-child(3n + 2) {
    animation-delay: 0.15s;
  }

  .working .dot:nth-child(3n) {
    animation-delay: 0.3s;
  }

  @keyframes wait {
    40% {
      opacity: 0.3;
      transform: translateY(-3px);
    }
  }

  /* Room for one line, so that the keys stay where the thumb is. */
  .said {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    inline-size: 100%;
    max-inline-size: 24em;
    min-block-size: calc(1.4em + 22px);
    padding-block: 10px 12px;
    line-height: 1.4;
  }

  .said p {
    text-wrap: balance;
  }

  .failure {
    color: var(--_danger);
    font-weight: 550;
  }

  .note {
    color: var(--_muted);
  }

  .keys {
    display: grid;
    grid-template-columns: repeat(3, var(--_key));
    gap: var(--_gap);
    direction: ltr;
  }

  .key {
    display: grid;
    place-items: center;
    inline-size: var(--_key);
    block-size: var(--_key);
    padding: 0;
    border: 1px solid transparent;
    border-radius: 50%;
    background: var(--_agent-bg);
    color: var(--_agent-text);
    font-size: min(1.7334em, calc(var(--_key) * 0.5));
    font-weight: 450;
    font-variant-numeric: tabular-nums lining-nums;
    line-height: 1;
    cursor: pointer;
    touch-action: manipulation;
    user-select: none;
    -webkit-user-select: none;
    -webkit-tap-highlight-color: transparent;
    transition:
      background-color calc(var(--_duration) * 0.8),
      color calc(var(--_duration) * 0.8),
      scale calc(var(--_duration) * 0.5) var(--_ease);
  }

  .key svg {
    inline-size: min(1.5em, calc(var(--_key) * 0.48));
    block-size: min(1.5em, calc(var(--_key) * 0.48));
  }

  @media (hover: hover) {
    .key:not([aria-disabled='true']):hover {
      background: color-mix(in srgb, var(--_accent-ink) 16%, var(--_agent-bg));
    }

    .key.confirm:not([aria-disabled='true']):hover {
      background: color-mix(in srgb, var(--_accent) 88%, var(--_text));
    }
  }

  .key:not([aria-disabled='true']):active {
    background: color-mix(in srgb, var(--_accent-ink) 26%, var(--_agent-bg));
    scale: 0.94;
    transition-duration: 0s;
  }

  .key.delete,
  .key.confirm {
    font-size: min(1.35em, calc(var(--_key) * 0.42));
  }

  .key.delete {
    background: none;
    color: var(--_text);
  }

  .key.confirm:not([aria-disabled='true']),
  .working .key.confirm {
    background: var(--_accent);
    color: var(--_on-accent);
  }

  .key[aria-disabled='true'] {
    color: var(--_muted);
    cursor: default;
  }

  .spinner {
    inline-size: 45%;
    block-size: 45%;
    border: 2.5px solid currentcolor;
    border-inline-end-color: transparent;
    border-radius: 50%;
    animation: turn 0.9s linear infinite;
  }

  @keyframes turn {
    to {
      rotate: 360deg;
    }
  }

  /* A phone on its side: the keys beside the question. */
  @container (max-height: 430px) and (min-width: 460px) {
    .pin {
      display: grid;
      grid-template-columns: minmax(0, 24em) auto;
      grid-template-rows: 1fr auto auto auto 1fr;
      justify-content: center;
      justify-items: center;
      column-gap: 32px;
    }

    h3 {
      grid-row: 2;
      align-self: end;
    }

    .hint,
    .entry,
    .said {
      grid-column: 1;
    }

    .entry {
      grid-row: 4;
    }

    .said {
      grid-row: 5;
      justify-content: flex-start;
    }

    .keys {
      grid-row: 1 / -1;
      grid-column: 2;
    }
  }

  @media (forced-colors: active) {
    .entry,
    .entry.plain,
    .key {
      border-color: ButtonText;
    }

    .entry:focus-visible {
      outline: 2px solid Highlight;
    }

    .key[aria-disabled='true'] {
      border-color: GrayText;
      color: GrayText;
    }

    .dot,
    .dot.filled {
      border-color: CanvasText;
    }

    .caret {
      background: CanvasText;
    }
  }
`;
