/**
 * Where the focus is, and giving it back. Without Lit, for the launcher.
 * @module
 */

/** The focused element itself, not the host of the shadow root it is in. */
export function deepActiveElement(): Element | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

/** Remembers what has the focus now. The result gives it back, or focuses `fallback` if that is gone. */
export function rememberFocus(fallback: () => HTMLElement | null): () => void {
  const before = deepActiveElement();
  return () => {
    const usable = before instanceof HTMLElement && before !== document.body && before.isConnected;
    if (usable && isShown(before)) before.focus();
    else fallback()?.focus();
  };
}

/** Whether it is rendered and visible. */
export function isShown(element: Element): boolean {
  return element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
}
