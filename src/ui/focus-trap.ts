/**
 * Keeps Tab inside, across shadow roots and slots.
 * @module
 */

import { deepActiveElement, isShown } from './focus-return.ts';

const CANDIDATES =
  'a[href],button,input,select,textarea,summary,iframe,audio[controls],video[controls],[tabindex],[contenteditable]';

/** What Tab reaches inside `root`, in the order of the page as it is shown. */
export function tabbables(root: Element): HTMLElement[] {
  const found: HTMLElement[] = [];
  const visit = (element: Element): void => {
    if (element instanceof HTMLElement && isTabbable(element)) found.push(element);
    for (const child of shownChildren(element)) visit(child);
  };
  for (const child of shownChildren(root)) visit(child);
  return found;
}

function shownChildren(element: Element): Iterable<Element> {
  if (element instanceof HTMLSlotElement) {
    const assigned = element.assignedElements();
    return assigned.length > 0 ? assigned : element.children;
  }
  return (element.shadowRoot ?? element).children;
}

function isTabbable(element: HTMLElement): boolean {
  return (
    element.matches(CANDIDATES) &&
    element.tabIndex >= 0 &&
    !element.matches(':disabled') &&
    element.closest('[inert]') === null &&
    isShown(element)
  );
}

/** Keeps Tab inside `container` while it is set up. Returns the way to end it. */
export function trapFocus(container: HTMLElement): () => void {
  const onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Tab' || event.defaultPrevented) return;
    const stops = tabbables(container);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    const active = deepActiveElement();
    if (active !== edge && active !== container) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  };
  container.addEventListener('keydown', onKeydown);
  return () => container.removeEventListener('keydown', onKeydown);
}
