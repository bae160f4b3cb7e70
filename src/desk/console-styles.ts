/**
 * @module
 */
import { css } from 'lit';

export const consoleStyles = css`
  :host {
    display: block;
    block-size: 100%;
    container-type: size;
  }

  .frame {
    display: grid;
    grid-template-columns: 21.5rem minmax(0, 1fr) 19rem;
    grid-template-rows: minmax(0, 1fr) auto;
    grid-template-areas: 'left middle right' 'foot foot foot';
    block-size: 100%;
  }

  .frame:not(.has-card) {
    grid-template-columns: 21.5rem minmax(0, 1fr);
    grid-template-areas: 'left middle' 'foot foot';
  }

  .left {
    grid-area: left;
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    border-inline-end: 1px solid var(--_border);
    background: var(--_surface-sunken);
  }

  sc-desk-lists {
    flex: 1;
  }

  .head {
    display: flex;
    align-items: center;
    gap: 0.15em;
    padding: 0.75em 0.7em 0.65em 1.2em;
    padding-inline: 1.2em 0.7em;
  }

  .name {
    flex: 1;
    min-inline-size: 0;
    line-height: 1.3;
  }

  h1,
  .name p {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  h1 {
    margin: 0;
    font-size: 1.0667em;
    font-weight: 700;
    letter-spacing: -0.01em;
  }

  .name p {
    color: var(--_muted);
    font-size: 0.8667em;
  }

  sc-desk-duty {
    margin: 0 0.8em 0.25em;
  }

  .middle {
    grid-area: middle;
    display: flex;
    min-inline-size: 0;
    min-block-size: 0;
  }

  sc-desk-conversation {
    flex: 1;
  }

  .right {
    grid-area: right;
    min-block-size: 0;
    border-inline-start: 1px solid var(--_border);
  }

  sc-desk-customer {
    block-size: 100%;
  }

  sc-desk-health {
    grid-area: foot;
    min-inline-size: 0;
  }

  /* No room for three: the card lies over the conversation's end. */
  @container (inline-size < 74rem) {
    .frame,
    .frame:not(.has-card) {
      grid-template-columns: 20rem minmax(0, 1fr);
      grid-template-areas: 'left middle' 'foot foot';
    }

    .right {
      display: none;
      grid-area: middle;
      z-index: 4;
      justify-self: end;
      inline-size: min(21rem, 100%);
      min-inline-size: 0;
      box-shadow: var(--_shadow);
    }

    .right.open {
      display: block;
      animation: slide var(--_duration) var(--_ease);
    }
  }

  @keyframes slide {
    from {
      opacity: 0;
    }
  }

  @container (inline-size < 56rem) {
    .frame,
    .frame:not(.has-card) {
      grid-template-columns: 18rem minmax(0, 1fr);
    }
  }

  @container (inline-size < 46rem) {
    .frame,
    .frame:not(.has-card) {
      grid-template-columns: minmax(0, 1fr);
      grid-template-areas: 'middle' 'foot';
    }

    .left {
      grid-area: middle;
      border: 0;
    }

    .frame:not(.is-open) .middle,
    .is-open .left {
      display: none;
    }

    .right {
      inline-size: 100%;
      border: 0;
    }

    .is-open sc-desk-health:not([failing]) {
      display: none;
    }
  }
`;
