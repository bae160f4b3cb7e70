/**
 * How an agent likes the desk, kept in this browser. Nothing of a conversation is among it.
 * @module
 */

const KEY = 'secure-chat-desk';

const THEMES = ['auto', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly theme: Theme;
  /** Shortcuts of one key, such as `c`; off for who dictates (WCAG 2.1.4). */
  readonly singleKeys: boolean;
}

/** What was kept; what is missing or unreadable is as by default. */
export function loadPreferences(storage: Pick<Storage, 'getItem'>, defaults: Preferences): Preferences {
  const words = new Set((storage.getItem(KEY) ?? '').split(' '));
  const theme = THEMES.find((name) => words.has(name)) ?? defaults.theme;
  return { theme, singleKeys: defaults.singleKeys && !words.has('no-single-keys') };
}

export function savePreferences(storage: Pick<Storage, 'setItem'>, { theme, singleKeys }: Preferences): void {
  storage.setItem(KEY, `${theme} ${singleKeys ? 'single-keys' : 'no-single-keys'}`);
}
