/**
 * @module
 */
import { css } from 'lit';

export const conversationStyles = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
    min-block-size: 0;
    background: var(--_surface);
  }

  header {
    display: flex;
    align-items: center;
    gap: 0.75em;
    min-block-size: 4rem;
    padding: 0.55em 1.2em;
    border-block-end: 1px solid var(--_border);
  }

  .who {
    flex: 1;
    min-inline-size: 0;
    line-height: 1.35;
  }

  h2 {
    inline-size: fit-content;
    max-inline-size: 100%;
    overflow: hidden;
    font-size: 1.0667em;
    font-weight: 650;
    letter-spacing: -0.005em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  /* It only takes the focus from us, so that reading goes on there. */
  h2:focus-visible {
    outline: none;
  }

  .about {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.9em;
    overflow: hidden;
    max-block-size: 1.4em;
    color: var(--_muted);
    font-size: 0.8667em;
    font-variant-numeric: tabular-nums;
  }

  .about > span {
    white-space: nowrap;
  }

  .actions {
    display: flex;
    flex: none;
    gap: 0.25em;
  }

  .details {
    border-inline-start: 0;
  }

  sc-transcript {
    flex: 1;
  }

  /* Lines of a length that reads well, however wide the screen. */
  sc-transcript::part(log) {
    padding-inline: max(0.6rem, calc((100% - 54rem) / 2));
  }

  .foot {
    padding: 0.5em 1.2em 0.9em;
    padding-inline: max(1.2em, calc((100% - 54rem) / 2 + 0.6rem));
  }

  .hint {
    display: flex;
    justify-content: flex-end;
    gap: 0.4em;
    padding: 0.5em 0.5em 0;
    color: var(--_muted);
    font-size: 0.8em;
  }

  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.75em 1.2em;
    padding: 0.85em 1.1em;
    border-radius: 14px;
    background: var(--_surface-sunken);
    color: var(--_muted);
    text-wrap: pretty;
  }

  .bar p {
    flex: 1 1 16em;
  }

  .bar.claimable {
    background: var(--_accent-soft);
    color: var(--_text);
  }

  .empty {
    display: grid;
    flex: 1;
    place-content: center;
    justify-items: center;
    gap: 0.5em;
    padding: 2em;
    color: var(--_muted);
    text-align: center;
    text-wrap: balance;
  }

  .empty .emblem {
    display: grid;
    place-items: center;
    inline-size: 3.6em;
    block-size: 3.6em;
    margin-block-end: 0.6em;
    border-radius: 50%;
    background: var(--_surface-sunken);
    color: var(--_muted);
  }

  .empty .emblem svg {
    inline-size: 1.7em;
    block-size: 1.7em;
  }

  .empty h2 {
    color: var(--_text);
    white-space: normal;
  }

  .keys {
    display: grid;
    grid-template-columns: auto auto;
    align-items: center;
    gap: 0.65em 1em;
    margin-block-start: 1.8em;
    font-size: 0.9333em;
    text-align: start;
  }

  .keys dt {
    justify-self: end;
    white-space: nowrap;
  }

  .back {
    display: none;
    margin-inline-start: -0.5em;
  }

  @container (inline-size < 60rem) {
    .actions .label {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }

    .actions .button {
      min-inline-size: 2.25rem;
      padding-inline: 0.5em;
    }
  }

  @container (inline-size >= 74rem) {
    .details {
      display: none;
    }
  }

  @container (inline-size < 46rem) {
    .back {
      display: inline-flex;
    }

    header {
      gap: 0.6em;
      padding-inline: 1em 0.6em;
    }

    .foot {
      padding: 0.4em 0.75em 0.75em;
    }

    .hint,
    .keys {
      display: none;
    }
  }

  @container (inline-size < 30rem) {
    header .mark {
      display: none;
    }

    .actions {
      gap: 0;
    }
  }

  @media (pointer: coarse) {
    .hint {
      display: none;
    }
  }

  /* Low and large: the page has no room for more than the chat itself. */
  @container (block-size < 30rem) {
    .hint {
      display: none;
    }
  }
`;
