/**
 * A word on what just happened, over the foot of the desk.
 * @module
 */
import { css, html, nothing, type TemplateResult } from 'lit';
import { icon } from '../ui/icons.ts';
import type { DeskPhrases } from './strings.ts';

export interface Toast {
  readonly text: string;
  /** The conversation that it speaks of, if it speaks of one. */
  readonly about: string | null;
  /** What to do again; null: nothing. */
  readonly retry: (() => void) | null;
}

/** The alert region, with or without a toast: it must be there before there is something to say. */
export function toastTemplate(toast: Toast | null, phrases: DeskPhrases, dismiss: () => void): TemplateResult {
  return html`<div class="word" role="alert">${toast ? content(toast, phrases, dismiss) : nothing}</div>`;
}

function content({ text, retry }: Toast, phrases: DeskPhrases, dismiss: () => void): TemplateResult {
  return html`<div class="toast">
    <p>${text}</p>
    ${
      retry
        ? html`<button type="button" class="button" @click=${retry}>${phrases.shared.say('retry')}</button>`
        : nothing
    }
    <button type="button" class="icon-button" aria-label=${phrases.say('dismiss')} @click=${dismiss}>
      ${icon('close')}
    </button>
  </div>`;
}

export const toastStyles = css`
  /* Over the oldest of what is on screen: neither the newest message nor the text field. */
  .word {
    grid-area: middle;
    z-index: 5;
    align-self: start;
    justify-self: center;
    max-inline-size: 100%;
    padding: 7.6rem 12px 0;
    pointer-events: none;
  }

  .toast {
    pointer-events: auto;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4em 0.8em;
    inline-size: max-content;
    max-inline-size: min(46rem, 100%);
    padding: 0.55em 0.7em 0.55em 1.1em;
    padding-inline: 1.1em 0.7em;
    border-radius: 14px;
    background: var(--_text);
    color: var(--_surface);
    box-shadow: var(--_shadow);
    animation: rise var(--_duration) var(--_ease);
  }

  .toast p {
    flex: 1 1 14em;
    padding-block: 0.25em;
    text-wrap: pretty;
  }

  .toast .button {
    border-color: transparent;
    color: inherit;
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }

  .toast .button:hover,
  .toast .icon-button:hover {
    background: color-mix(in srgb, var(--_surface) 18%, transparent);
    color: inherit;
  }

  .toast .icon-button {
    color: inherit;
  }

  .toast :focus-visible {
    outline-color: currentcolor;
    outline-offset: -3px;
  }

  @keyframes rise {
    from {
      opacity: 0;
      translate: 0 -10px;
    }
  }

  @media (forced-colors: active) {
    .toast {
      border: 2px solid CanvasText;
    }
  }
`;
