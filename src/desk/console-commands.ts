/**
 * What the palette offers.
 * @module
 */
import type { DutyState } from '../engine/views.ts';
import type { IconName } from '../ui/icons.ts';
import type { Command } from './command-palette.ts';
import type { ConversationLists } from './conversation-lists.ts';
import { conversationTitle, customerName } from './conversation-names.ts';
import { DUTIES } from './duty-switch.ts';
import { lockKeys } from './platform-keys.ts';
import type { Preferences, Theme } from './preferences.ts';
import type { DeskPhrases, DeskStringKey } from './strings.ts';

const THEMES: readonly { readonly theme: Theme; readonly text: DeskStringKey }[] = [
  { theme: 'auto', text: 'themeAuto' },
  { theme: 'light', text: 'themeLight' },
  { theme: 'dark', text: 'themeDark' },
];

export interface CommandSources {
  readonly lists: ConversationLists;
  readonly duty: DutyState;
  readonly preferences: Preferences;
  readonly phrases: DeskPhrases;
  readonly show: (conversation: string) => void;
  readonly claimNext: () => void;
  readonly setDuty: (duty: DutyState) => void;
  readonly prefer: (change: Partial<Preferences>) => void;
  readonly help: () => void;
  readonly lock: () => void;
  readonly lockSettings: () => void;
}

/** The next customer, own chats, those who wait, duty, theme, lock, help; not what is so already. */
export function consoleCommands(sources: CommandSources): readonly Command[] {
  const { lists, phrases, duty, preferences } = sources;
  const free = lists.waiting.filter(({ takenBy }) => takenBy === null);
  const command = (id: string, icon: IconName, text: string, more: string, run: () => void): Command => ({
    ...{ id, icon, text, more, run },
  });
  return [
    ...(free.length > 0 ? [command('claim-next', 'plus', phrases.say('paletteClaim'), '', sources.claimNext)] : []),
    ...lists.mine.map((view) =>
      command(
        view.id,
        'chat',
        conversationTitle(view.id, view, phrases),
        moreOf(view.topic ? customerName(view, phrases) : '', view.preview),
        () => sources.show(view.id),
      ),
    ),
    ...free.map(({ id, known }) =>
      command(
        id,
        'clock',
        conversationTitle(id, known, phrases),
        moreOf(phrases.shared.say('waiting'), known?.topic ? customerName(known, phrases) : '', known?.preview ?? ''),
        () => sources.show(id),
      ),
    ),
    ...DUTIES.filter(({ state }) => state !== duty).map(({ state, text }) =>
      command(`duty-${state}`, 'person', phrases.say('paletteDuty', { state: phrases.say(text) }), '', () =>
        sources.setDuty(state),
      ),
    ),
    ...THEMES.filter(({ theme }) => theme !== preferences.theme).map(({ theme, text }) =>
      command(`theme-${theme}`, 'list', phrases.say('paletteTheme', { state: phrases.say(text) }), '', () =>
        sources.prefer({ theme }),
      ),
    ),
    command('lock', 'lock', phrases.say('lockNow'), lockKeys(), sources.lock),
    command('lock-settings', 'key', phrases.say('lockSettings'), '', sources.lockSettings),
    command('help', 'keyboard', phrases.say('help'), '', sources.help),
    ...lists.closed.map((view) =>
      command(
        view.id,
        'chat',
        conversationTitle(view.id, view, phrases),
        moreOf(phrases.say('closed'), view.preview),
        () => sources.show(view.id),
      ),
    ),
  ];
}

function moreOf(...parts: readonly string[]): string {
  return parts.filter(Boolean).join(' · ');
}
