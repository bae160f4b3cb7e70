/**
 * @module
 */
import { css } from 'lit';

export const transcriptStyles = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    min-block-size: 0;
  }

  .log {
    flex: 1;
    min-block-size: 0;
    overflow-y: auto;
    overflow-anchor: none;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: color-mix(in srgb, var(--_muted) 45%, transparent) transparent;
  }

  .log:focus-visible {
    outline-offset: -3px;
  }

  .content {
    display: flex;
    flex-direction: column;
    min-block-size: 100%;
    padding: 20px 16px 16px;
  }

  /* Few messages stand at the foot, where the eye is. */
  .content::before {
    content: '';
    margin-block-start: auto;
  }

  .message {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    max-inline-size: min(34em, 84%);
    margin-block-start: 3px;
    line-height: 1.45;
  }

  .message.first {
    margin-block-start: 14px;
  }

  .message.own {
    align-self: flex-end;
    align-items: flex-end;
  }

  .name {
    margin-block-end: 4px;
    padding-inline: 14px;
    color: var(--_muted);
    font-size: 0.8667em;
    font-weight: 550;
  }

  .role {
    margin-inline-start: 0.3em;
    font-weight: 400;
  }

  .bubble {
    --_near: 6px;
    --_far: 19px;
    max-inline-size: 100%;
    padding: 9px 14px;
    border: 1px solid transparent;
    border-radius: var(--_far);
    background: var(--_agent-bg);
    color: var(--_agent-text);
  }

  .other .bubble {
    border-end-start-radius: var(--_near);
  }

  .other:not(.first) .bubble {
    border-start-start-radius: var(--_near);
  }

  .own .bubble {
    background: var(--_own-bg);
    color: var(--_own-text);
    border-end-end-radius: var(--_near);
  }

  .own:not(.first) .bubble {
    border-start-end-radius: var(--_near);
  }

  /* A colleague's, seen from the desk: our side, but not ours. */
  .own:not(.mine) .bubble {
    background: var(--_accent-soft);
    color: var(--_text);
  }

  .text {
    text-align: start;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    text-wrap: pretty;
    hyphens: none;
  }

  .text a {
    color: inherit;
    text-decoration-thickness: 1px;
    text-underline-offset: 0.18em;
  }

  .text a:hover {
    text-decoration-thickness: 2px;
  }

  .text a:focus-visible {
    border-radius: 2px;
    outline-color: currentcolor;
  }

  .bubble.is-retract {
    border: 1px dashed var(--_control);
    background: none;
    color: var(--_muted);
    font-style: italic;
  }

  .file {
    display: flex;
    gap: 0.5em;
    overflow-wrap: anywhere;
  }

  .meta {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 5px;
    margin-block-start: 4px;
    padding-inline: 14px;
    color: var(--_muted);
    font-size: 0.8em;
    font-variant-numeric: tabular-nums;
  }

  .own .meta {
    justify-content: flex-end;
    padding-inline: 4px;
    text-align: end;
  }

  .receipt,
  .unverified {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }

  .meta.read .receipt {
    color: var(--_accent-ink);
  }

  .meta.failed .receipt,
  .unverified {
    color: var(--_danger);
    font-weight: 550;
  }

  .meta.held .receipt {
    color: var(--_warning);
  }

  .day,
  .marker {
    display: flex;
    align-items: center;
    gap: 12px;
    margin-block: 20px 6px;
    color: var(--_muted);
    font-size: 0.8em;
    font-weight: 550;
  }

  .day {
    justify-content: center;
  }

  .marker {
    color: var(--_accent-ink);
  }

  .marker::before,
  .marker::after {
    content: '';
    flex: 1;
    border-block-start: 1px solid currentcolor;
    opacity: 0.5;
  }

  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: center;
    gap: 0 6px;
    margin-block: 14px 2px;
    color: var(--_muted);
    font-size: 0.8667em;
    text-align: center;
    overflow-wrap: anywhere;
    text-wrap: balance;
  }

  .line time {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .line.warning {
    align-items: flex-start;
    flex-wrap: nowrap;
    justify-content: flex-start;
    gap: 8px;
    padding: 9px 12px;
    border-radius: 12px;
    background: var(--_warning-soft);
    color: var(--_text);
    text-align: start;
    text-wrap: pretty;
  }

  .line.warning span {
    flex: 1;
  }

  .line.warning svg {
    color: var(--_warning);
  }

  .typing {
    display: flex;
    align-items: center;
    gap: 9px;
    margin-block-start: 12px;
    color: var(--_muted);
    font-size: 0.8667em;
  }

  .dots {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    block-size: 34px;
    padding-inline: 13px;
    border-radius: 17px;
    border-end-start-radius: 6px;
    background: var(--_agent-bg);
    color: var(--_muted);
  }

  .dots i {
    inline-size: 6px;
    block-size: 6px;
    border-radius: 50%;
    background: currentcolor;
    animation: breathe 1.3s ease-in-out infinite;
  }

  .dots i:nth-child(2) {
    animation-delay: 0.16s;
  }

  .dots i:nth-child(3) {
    animation-delay: 0.32s;
  }

  @keyframes breathe {
    0%,
    60%,
    100% {
      opacity: 0.35;
    }

    30% {
      opacity: 1;
    }
  }

  .earlier {
    align-self: center;
    font-size: 0.8667em;
  }

  .jump {
    position: absolute;
    inset-block-end: 12px;
    inset-inline-start: 50%;
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 44px;
    min-inline-size: 44px;
    justify-content: center;
    padding-inline: 11px;
    border: 1px solid var(--_border);
    border-radius: 22px;
    background: var(--_surface-raised);
    color: var(--_text);
    font-size: 0.8667em;
    font-weight: 550;
    white-space: nowrap;
    box-shadow: 0 2px 10px #0002;
    cursor: pointer;
    transform: translateX(-50%);
  }

  .jump:dir(rtl) {
    transform: translateX(50%);
  }

  @media (forced-colors: active) {
    .bubble {
      border-color: CanvasText;
    }

    .own .bubble {
      border-color: Highlight;
      border-width: 2px;
    }

    .dots i {
      background: CanvasText;
    }

    .line.warning {
      border: 1px solid CanvasText;
    }
  }
`;
