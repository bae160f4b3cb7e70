/**
 * The panel's frame and header.
 * @module
 */
import { css } from 'lit';

export const panelStyles = css`
  :host {
    display: block;
    color: var(--_text);
    font-family: var(--_font);
    font-size: var(--_font-size);
    font-weight: 400;
    font-style: normal;
    line-height: 1.45;
    letter-spacing: normal;
    text-align: start;
    text-transform: none;
    word-spacing: normal;
    -webkit-text-size-adjust: 100%;
    text-size-adjust: 100%;
  }

  :host(:not([mode='inline'])) {
    position: fixed;
    z-index: var(--_z-index);
    inset-block-end: calc(var(--_inset) + env(safe-area-inset-bottom));
    inset-inline-end: var(--_inset);
    inline-size: min(var(--_inline-size), 100vw - 2 * var(--_inset));
    block-size: min(var(--_block-size), 100dvh - 2 * var(--_inset));
    pointer-events: none;
  }

  :host([sheet]:not([mode='inline'])) {
    inset: 0;
    /* What the on-screen keyboard leaves (see viewport.ts). */
    inset-block-start: var(--_view-top, 0);
    inline-size: auto;
    block-size: var(--_view-height, 100dvh);
  }

  :host([mode='inline']) {
    inline-size: 100%;
    block-size: var(--_block-size);
    min-block-size: 320px;
  }

  .panel {
    position: relative;
    display: flex;
    flex-direction: column;
    block-size: 100%;
    overflow: hidden;
    border-radius: var(--_radius);
    background: var(--_surface);
    box-shadow: var(--_shadow);
    pointer-events: auto;
  }

  .panel:focus {
    outline: none;
  }

  :host([mode='inline']) .panel {
    border: 1px solid var(--_border);
    box-shadow: none;
  }

  :host(:not([mode='inline'])) .panel {
    visibility: hidden;
    opacity: 0;
    transform: translateY(16px) scale(0.97);
    transform-origin: 100% 100%;
    transition:
      opacity calc(var(--_duration) * 0.6) ease-in,
      transform calc(var(--_duration) * 0.6) ease-in,
      visibility 0s calc(var(--_duration) * 0.6);
  }

  :host(:dir(rtl)) .panel {
    transform-origin: 0 100%;
  }

  :host([opened]:not([mode='inline'])) .panel {
    visibility: visible;
    opacity: 1;
    transform: none;
    transition:
      opacity var(--_duration) var(--_ease),
      transform calc(var(--_duration) * 1.25) var(--_ease),
      visibility 0s;
  }

  :host([sheet]:not([mode='inline'])) .panel {
    border-radius: 0;
    box-shadow: none;
    --_safe: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left);
    padding: var(--_safe);
  }

  :host([sheet]:not([mode='inline'], [opened])) .panel {
    transform: translateY(28px);
  }

  /* Reading width on a wide screen. */
  :host(:is([mode='fullscreen'], [mode='inline'])) :is(sc-transcript, sc-composer, .main, .foot, .waiting-note) {
    inline-size: 100%;
    max-inline-size: 52rem;
    margin-inline: auto;
  }

  sc-transcript,
  .main {
    flex: 1;
    min-block-size: 0;
  }

  sc-composer {
    padding: 8px 12px 12px;
  }

  .footer {
    padding: 0 16px 10px;
    color: var(--_muted);
    font-size: 0.8em;
    text-align: center;
  }

  @media (forced-colors: active) {
    .panel {
      border: 1px solid CanvasText;
    }
  }

  @media print {
    :host(:not([mode='inline'])) {
      display: none;
    }
  }
`;

export const headerStyles = css`
  .header {
    display: flex;
    flex: none;
    align-items: center;
    gap: 2px;
    min-block-size: 64px;
    padding: 8px;
    padding-inline-start: 12px;
    border-block-end: 1px solid var(--_border);
  }

  .logo {
    flex: none;
    margin-inline: 4px 10px;
  }

  .logo ::slotted(*) {
    display: block;
    max-inline-size: 120px;
    max-block-size: 40px;
  }

  .avatar {
    display: grid;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    border-radius: 50%;
    background: var(--_accent-soft);
    color: var(--_accent-ink);
    font-size: 15px;
    font-weight: 600;
    letter-spacing: 0.01em;
  }

  .avatar svg {
    inline-size: 22px;
    block-size: 22px;
  }

  .titles {
    flex: 1;
    min-inline-size: 0;
  }

  .title {
    display: -webkit-box;
    overflow: hidden;
    font-size: 1.0667em;
    font-weight: 600;
    letter-spacing: -0.01em;
    line-height: 1.3;
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }

  .status {
    display: flex;
    align-items: center;
    gap: 6px;
    overflow: hidden;
    color: var(--_muted);
    font-size: 0.8667em;
    line-height: 1.35;
  }

  .status.here::before {
    content: '';
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    border: 4px solid var(--_success);
    border-radius: 50%;
  }

  /* Every line counts: a phone on its side, a page at 400 %. */
  :host([short]) .header {
    min-block-size: 0;
    padding-block: 2px;
  }

  :host([short]) :is(.logo, .status) {
    display: none;
  }

  :host([short]) .titles {
    padding-inline-start: 6px;
  }

  .more-menu {
    position: relative;
  }

  .menu {
    position: absolute;
    inset-block-start: calc(100% + 4px);
    inset-inline-end: 0;
    z-index: 2;
    inline-size: max-content;
    max-inline-size: min(20em, 80vw);
    padding: 6px;
    border: 1px solid var(--_border);
    border-radius: 14px;
    background: var(--_surface-raised);
    box-shadow: var(--_shadow);
    animation: unfold calc(var(--_duration) * 0.7) var(--_ease);
  }

  @keyframes unfold {
    from {
      opacity: 0;
      translate: 0 -6px;
    }
  }

  .menu button {
    display: flex;
    align-items: center;
    gap: 12px;
    inline-size: 100%;
    min-block-size: 44px;
    padding: 8px 12px;
    border: 0;
    border-radius: 9px;
    background: none;
    text-align: start;
    cursor: pointer;
  }

  .menu button:hover {
    background: var(--_hover);
  }

  .menu svg {
    color: var(--_muted);
  }

  .menu .danger,
  .menu .danger svg {
    color: var(--_danger);
  }
`;
