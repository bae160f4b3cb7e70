/**
 * What a page puts into the slots of `<secure-chat>` goes on into those of the panel.
 * @module
 */
import type { ScPanel } from './panel.ts';

const SLOTS = new Set([
  ...['logo', 'header', 'header-actions', 'welcome', 'offline', 'lock-help'],
  ...['composer-start', 'composer-end', 'footer'],
]);

/** Keeps the panel's slots as the element's contents are, now and later. Returns the way to stop. */
export function forwardSlots(element: HTMLElement, panel: ScPanel): () => void {
  // The panel has its own fallbacks, which a forwarded slot without contents would hide.
  const forward = (): void => {
    const filled = new Set([...element.children].map(({ slot }) => slot).filter((name) => SLOTS.has(name)));
    if (filled.size === panel.filled.size && [...filled].every((name) => panel.filled.has(name))) return;
    panel.filled = filled;
    panel.replaceChildren(
      ...[...filled].map((name) => {
        const slot = document.createElement('slot');
        slot.name = slot.slot = name;
        return slot;
      }),
    );
  };
  const observer = new MutationObserver(forward);
  observer.observe(element, { childList: true, subtree: true, attributeFilter: ['slot'] });
  forward();
  return () => observer.disconnect();
}
