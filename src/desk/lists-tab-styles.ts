/**
 * @module
 */
import { css } from 'lit';

/** One list at a time, chosen by tabs: narrow screens, and low ones where three lists would each be a slit. */
export const tabbedListsStyles = css`
  .tabs {
    display: none;
    gap: 2px;
    padding: 0.75em 0.75em 0.35em;
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
    border-radius: 10px;
    background: none;
    color: var(--_muted);
    font-size: 0.9333em;
    font-weight: 600;
    cursor: pointer;
  }

  .tab[aria-pressed='true'] {
    background: var(--_surface);
    color: var(--_text);
    box-shadow:
      0 0 0 1px var(--_border),
      0 1px 3px #0000000f;
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

    section {
      flex: 1 1 0;
      max-block-size: none;
      border: 0;
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
