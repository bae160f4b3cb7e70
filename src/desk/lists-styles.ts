/**
 * @module
 */
import { css } from 'lit';

export const listsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    --_claim: 2rem;
  }

  section {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
  }

  /* The queue takes what room is left; one's own chats are always whole until they need half. */
  .waiting {
    flex: 1 1 0;
    min-block-size: 11rem;
  }

  .mine {
    flex: 0 1 auto;
    max-block-size: 54%;
    min-block-size: 6.5rem;
    border-block-start: 1px solid var(--_border);
  }

  .waiting.is-empty {
    flex: 0 0 auto;
    min-block-size: 0;
  }

  .is-empty + .mine {
    flex: 1 1 0;
    max-block-size: none;
  }

  .closed {
    flex: 0 0 auto;
    max-block-size: 40%;
    border-block-start: 1px solid var(--_border);
  }

  h2 {
    display: flex;
    align-items: center;
    gap: 0.55em;
    padding: 0.85em 1.2em 0.4em;
    font-size: 0.8667em;
    font-weight: 600;
    letter-spacing: 0.005em;
    color: var(--_muted);
  }

  .closed h2 {
    padding: 0;
  }

  .count {
    font-weight: 500;
    font-variant-numeric: tabular-nums;
  }

  .toggle {
    display: flex;
    align-items: center;
    gap: 0.55em;
    inline-size: 100%;
    min-block-size: 2.75rem;
    padding: 0 1.2em;
    border: 0;
    background: none;
    color: var(--_muted);
    font-weight: 600;
    text-align: start;
    cursor: pointer;
  }

  .toggle:hover {
    color: var(--_text);
  }

  .toggle:focus-visible {
    outline-offset: -3px;
  }

  .toggle svg {
    inline-size: 1em;
    block-size: 1em;
    margin-inline-start: auto;
  }

  .toggle svg:not(.flip:dir(rtl)) {
    rotate: 90deg;
  }

  .toggle[aria-expanded='true'] svg {
    rotate: -90deg;
  }

  ul {
    flex: 1;
    min-block-size: 0;
    padding: 0 0.5em 0.5em;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: color-mix(in srgb, var(--_muted) 40%, transparent) transparent;
  }

  .empty {
    padding: 0.1em 1.2em 1.2em;
    color: var(--_muted);
    font-size: 0.9333em;
    text-wrap: pretty;
  }

  li {
    position: relative;
    display: flex;
    align-items: stretch;
    border-radius: 12px;
  }

  .row {
    display: grid;
    flex: 1;
    grid-template-columns: auto minmax(0, 1fr) auto;
    grid-template-areas: 'mark title time' 'mark preview end';
    align-items: center;
    gap: 0.1em 0.75em;
    min-inline-size: 0;
    min-block-size: 3.75rem;
    padding: 0.5em 0.7em;
    border: 0;
    border-radius: inherit;
    background: none;
    color: var(--_text);
    line-height: 1.35;
    text-align: start;
    cursor: pointer;
  }

  li:hover .row {
    background: var(--_hover);
  }

  .row:focus-visible {
    outline-offset: -2px;
  }

  .row[aria-current='true'] {
    background: var(--_surface);
    box-shadow:
      0 0 0 1px var(--_border),
      0 1px 3px #0000000f;
  }

  .row[aria-current='true']::before {
    content: '';
    position: absolute;
    inset-block: 0.95em;
    inset-inline-start: 0;
    inline-size: 3px;
    border-radius: 3px;
    background: var(--_accent);
  }

  .mark {
    grid-area: mark;
  }

  .title {
    grid-area: title;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.5em;
    min-inline-size: 0;
    /* One line: the number gives way to the title. */
    block-size: 1.35em;
    overflow: hidden;
  }

  /* A text of the other direction ends at its own end, but begins where all others do. */
  :host(:dir(rtl)) .preview {
    text-align: right;
  }

  .title bdi,
  .preview {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .title bdi {
    max-inline-size: 100%;
    font-weight: 550;
  }

  .number {
    flex: none;
    color: var(--_muted);
    font-size: 0.8em;
    font-variant-numeric: tabular-nums;
  }

  .preview {
    grid-area: preview;
    min-inline-size: 0;
    color: var(--_muted);
    font-size: 0.9333em;
  }

  .preview.draft {
    color: var(--_warning);
  }

  .preview.typing {
    color: var(--_accent);
    font-weight: 550;
  }

  .preview.unknown {
    font-style: italic;
  }

  time {
    grid-area: time;
    color: var(--_muted);
    font-size: 0.8667em;
    font-variant-numeric: tabular-nums;
    text-align: end;
    white-space: nowrap;
  }

  time.long {
    color: var(--_warning);
    font-weight: 550;
  }

  time.late {
    color: var(--_danger);
    font-weight: 650;
  }

  .unread {
    grid-area: end;
    justify-self: end;
    min-inline-size: 1.55em;
    padding: 0.08em 0.45em;
    border-radius: 99px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 0.8em;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
    text-align: center;
  }

  .is-unread .title bdi {
    font-weight: 700;
  }

  .is-unread .preview:not(.typing, .draft) {
    color: var(--_text);
  }

  /* Under the time lies the button. */
  .waiting .row {
    grid-template-columns: auto minmax(0, 1fr) minmax(4.6em, auto);
    min-block-size: 4.1rem;
  }

  .claim,
  .taken {
    position: absolute;
    inset-block-end: 0.5em;
    inset-inline-end: 0.6em;
  }

  .claim {
    min-block-size: 1.65rem;
    padding: 0 0.85em;
    border: 1px solid var(--_border);
    border-radius: 9px;
    background: var(--_surface);
    color: var(--_accent);
    font-size: 0.8667em;
    font-weight: 600;
    cursor: pointer;
    transition: background-color var(--_duration);
  }

  .claim:hover {
    border-color: var(--_accent);
    background: var(--_accent-soft);
    color: var(--_accent);
  }

  li:first-child .claim {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
  }

  .claim:disabled {
    opacity: 0.6;
    cursor: default;
  }

  .taken {
    padding-block: 0.2em;
    color: var(--_muted);
    font-size: 0.8667em;
    font-weight: 550;
    max-inline-size: 60%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .is-taken .preview,
  .is-taken time {
    visibility: hidden;
  }

  .is-taken .title {
    color: var(--_muted);
  }

  .is-taken .mark {
    opacity: 0.5;
  }

  @media (pointer: coarse) {
    .row {
      min-block-size: 4.75rem;
    }

    .waiting .row {
      min-block-size: 5.4rem;
    }

    .claim {
      min-block-size: 44px;
      inset-block-end: 0.3em;
    }
  }

  @media (forced-colors: active) {
    .row[aria-current='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }

    .unread {
      border: 1px solid CanvasText;
    }
  }
`;
