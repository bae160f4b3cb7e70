/**
 * One message in a bubble with its sender, time and progress.
 * @module
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { MessageView, Progress } from '../engine/views.ts';
import { ScLinkClickEvent } from './events.ts';
import { icon, type IconName } from './icons.ts';
import { linkSegments } from './link-text.ts';
import type { Phrases, StringKey } from './strings.ts';
import { sentenceOf, type BubbleRow } from './transcript-rows.ts';

const PROGRESS: Readonly<Record<Progress, { icon: IconName; text: StringKey }>> = {
  held: { icon: 'clock', text: 'progressHeld' },
  sending: { icon: 'clock', text: 'progressSending' },
  sent: { icon: 'check', text: 'progressSent' },
  delivered: { icon: 'checks', text: 'progressDelivered' },
  read: { icon: 'checks', text: 'progressRead' },
  failed: { icon: 'alert', text: 'progressFailed' },
};

/** These say themselves in words too, and under every message, not only the last of a group. */
const SPOKEN: ReadonlySet<Progress> = new Set(['held', 'failed']);

/** @param context `element` dispatches `sc-link-click` */
export function bubbleTemplate(
  row: BubbleRow,
  context: { phrases: Phrases; name: string; element: EventTarget },
): TemplateResult {
  const { message, side, first, last } = row;
  const { phrases, name } = context;
  const part = side === 'own' ? 'own' : 'agent';
  const named = first && !message.own;
  const withMeta =
    last ||
    message.unverified ||
    message.kind === 'edit' ||
    (message.progress !== null && SPOKEN.has(message.progress));
  return html`<div
    class="message ${side} ${first ? 'first' : ''} ${last ? 'last' : ''} ${message.own ? 'mine' : ''}"
    part="message ${part}"
    data-id=${message.id}
  >
    ${
      named
        ? html`<p class="name"><bdi>${name}</bdi>${roleOf(message, phrases)}</p>`
        : html`<span class="visually-hidden"><bdi>${name}</bdi></span>`
    }
    <div class="bubble is-${message.kind}" part="bubble ${part}">${content(message, context)}</div>
    ${withMeta ? meta(message, phrases) : html`<span class="visually-hidden">${meta(message, phrases)}</span>`}
  </div>`;
}

function roleOf({ from }: MessageView, phrases: Phrases): TemplateResult | typeof nothing {
  if (from.role !== 'supervisor' && from.role !== 'bot') return nothing;
  return html` <span class="role">${phrases.say(from.role)}</span>`;
}

function content(message: MessageView, context: { phrases: Phrases; element: EventTarget }): TemplateResult {
  const text = sentenceOf(message, context.phrases, '');
  if (message.kind === 'retract') return html`<p class="withdrawn">${text}</p>`;
  if (message.kind === 'file') return html`<p class="file">${icon('file')}<span dir="auto">${text}</span></p>`;
  const segments = linkSegments(text).map((segment) =>
    segment.href === undefined
      ? segment.text
      : link(segment.text, segment.href, segment.host, message.id, context.element),
  );
  // On one line: the paragraph keeps every space and line break it is given.
  return html`<p class="text" dir="auto">${segments}</p>`;
}

function link(
  text: string,
  href: string,
  host: string | undefined,
  message: string,
  element: EventTarget,
): TemplateResult {
  const onClick = (event: MouseEvent): void => {
    if (!element.dispatchEvent(new ScLinkClickEvent(href, message))) event.preventDefault();
  };
  return html`<a href=${href} target="_blank" rel="noopener noreferrer" @click=${onClick} @auxclick=${onClick}
      ><bdi>${breakable(text)}</bdi></a
    >${host === undefined ? nothing : html` <bdi class="host">(${host})</bdi>`}`;
}

/** A long address breaks after a slash rather than within a word. */
function breakable(text: string): (string | TemplateResult)[] {
  return text.split(/(?<=[^/]\/)(?=[^/])/).flatMap((piece, at) => (at === 0 ? [piece] : [html`<wbr />`, piece]));
}

function meta(message: MessageView, phrases: Phrases): TemplateResult {
  const { progress } = message;
  return html`<p class="meta ${progress ?? ''}" part="meta">
    ${message.unverified ? html`<span class="unverified">${icon('alert')}${phrases.say('unverified')}</span>` : nothing}
    ${message.kind === 'edit' ? html`<span>${phrases.say('edited')}</span>` : nothing}
    <time datetime=${new Date(message.at).toISOString()}>${phrases.time(message.at)}</time>
    ${
      progress === null
        ? nothing
        : html`<span class="receipt" part="receipt"
            >${icon(PROGRESS[progress].icon, { weight: 2 })}<span class=${SPOKEN.has(progress) ? '' : 'visually-hidden'}
              >${phrases.say(PROGRESS[progress].text)}</span
            ></span
          >`
    }
  </p>`;
}
