/**
 * Which key means what.
 * @module
 */

export type Shortcut = 'next' | 'previous' | 'claim' | 'reply' | 'back' | 'help' | 'palette' | 'lock';

const SINGLE: Readonly<Record<string, Shortcut>> = { j: 'next', k: 'previous', c: 'claim', r: 'reply', '?': 'help' };

/** What of a keyboard event counts. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing'>;

/**
 * The shortcut a key press is, or null.
 * @param context `typing`: a text field has the focus; `singleKeys`: the agent wants shortcuts of one key
 */
export function shortcutOf(press: KeyPress, context: { typing: boolean; singleKeys: boolean }): Shortcut | null {
  if (press.isComposing || press.altKey) return null;
  const key = press.key.toLowerCase();
  if (press.ctrlKey || press.metaKey) {
    if (press.shiftKey) return key === 'l' ? 'lock' : null;
    return key === 'k' ? 'palette' : null;
  }
  if (press.key === 'Escape') return 'back';
  if (context.typing || !context.singleKeys) return null;
  return SINGLE[press.key] ?? null;
}

const WRITTEN = new Set(['text', 'search', 'email', 'tel', 'url', 'password', 'number', 'date', 'time']);

/** Whether the element takes written text. */
export function takesText(target: EventTarget | undefined): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return WRITTEN.has(target.type);
  return target instanceof HTMLElement && target.isContentEditable;
}
