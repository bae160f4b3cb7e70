/**
 * The panel's header: whom one speaks to, and what can be done.
 * @module
 */
import { html, nothing, type TemplateResult } from 'lit';
import { icon, type IconName } from '../ui/icons.ts';
import type { Phrases, StringKey } from '../ui/strings.ts';
import { isPresent, type Session } from './session.ts';

export interface MenuItem {
  readonly icon: IconName;
  readonly text: StringKey;
  run(): void;
}

export interface HeaderView {
  readonly phrases: Phrases;
  readonly session: Session | null;
  readonly title: string;
  readonly filled: ReadonlySet<string>;
  readonly closable: boolean;
  readonly menu: readonly MenuItem[];
  readonly menuOpen: boolean;
  readonly onMenu: () => void;
  readonly onMenuLeave: (event: FocusEvent) => void;
  readonly onClose: () => void;
  /** Where there is little height it stands here. */
  readonly padlock: TemplateResult | typeof nothing;
}

export function headerTemplate(view: HeaderView): TemplateResult {
  const { phrases, session, filled } = view;
  const list = session?.screen.name === 'list';
  const several = (session?.conversations?.length ?? 0) > 1;
  const status = statusText(phrases, session);
  return html`<div class="header" part="header">
    ${
      several && !list && session
        ? html`<button
            type="button"
            class="icon-button"
            aria-label=${phrases.say('back')}
            @click=${() => session.showList()}
          >
            ${icon('back', { flip: true })}
          </button>`
        : nothing
    }
    <div class="logo">${filled.has('logo') ? html`<slot name="logo"></slot>` : avatar(session)}</div>
    ${
      filled.has('header')
        ? html`<div class="titles"><slot name="header"></slot></div>`
        : html`<div class="titles">
            <h2 class="title" part="title"><bdi>${list ? phrases.say('conversations') : view.title}</bdi></h2>
            ${status && !list ? html`<p class="status ${status.tone}" part="status">${status.text}</p>` : nothing}
          </div>`
    }
    ${filled.has('header-actions') ? html`<slot name="header-actions"></slot>` : nothing} ${view.padlock}
    ${view.menu.length > 0 ? menuTemplate(view) : nothing}
    ${
      view.closable
        ? html`<button
            type="button"
            class="icon-button close"
            aria-label=${phrases.say('closeChat')}
            @click=${view.onClose}
          >
            ${icon('close')}
          </button>`
        : nothing
    }
  </div>`;
}

function menuTemplate({ phrases, menu, menuOpen, onMenu, onMenuLeave }: HeaderView): TemplateResult {
  return html`<div class="more-menu" @focusout=${onMenuLeave}>
    <button
      type="button"
      class="icon-button more"
      aria-label=${phrases.say('chatMenu')}
      aria-expanded=${menuOpen ? 'true' : 'false'}
      @click=${onMenu}
    >
      ${icon('more')}
    </button>
    ${
      menuOpen
        ? html`<ul class="menu">
            ${menu.map(
              (item) =>
                html`<li>
                  <button type="button" class=${item.icon === 'trash' ? 'danger' : ''} @click=${() => item.run()}>
                    ${icon(item.icon)}${phrases.say(item.text)}
                  </button>
                </li>`,
            )}
          </ul>`
        : nothing
    }
  </div>`;
}

/** The agent's initials; before there is one, the chat's sign. */
function avatar(session: Session | null): TemplateResult {
  const name = session?.screen.name === 'conversation' ? session.agent?.name : null;
  if (!name) return html`<span class="avatar">${icon('chat')}</span>`;
  return html`<span class="avatar initials" aria-hidden="true">${initialsOf(name)}</span>`;
}

/** First letters of the first and last word. */
function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}

function statusText(phrases: Phrases, session: Session | null): { text: string; tone: string } | null {
  const current = session?.current;
  if (!session || !current) return null;
  if (current.state === 'ended') return { text: phrases.say('statusEnded'), tone: 'quiet' };
  const names = current.parties.filter(isPresent).map(({ name }) => name ?? phrases.say('anAgent'));
  if (names.length === 0) return { text: phrases.say('statusWaiting'), tone: 'quiet' };
  const tone = session.status?.connection === 'online' ? 'here' : 'quiet';
  return { text: phrases.say('statusActive', { names: phrases.list(names), count: names.length }), tone };
}
