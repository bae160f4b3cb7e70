/**
 * @module
 */
import { css } from 'lit';

export const padlockStyles = css`
  :host([variant='strip']) {
    display: block;
  }

  .lock {
    display: inline-grid;
    place-items: center;
    min-inline-size: 44px;
    min-block-size: 44px;
    padding: 0;
    border: 1px solid transparent;
    border-radius: 50%;
    background: none;
    color: var(--_success);
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
    transition: background-color var(--_duration);
  }

  .lock:hover {
    background: var(--_hover);
  }

  :host([variant='strip']) .lock {
    display: flex;
    align-items: center;
    gap: 9px;
    inline-size: 100%;
    padding: 8px 16px;
    border-width: 0 0 1px;
    border-radius: 0;
    border-block-end-color: var(--_border);
    background: var(--_surface-sunken);
    color: var(--_muted);
    font-size: 0.8667em;
    line-height: 1.35;
    text-align: start;
  }

  :host([variant='strip']) .lock:hover {
    color: var(--_text);
  }

  :host([variant='strip']) .lock:focus-visible {
    outline-offset: -3px;
  }

  .lock > svg:first-child {
    color: var(--_success);
  }

  .lock > svg:last-child:not(:first-child) {
    inline-size: 1.15em;
    block-size: 1.15em;
  }

  .sentence {
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }

  .recording {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    white-space: nowrap;
  }

  .recording svg {
    inline-size: 1.1em;
    block-size: 1.1em;
    color: var(--_danger);
  }

  .lock.none > svg:first-child {
    color: var(--_muted);
  }

  .lock.stale,
  .lock.alarm {
    color: var(--_text);
    font-weight: 550;
  }

  :host([variant='strip']) .lock.stale {
    background: var(--_warning-soft);
    color: var(--_text);
  }

  :host([variant='strip']) .lock.alarm {
    background: var(--_danger-soft);
    color: var(--_text);
  }

  .lock.stale > svg:first-child {
    color: var(--_warning);
  }

  .lock.alarm > svg:first-child {
    color: var(--_danger);
  }

  .sheet {
    position: absolute;
    inset: 0;
    z-index: 3;
    display: flex;
    flex-direction: column;
    overflow: hidden;
    padding: var(--_safe, 0);
    border-radius: inherit;
    background: var(--_surface);
    color: var(--_text);
    animation: rise var(--_duration) var(--_ease);
  }

  .sheet:focus {
    outline: none;
  }

  @keyframes rise {
    from {
      opacity: 0;
      translate: 0 12px;
    }
  }

  .head {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 12px 8px 8px 20px;
    padding-inline: 20px 8px;
  }

  h2 {
    flex: 1;
    font-size: 1.2em;
    font-weight: 600;
    letter-spacing: -0.01em;
    line-height: 1.3;
  }

  .body {
    flex: 1;
    min-block-size: 0;
    padding: 4px 20px 24px;
    overflow-y: auto;
    overscroll-behavior: contain;
    line-height: 1.5;
  }

  .readers {
    padding-block-end: 18px;
    font-size: 1.0667em;
    text-wrap: pretty;
  }

  .readers span {
    color: var(--_muted);
  }

  .fact {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 14px;
    padding-block: 14px;
    border-block-start: 1px solid var(--_border);
  }

  .mark {
    display: grid;
    place-items: center;
    inline-size: 36px;
    block-size: 36px;
    border-radius: 50%;
    background: var(--_surface-sunken);
    color: var(--_muted);
  }

  .good .mark {
    background: var(--_accent-soft);
    color: var(--_success);
  }

  .warning .mark {
    background: var(--_warning-soft);
    color: var(--_warning);
  }

  .danger .mark {
    background: var(--_danger-soft);
    color: var(--_danger);
  }

  h3 {
    font-size: 1em;
    font-weight: 600;
  }

  .fact p {
    color: var(--_muted);
    font-size: 0.9333em;
    text-wrap: pretty;
  }

  .danger p {
    color: var(--_danger);
  }

  .fact .code {
    margin-block-start: 8px;
    padding: 8px 10px;
    border: 1px solid var(--_border);
    border-radius: 8px;
    color: var(--_text);
    font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace;
    font-size: 0.8667em;
    line-height: 1.6;
    overflow-wrap: anywhere;
    user-select: all;
  }
`;
