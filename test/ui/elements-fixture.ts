/**
 * Messages for the components' tests.
 * @module
 */
import type { MessageView, Party } from '../../src/engine/views.ts';
import { tokensText } from '../../src/ui/tokens.ts';
import { defineElements } from '../../src/ui/elements.ts';

defineElements();

export const customer: Party = { device: 'c', name: null, role: 'customer', status: 'joined', self: true };
export const sara: Party = { device: 's', name: 'Sara', role: 'agent', status: 'joined', self: false };

/** Noon of a fixed day, ms. */
const NOON = new Date(2025, 2, 12, 12).getTime();

export function message(order: number, patch: Partial<MessageView> = {}): MessageView {
  return {
    id: `m${order}`,
    conversation: 'x',
    order,
    from: sara,
    own: false,
    kind: 'text',
    text: `Message ${order}`,
    file: null,
    at: NOON + order * 60_000,
    progress: null,
    history: false,
    unverified: false,
    ...patch,
  };
}

export const own = (order: number, patch: Partial<MessageView> = {}): MessageView =>
  message(order, { from: customer, own: true, progress: 'sent', ...patch });

export const many = (from: number, to: number): MessageView[] =>
  Array.from({ length: to - from }, (_, at) => message(from + at, { text: `Message ${from + at} `.repeat(8) }));

/** The tokens on the page itself, as a root element's shadow root has them. Returns the way to remove them. */
export function withTokens(): () => void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(tokensText.replaceAll(':host', ':root'));
  document.adoptedStyleSheets.push(sheet);
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
  };
}

export const frames = (count = 2): Promise<void> =>
  new Promise((resolve) => {
    const next = (left: number): void => {
      if (left === 0) resolve();
      else requestAnimationFrame(() => next(left - 1));
    };
    next(count);
  });
