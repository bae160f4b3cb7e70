/**
 * What conversations and people are called at the desk.
 * @module
 */
import type { ConversationView, Party } from '../engine/views.ts';
import type { DeskPhrases } from './strings.ts';

/** A customer has no name; the first group of the fingerprint stands for the device. */
export function customerName(view: Pick<ConversationView, 'customerFingerprint'>, phrases: DeskPhrases): string {
  return phrases.say('customerNumber', { number: view.customerFingerprint.split(' ')[0] ?? '' });
}

/** The topic, else the customer; for what is not known here, the start of the conversation's id. */
export function conversationTitle(id: string, view: ConversationView | null, phrases: DeskPhrases): string {
  if (!view) return phrases.say('unknownTitle', { id: id.slice(0, 6) });
  return view.topic || customerName(view, phrases);
}

/** A participant as others are told of it. */
export function partyName(party: Party, view: ConversationView, phrases: DeskPhrases): string {
  return party.name ?? (party.role === 'customer' ? customerName(view, phrases) : phrases.shared.say('anAgent'));
}

/** Names of those who type in the conversation, but for oneself. */
export function typingNames(devices: readonly string[], view: ConversationView, phrases: DeskPhrases): string[] {
  return view.parties
    .filter(({ device, self }) => !self && devices.includes(device))
    .map((party) => partyName(party, view, phrases));
}

/** Who was faster. @param name null when nobody can tell */
export function takenText(name: string | null, phrases: DeskPhrases): string {
  return name === null ? phrases.say('takenBySomeone') : phrases.say('takenBy', { name });
}
