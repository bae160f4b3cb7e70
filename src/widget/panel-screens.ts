/**
 * The panel's screens beside the conversation itself.
 * @module
 */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationView, Party } from '../engine/views.ts';
import { icon } from '../ui/icons.ts';
import type { Phrases } from '../ui/strings.ts';
import { problemSentence } from './panel-banners.ts';
import type { Session } from './session.ts';

/** Trying again cannot help here: the page itself must change. */
const FINAL: ReadonlySet<string> = new Set([
  'desk-key-missing',
  'desk-key-malformed',
  'relay-missing',
  'relay-malformed',
  'relay-insecure',
]);

/** What is stored here will never open again. */
const LOST: ReadonlySet<string> = new Set(['vault-lost']);

/** What is stored here does not open, and perhaps may again: it stays until the user wants it removed. */
const DAMAGED: ReadonlySet<string> = new Set(['vault-damaged', 'vault-parameters']);

/** Before the first message. */
export function welcomeTemplate(
  phrases: Phrases,
  { verification }: Session,
  filled: ReadonlySet<string>,
): TemplateResult {
  const desk = verification?.deskName ?? null;
  return html`<div class="main welcome" tabindex="0" role="group" aria-label=${phrases.say('welcomeTitle')}>
    ${
      filled.has('welcome')
        ? html`<slot name="welcome"></slot>`
        : html`<h3>${phrases.say('welcomeTitle')}</h3>
            <p>${desk === null ? phrases.say('welcomeNobody') : phrases.say('welcomeTeam', { desk })}</p>`
    }
    <p class="assurance">${icon('lock')}<span>${phrases.say('welcomePrivacy')}</span></p>
  </div>`;
}

/** The conversations, newest first. */
export function listTemplate({ phrases, session }: { phrases: Phrases; session: Session }): TemplateResult {
  const conversations = [...(session.conversations ?? [])].sort((a, b) => b.lastAt - a.lastAt);
  return html`<div class="main list">
      <ul>
        ${repeat(
          conversations,
          ({ id }) => id,
          (conversation) => html`<li>${entry(conversation, phrases, session)}</li>`,
        )}
      </ul>
    </div>
    <div class="foot">
      <button type="button" class="button primary wide" @click=${() => session.startNew()}>
        ${icon('plus')}${phrases.say('newConversation')}
      </button>
    </div>`;
}

function entry(conversation: ConversationView, phrases: Phrases, session: Session): TemplateResult {
  const { id, topic, preview, parties, state, unread, lastAt } = conversation;
  const names = parties.filter(hasAnswered).map(({ name }) => name ?? phrases.say('anAgent'));
  const title =
    topic ?? (names.length > 0 ? phrases.list(names) : (session.verification?.deskName ?? phrases.say('chat')));
  return html`<button type="button" class="entry ${state}" @click=${() => session.open(id)}>
    <span class="entry-title"><bdi>${title}</bdi></span>
    <time class="entry-time" datetime=${new Date(lastAt).toISOString()}>${phrases.brief(lastAt, Date.now())}</time>
    <span class="entry-preview" dir="auto">${preview || phrases.say('noPreview')}</span>
    ${
      unread > 0
        ? html`<span class="count"
            ><span aria-hidden="true">${phrases.number(unread)}</span
            ><span class="visually-hidden">${phrases.say('unreadCount', { count: unread })}</span></span
          >`
        : html`<span class="entry-state">${state === 'active' ? nothing : phrases.say(state)}</span>`
    }
  </button>`;
}

/** Whoever of the desk took part, still there or not. */
function hasAnswered({ self, role, status }: Party): boolean {
  return !self && status !== 'asked' && role !== 'customer' && role !== 'archive';
}

/** In place of the composer. */
export function endedTemplate(phrases: Phrases, onNew: () => void): TemplateResult {
  return html`<div class="foot ended">
    <p role="status"><strong>${phrases.say('endedTitle')}</strong> ${phrases.say('endedText')}</p>
    <button type="button" class="button primary wide" @click=${onNew}>${phrases.say('startNew')}</button>
  </div>`;
}

/** While the store and the connection are opened. */
export function openingTemplate(phrases: Phrases): TemplateResult {
  return html`<div class="main opening" role="status" aria-busy="true">
    <span class="visually-hidden">${phrases.say('loading')}</span>
    <i></i><i></i><i></i>
  </div>`;
}

/** It cannot start. */
export function unavailableTemplate(view: {
  phrases: Phrases;
  code: string;
  onRetry: () => void;
  /** Begin anew; nothing of value is left. */
  onRestart?: () => void;
  /** Delete what is stored; asks first. */
  onRemove?: () => void;
}): TemplateResult {
  const { phrases, code, onRetry, onRestart = onRetry, onRemove } = view;
  const lost = LOST.has(code);
  const damaged = DAMAGED.has(code);
  const title = lost ? 'problemLost' : damaged ? 'damagedTitle' : 'problemNotAvailable';
  return html`<div class="main unavailable" role="alert">
    <span class="mark">${icon('shieldAlert')}</span>
    <h3>${phrases.say(title)}</h3>
    <p>${problemSentence(code, phrases)}</p>
    <p class="code">${phrases.say('problemCode', { code })}</p>
    ${
      FINAL.has(code)
        ? nothing
        : html`<button type="button" class="button primary" @click=${lost ? onRestart : onRetry}>
            ${phrases.say(lost ? 'startNew' : 'retry')}
          </button>`
    }
    ${
      damaged && onRemove
        ? html`<button type="button" class="button danger" @click=${onRemove}>${phrases.say('removeStored')}</button>`
        : nothing
    }
  </div>`;
}
