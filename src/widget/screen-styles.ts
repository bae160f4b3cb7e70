/**
 * Banners, screens and questions of the panel.
 * @module
 */
import { css } from 'lit';

export const screenStyles = css`
  .banner {
    display: flex;
    align-items: flex-start;
    gap: 10px;
    padding: 10px 16px;
    border-block-end: 1px solid var(--_border);
    font-size: 0.9333em;
    line-height: 1.4;
    animation: appear var(--_duration) ease-out;
  }

  @keyframes appear {
    from {
      opacity: 0;
    }
  }

  .banner svg {
    color: var(--_muted);
  }

  .banner.warning {
    background: var(--_warning-soft);
  }

  .banner.warning svg {
    color: var(--_warning);
  }

  .banner.danger {
    background: var(--_danger-soft);
  }

  .banner.danger svg {
    color: var(--_danger);
  }

  .banner.success {
    background: var(--_accent-soft);
  }

  .banner.success svg {
    color: var(--_success);
  }

  .banner small {
    color: var(--_muted);
    font-size: 0.9em;
  }

  .main {
    overflow-y: auto;
    overscroll-behavior: contain;
  }

  .main:focus-visible {
    outline-offset: -3px;
  }

  .welcome {
    display: flex;
    flex-direction: column;
    padding: 24px 24px 20px;
  }

  .welcome::before {
    content: '';
    margin-block-start: auto;
  }

  h3 {
    font-size: 1.7333em;
    font-weight: 600;
    letter-spacing: -0.022em;
    line-height: 1.15;
    text-wrap: balance;
  }

  .welcome > p {
    margin-block-start: 10px;
    color: var(--_muted);
    font-size: 1.0667em;
    text-wrap: pretty;
  }

  .welcome > .assurance {
    display: flex;
    gap: 10px;
    margin-block-start: 22px;
    padding-block-start: 16px;
    border-block-start: 1px solid var(--_border);
    font-size: 0.9333em;
  }

  .assurance svg {
    color: var(--_success);
  }

  .waiting-note {
    display: flex;
    align-items: flex-start;
    gap: 12px;
    padding: 10px 20px 6px;
    color: var(--_muted);
    font-size: 0.9333em;
    text-wrap: pretty;
  }

  .pulse {
    position: relative;
    flex: none;
    inline-size: 10px;
    block-size: 10px;
    margin-block-start: 0.4em;
    border: 5px solid var(--_accent-ink);
    border-radius: 50%;
  }

  .pulse::after {
    content: '';
    position: absolute;
    inset: -5px;
    border: 1px solid var(--_accent-ink);
    border-radius: 50%;
    animation: ring 2.2s ease-out infinite;
  }

  @keyframes ring {
    to {
      opacity: 0;
      transform: scale(2.4);
    }
  }

  .foot {
    display: flex;
    flex: none;
    flex-direction: column;
    gap: 12px;
    padding: 12px 16px 16px;
    border-block-start: 1px solid var(--_border);
  }

  .wide {
    inline-size: 100%;
  }

  .ended p {
    color: var(--_muted);
    font-size: 0.9333em;
    text-align: center;
    text-wrap: balance;
  }

  .ended strong {
    display: block;
    color: var(--_text);
    font-weight: 600;
  }

  .list {
    padding: 8px;
  }

  .entry {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 2px 12px;
    inline-size: 100%;
    padding: 12px;
    border: 1px solid transparent;
    border-radius: 12px;
    background: none;
    text-align: start;
    cursor: pointer;
  }

  .entry:hover {
    background: var(--_hover);
  }

  .entry-title {
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .entry-time,
  .entry-preview,
  .entry-state {
    color: var(--_muted);
    font-size: 0.8667em;
  }

  .entry-time {
    font-variant-numeric: tabular-nums;
  }

  .entry-preview {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .entry-state,
  .count {
    justify-self: end;
  }

  .count {
    min-inline-size: 1.7em;
    padding-inline: 0.5em;
    border: 1px solid transparent;
    border-radius: 1em;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 0.8em;
    font-weight: 600;
    line-height: 1.6;
    text-align: center;
  }

  .opening {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    gap: 10px;
    padding: 20px 16px;
  }

  .opening i {
    inline-size: 62%;
    block-size: 40px;
    border-radius: 19px;
    background: var(--_agent-bg);
    animation: breathe 1.6s ease-in-out infinite alternate;
  }

  .opening i:nth-of-type(2) {
    inline-size: 44%;
    animation-delay: 0.2s;
  }

  .opening i:nth-of-type(3) {
    align-self: flex-end;
    inline-size: 52%;
    animation-delay: 0.4s;
  }

  @keyframes breathe {
    from {
      opacity: 1;
    }

    to {
      opacity: 0.45;
    }
  }

  .unavailable {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 8px;
    padding: 32px 28px;
    text-align: center;
    text-wrap: balance;
  }

  .unavailable::before,
  .unavailable::after {
    content: '';
    margin-block: auto;
  }

  .unavailable h3 {
    font-size: 1.2667em;
    letter-spacing: -0.012em;
  }

  .unavailable p {
    color: var(--_muted);
  }

  .unavailable .code {
    font-size: 0.8667em;
  }

  .unavailable .mark {
    display: grid;
    place-items: center;
    inline-size: 56px;
    block-size: 56px;
    margin-block-end: 8px;
    border-radius: 50%;
    background: var(--_warning-soft);
    color: var(--_warning);
    font-size: 19px;
  }

  .unavailable .button {
    margin-block-start: 14px;
  }

  .unavailable .button + .button {
    margin-block-start: 2px;
  }

  .veil {
    position: absolute;
    inset: 0;
    z-index: 3;
    background: #0e151566;
    animation: appear calc(var(--_duration) * 0.7) ease-out;
  }

  .question {
    position: absolute;
    inset-block-end: 0;
    inset-inline: 0;
    z-index: 3;
    max-block-size: calc(100% - 16px);
    margin: 8px;
    padding: 20px;
    overflow-y: auto;
    overscroll-behavior: contain;
    border-radius: calc(var(--_radius) - 4px);
    background: var(--_surface-raised);
    box-shadow: var(--_shadow);
    animation: lift var(--_duration) var(--_ease);
  }

  @keyframes lift {
    from {
      opacity: 0;
      translate: 0 16px;
    }
  }

  .question p {
    font-weight: 550;
    text-wrap: balance;
  }

  .question .more-words {
    margin-block-start: 6px;
    color: var(--_muted);
    font-weight: 400;
    text-wrap: pretty;
  }

  .answers {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-block-start: 16px;
  }

  .answers .button {
    flex: 1 1 8em;
  }

  @media (forced-colors: active) {
    .question,
    .banner {
      border: 1px solid CanvasText;
    }
  }
`;
