/**
 * What the launcher says, before the table of all texts has loaded.
 * @module
 */
import { launcherEnglish } from '../ui/launcher-strings.ts';
import { phrase, type PhraseValues } from '../ui/phrases.ts';
import type { Strings } from '../ui/strings.ts';

export function launcherText(
  key: keyof typeof launcherEnglish,
  strings: Partial<Strings> | undefined,
  values?: PhraseValues,
): string {
  return phrase(strings?.[key] ?? launcherEnglish[key], 'en', values);
}

/** The button's accessible name. */
export function launcherLabel(view: {
  unread: number;
  unavailable: boolean;
  locked: boolean;
  strings: Partial<Strings> | undefined;
}): string {
  if (view.unavailable) return launcherText('openChatUnavailable', view.strings);
  if (view.unread === 0) return launcherText(view.locked ? 'openChatLocked' : 'openChat', view.strings);
  const key = view.locked ? 'openChatLockedUnread' : 'openChatUnread';
  return launcherText(key, view.strings, { count: view.unread });
}
