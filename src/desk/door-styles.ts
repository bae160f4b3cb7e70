/**
 * The pages before the console: one calm card.
 * @module
 */
import { css } from 'lit';

export const doorStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-items: center;
    min-block-size: 100%;
    padding: 1.5rem 1rem;
    background: var(--_surface-sunken);
  }

  .card {
    inline-size: min(30rem, 100%);
    margin: auto;
    padding: clamp(1.4rem, 5vw, 2.6rem);
    border-radius: 22px;
    background: var(--_surface-raised);
    box-shadow: var(--_shadow);
    line-height: 1.5;
    overflow-wrap: anywhere;
  }

  .emblem {
    display: grid;
    place-items: center;
    inline-size: 3.2rem;
    block-size: 3.2rem;
    margin-block-end: 1.3rem;
    border-radius: 16px;
    background: var(--_accent-soft);
    color: var(--_accent);
  }

  .emblem svg {
    inline-size: 1.7rem;
    block-size: 1.7rem;
  }

  .emblem.alert {
    background: var(--_danger-soft);
    color: var(--_danger);
  }

  h1 {
    margin: 0 0 0.5em;
    font-size: 1.5em;
    font-weight: 700;
    letter-spacing: -0.02em;
    line-height: 1.25;
    text-wrap: balance;
  }

  /* It only takes the focus from us, so that reading goes on there. */
  h1:focus-visible {
    outline: none;
  }

  h2 {
    margin-block-end: 0.9em;
    color: var(--_muted);
    font-size: 0.8667em;
    font-weight: 600;
  }

  .lead,
  .note {
    color: var(--_muted);
    text-wrap: pretty;
  }

  .note {
    margin-block-start: 1.2em;
    font-size: 0.9333em;
  }

  form {
    margin-block-start: 1.6em;
  }

  label {
    display: block;
    margin-block-end: 0.4em;
    font-weight: 600;
  }

  input {
    inline-size: 100%;
    min-block-size: 3rem;
    padding: 0.4em 0.9em;
    border: 1px solid var(--_control);
    border-radius: 12px;
    background: var(--_surface);
    font-size: max(1.0667em, 16px);
  }

  input:focus-visible {
    border-color: var(--_accent);
    outline: 2px solid var(--_accent);
    outline-offset: -1px;
  }

  input[aria-invalid='true'] {
    border-color: var(--_danger);
  }

  .hint,
  .error {
    margin-block-start: 0.5em;
    color: var(--_muted);
    font-size: 0.8667em;
    text-wrap: pretty;
  }

  .error {
    display: flex;
    gap: 0.5em;
    color: var(--_danger);
    font-weight: 550;
  }

  .button.large {
    inline-size: 100%;
    min-block-size: 3rem;
    margin-block-start: 1.3em;
    border-radius: 12px;
    font-size: 1em;
    white-space: normal;
  }

  .steps {
    margin-block-start: 1.8em;
    padding-block-start: 1.5em;
    border-block-start: 1px solid var(--_border);
  }

  ol {
    display: grid;
    gap: 0.85em;
    margin: 0;
    padding: 0;
    list-style: none;
    counter-reset: step;
  }

  .lead + ol {
    margin-block-start: 1.5em;
  }

  ol li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.85em;
    counter-increment: step;
    text-wrap: pretty;
  }

  ol li::before {
    content: counter(step);
    display: grid;
    place-items: center;
    inline-size: 1.75em;
    block-size: 1.75em;
    border-radius: 50%;
    background: var(--_accent-soft);
    color: var(--_accent);
    font-size: 0.8667em;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
  }

  .compare {
    display: grid;
    justify-items: center;
    gap: 0.9em;
    margin-block: 1.6em;
    padding: 1.5em 1em;
    border: 1px solid var(--_border);
    border-radius: 16px;
    background: var(--_surface);
  }

  .compare .fingerprint {
    font-size: clamp(1.15rem, 6vw, 1.6rem);
    font-weight: 600;
  }

  .compare h2 {
    margin: 0;
  }

  .waiting {
    display: flex;
    align-items: center;
    gap: 0.8em;
    color: var(--_muted);
    font-size: 0.9333em;
  }

  .pulse {
    flex: none;
    inline-size: 0.65em;
    block-size: 0.65em;
    border-radius: 50%;
    background: var(--_accent);
    animation: pulse 2s ease-in-out infinite;
  }

  .pulse.off {
    background: var(--_warning);
    animation: none;
  }

  @keyframes pulse {
    50% {
      opacity: 0.25;
      scale: 0.8;
    }
  }

  @media (forced-colors: active) {
    .card,
    .compare {
      border: 1px solid CanvasText;
    }

    .pulse {
      background: Highlight;
      forced-color-adjust: none;
    }

    ol li::before {
      border: 1px solid CanvasText;
    }
  }
`;
