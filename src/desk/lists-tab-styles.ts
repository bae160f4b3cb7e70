/**
 * @module
 */
import { css } from 'lit';

/** One list at a time, chosen by tabs: narrow screens, and low ones where three lists would each be a slit. */
export const tabbedListsStyles = css`
  .tabs {
    display: none;
    gap: 0.25em;
    padding: 0.35em 0.75em 0;
    margin-block-end: 0.5em;
    border-block-end: 1px solid var(--_border);
  }

  .tab {
    display: flex;
    flex: 1;
    align-items: center;
    justify-content: center;
    gap: 0.4em;
    min-block-size: 2.5rem;
    min-inline-size: 0;
    padding: 0.2em 0.5em;
    border: 0;
    border-radius: 8px 8px 0 0;
    background: none;
    color: var(--_muted);
    font-size: 0.9333em;
    font-weight: 600;
    cursor: pointer;
  }

  .tab:hover {
    color: var(--_text);
  }

  .tab[aria-pressed='true'] {
    color: var(--_text);
    box-shadow: inset 0 -2px 0 var(--_accent);
  }

  .tab .dot {
    inline-size: 0.5em;
    block-size: 0.5em;
    border-radius: 50%;
    background: var(--_accent);
  }

  @container (inline-size < 46rem) or (block-size < 36rem) {
    .tabs {
      display: flex;
    }

    .waiting,
    .mine,
    .closed {
      flex: 1 1 0;
      max-block-size: none;
      border: 0;
    }

    .waiting.is-empty,
    .is-empty + .mine {
      flex: 1 1 0;
    }

    section:not(.chosen) {
      display: none;
    }

    :is(h2, .toggle) {
      display: none;
    }

    .empty {
      padding: 2.5em 1.5em;
      text-align: center;
    }
  }

  @media (pointer: coarse) {
    .tab {
      min-block-size: 44px;
    }
  }

  @media (forced-colors: active) {
    .tab[aria-pressed='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;
