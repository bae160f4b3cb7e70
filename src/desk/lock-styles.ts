/**
 * The pages that lock the desk: the calm card, with a pad in its middle.
 * @module
 */
import { css } from 'lit';

export const lockStyles = css`
  .card.locked {
    display: flex;
    flex-direction: column;
    align-items: center;
    padding-block: clamp(1.4rem, 4vh, 2.4rem);
    text-align: center;
  }

  .locked h1,
  .locked > p {
    text-align: center;
  }

  .locked .emblem {
    margin-block-end: 0.9rem;
  }

  .locked sc-pin-pad {
    inline-size: 100%;
    margin-block-start: 1.1em;
  }

  .choice {
    display: grid;
    gap: 0.6em;
    inline-size: 100%;
    max-inline-size: 19rem;
    margin-block-start: 1.3em;
  }

  .choice .button {
    min-block-size: 3rem;
    border-radius: 12px;
    font-size: 1em;
    white-space: normal;
  }

  .choice .button:not(.primary, .quiet, .danger) {
    border-color: var(--_control);
  }

  .said {
    max-inline-size: 24em;
    color: var(--_danger);
    font-weight: 550;
    text-wrap: balance;
  }

  .said:not(:empty) {
    margin-block-start: 1em;
  }

  .offline {
    display: flex;
    gap: 0.6em;
    margin-block-start: 1em;
    padding: 0.7em 1em;
    border-radius: 12px;
    background: var(--_warning-soft);
    color: var(--_text);
    font-size: 0.9333em;
    text-align: start;
  }

  .offline svg {
    color: var(--_warning);
  }

  .losses {
    display: grid;
    gap: 0.6em;
    margin-block-start: 1em;
    padding-inline-start: 1.2em;
    text-align: start;
    list-style: disc;
  }

  .losses li {
    text-wrap: pretty;
  }

  .note.only {
    margin-block-start: 0.9em;
  }
`;
