/**
 * What is asked before a conversation is left or ended.
 * @module
 */
import type { ConversationView } from '../engine/views.ts';
import type { Question } from './confirm-dialog.ts';
import type { DeskPhrases } from './strings.ts';

/** Says who goes on, or that the customer waits again. */
export function leaveQuestion(view: ConversationView | null, phrases: DeskPhrases): Question {
  const others = (view?.parties ?? []).filter(
    ({ self, role, status }) => !self && status === 'joined' && role !== 'customer' && role !== 'archive',
  );
  const names = phrases.shared.list(others.map(({ name }) => name ?? phrases.shared.say('anAgent')));
  const text = others.length > 0 ? phrases.say('leaveAskOthers', { names }) : phrases.say('leaveAskAlone');
  return { title: phrases.say('leaveAsk'), text, confirm: phrases.say('leaveDo'), danger: false };
}

export function endQuestion(phrases: DeskPhrases): Question {
  return { title: phrases.say('endAsk'), text: phrases.say('endAskText'), confirm: phrases.say('endDo'), danger: true };
}
