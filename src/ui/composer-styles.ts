/**
 * @module
 */
import { css } from 'lit';

export const composerStyles = css`
  :host {
    display: block;
  }

  .composer {
    display: flex;
    align-items: flex-end;
    gap: 4px;
    padding: 3px;
    border: 1px solid var(--_control);
    border-radius: 25px;
    background: var(--_surface-raised);
    transition: border-color var(--_duration);
  }

  .composer:focus-within {
    border-color: var(--_accent-ink);
    box-shadow: 0 0 0 1px var(--_accent-ink);
  }

  textarea {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 42px;
    max-block-size: min(9.5em, 30vh);
    padding: max(calc(21px - 0.7em), 0.3em) 14px;
    border: 0;
    background: none;
    color: var(--_text);
    /* Below 16 px an iPhone zooms into the page. */
    font-size: max(1em, 16px);
    line-height: 1.4;
    resize: none;
    overflow-y: auto;
    overflow-wrap: anywhere;
    scrollbar-width: thin;
  }

  /* The ring is round the whole row. */
  textarea:focus-visible {
    outline: none;
  }

  textarea::placeholder {
    color: var(--_muted);
    opacity: 1;
  }

  .send {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 44px;
    block-size: 44px;
    margin-block-end: -1px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 50%;
    background: var(--_accent);
    color: var(--_on-accent);
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
    transition:
      background-color var(--_duration),
      color var(--_duration);
  }

  .send[aria-disabled='true'] {
    background: var(--_agent-bg);
    color: var(--_muted);
    cursor: default;
  }

  :host([disabled]) .composer {
    border-color: var(--_border);
    background: var(--_surface-sunken);
  }

  .room {
    padding-inline: 18px;
    color: var(--_muted);
    font-size: 0.8667em;
    line-height: 1.4;
  }

  .room:not(:empty) {
    padding-block-start: 6px;
  }

  .room.over {
    color: var(--_danger);
  }

  @media (forced-colors: active) {
    .composer:focus-within {
      outline: 2px solid Highlight;
      outline-offset: 1px;
    }

    .send {
      border-color: ButtonText;
    }

    .send[aria-disabled='true'] {
      color: GrayText;
      border-color: GrayText;
    }
  }
`;
