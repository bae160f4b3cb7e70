/**
 * The pages that lock the desk: the calm card, with a pad in its middle.
 * @module
 */
import { css } from 'lit';

export const lockStyles = css`
  :host {
    container-type: size;
  }

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
  }

  .locked > .offline {
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

  .intro,
  .more {
    display: flex;
    flex-direction: column;
    align-items: center;
    inline-size: 100%;
  }

  .intro > p,
  .more > p {
    text-align: center;
  }

  /* Beside the pad there is room for what is said of it. */
  @container (inline-size >= 50rem) {
    .card.wide {
      display: grid;
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      grid-template-rows: 1fr auto auto 1fr;
      column-gap: clamp(1.5rem, 4vw, 3rem);
      inline-size: min(54rem, 100%);
    }

    .wide .intro {
      grid-row: 2;
    }

    .wide .more {
      grid-row: 3;
    }

    .card.wide sc-pin-pad {
      grid-row: 1 / -1;
      grid-column: 2;
      margin: 0;
    }

    .wide :is(.intro, .more) {
      align-items: flex-start;
    }

    .card.wide {
      text-align: start;
    }

    .wide :is(h1, .intro > p, .more > p) {
      text-align: -webkit-match-parent;
      text-align: match-parent;
    }
  }

  @container (block-size < 52rem) {
    .locked:has(sc-pin-pad):not(.wide) .emblem {
      display: none;
    }

    .card.locked {
      padding-block: 1.25rem;
    }

    .locked sc-pin-pad {
      margin-block-start: 0.6em;
    }

    .locked:has(sc-pin-pad) .choice {
      margin-block-start: 0.8em;
    }
  }
`;
