/**
 * What the desk's components share beyond the base: denser buttons, keys, banners, dialogs.
 * @module
 */
import { css } from 'lit';

/** Agents work with a mouse all day: smaller than a customer's buttons, full size again for fingers. */
export const dense = css`
  .button {
    min-block-size: 2.25rem;
    min-inline-size: 0;
    padding: 0.3em 0.85em;
    border-color: var(--_border);
    border-radius: 10px;
    font-size: 0.9333em;
    white-space: nowrap;
  }

  .button.tonal {
    border-color: transparent;
    background: var(--_accent-soft);
    color: var(--_accent);
  }

  .button.tonal:hover {
    background: color-mix(in srgb, var(--_accent) 16%, var(--_accent-soft));
  }

  .button.quiet {
    border-color: transparent;
    color: var(--_muted);
  }

  .button.quiet:hover {
    color: var(--_text);
  }

  .button.danger {
    border-color: color-mix(in srgb, var(--_danger) 40%, transparent);
  }

  .button.quiet.danger,
  .button.quiet.danger:hover {
    border-color: transparent;
    color: var(--_danger);
  }

  .button.danger:hover {
    background: var(--_danger-soft);
  }

  .button svg {
    inline-size: 1.2em;
    block-size: 1.2em;
  }

  .icon-button {
    min-block-size: 2.25rem;
    min-inline-size: 2.25rem;
    border-radius: 10px;
  }

  @media (pointer: coarse) {
    .button,
    .icon-button {
      min-block-size: 44px;
      min-inline-size: 44px;
    }
  }

  @media (forced-colors: active) {
    .button,
    .button.quiet,
    .button.tonal,
    .button.primary {
      border-color: ButtonText;
    }
  }
`;

export const keys = css`
  kbd {
    display: inline-grid;
    place-items: center;
    min-inline-size: 1.75em;
    padding: 0.2em 0.45em;
    border: 1px solid var(--_border);
    border-block-end-width: 2px;
    border-radius: 6px;
    background: var(--_surface-raised);
    color: var(--_muted);
    font: 550 0.8em/1.2 var(--_font);
  }
`;

/** Six groups of digits for reading out: two rows of three, always left to right. */
export const fingerprintStyles = css`
  .fingerprint {
    display: grid;
    grid-template-columns: repeat(3, max-content);
    gap: 0.2em 1.1em;
    font-family:
      ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace;
    font-variant-numeric: tabular-nums slashed-zero;
    letter-spacing: 0.04em;
    direction: ltr;
    inline-size: max-content;
    max-inline-size: 100%;
  }
`;

/** A modal dialog in the middle; on small screens near the top, where the keyboard leaves room. */
export const dialogs = css`
  dialog {
    inline-size: min(34rem, calc(100vw - 24px));
    max-inline-size: none;
    max-block-size: min(42rem, calc(100dvh - 24px));
    padding: 0;
    border: 0;
    border-radius: 18px;
    background: var(--_surface-raised);
    color: var(--_text);
    box-shadow: var(--_shadow);
    overflow: auto;
    overscroll-behavior: contain;
  }

  dialog::backdrop {
    background: #0b14148c;
  }

  dialog[open] {
    animation: rise var(--_duration) var(--_ease);
  }

  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(8px) scale(0.985);
    }
  }

  @media (forced-colors: active) {
    dialog {
      border: 2px solid CanvasText;
    }
  }
`;
