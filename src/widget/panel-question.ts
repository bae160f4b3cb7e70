/**
 * What the panel asks before something that cannot be undone.
 * @module
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Phrases, StringKey } from '../ui/strings.ts';

export type Question = 'end' | 'forget' | 'forgot' | 'removePasskey';

interface Wording {
  readonly ask: StringKey;
  readonly text?: StringKey;
  readonly yes: StringKey;
  readonly no: StringKey;
}

const WORDINGS: Readonly<Record<Question, Wording>> = {
  end: { ask: 'endQuestion', yes: 'endConfirm', no: 'endCancel' },
  forget: { ask: 'forgetQuestion', yes: 'forgetConfirm', no: 'forgetCancel' },
  forgot: { ask: 'forgotQuestion', text: 'forgotText', yes: 'forgotConfirm', no: 'forgotCancel' },
  removePasskey: { ask: 'removePasskeyQuestion', yes: 'removePasskeyConfirm', no: 'removePasskeyCancel' },
};

export function questionTemplate(
  question: Question,
  phrases: Phrases,
  onAnswer: (yes: boolean) => void,
): TemplateResult {
  const { ask, text, yes, no } = WORDINGS[question];
  // eslint-disable-next-line lit-a11y/click-events-have-key-events -- Escape and the second button do the same
  return html`<div class="veil" @click=${() => onAnswer(false)}></div>
    <div
      class="question"
      role="alertdialog"
      aria-modal="true"
      aria-labelledby="question"
      aria-describedby=${text ? 'question-text' : nothing}
    >
      <p id="question">${phrases.say(ask)}</p>
      ${text ? html`<p id="question-text" class="more-words">${phrases.say(text)}</p>` : nothing}
      <div class="answers">
        <button type="button" class="button danger" @click=${() => onAnswer(true)}>${phrases.say(yes)}</button>
        <button type="button" class="button" @click=${() => onAnswer(false)}>${phrases.say(no)}</button>
      </div>
    </div>`;
}
