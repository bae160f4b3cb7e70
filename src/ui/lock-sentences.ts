/**
 * What users read when something about PIN, passkey or stored data went wrong.
 * @module
 */
import { ChatError, codeOf } from '../errors.ts';
import type { Phrases, StringKey } from './strings.ts';

const SENTENCES: Readonly<Record<string, StringKey>> = {
  'pin-common': 'pinCommon',
  'pin-malformed': 'pinMalformed',
  'pin-mismatch': 'pinMismatch',
  'vault-delayed': 'pinDelayed',
  'vault-offline': 'lockOffline',
  'vault-relay-fault': 'lockRelayFault',
  'vault-lost': 'lockLost',
  'vault-damaged': 'lockDamaged',
  'vault-parameters': 'lockDamaged',
  'passkey-cancelled': 'passkeyCancelled',
  'passkey-unsupported': 'passkeyUnsupported',
  'load-failed': 'partNotLoaded',
  'passkey-wrong': 'passkeyFailed',
};

/** The sentence for a failed unlocking, enrolment or change; an unknown code gets a general one with the code in it. */
export function lockSentence(error: unknown, phrases: Phrases): string {
  const code = codeOf(error);
  if (code === 'vault-pin-wrong') {
    const left = error instanceof ChatError ? error.details.left : undefined;
    return typeof left === 'number' ? phrases.say('pinWrong', { count: left }) : phrases.say('pinWrongPlain');
  }
  const key = SENTENCES[code];
  return key ? phrases.say(key) : `${phrases.say('problemGeneral')} ${phrases.say('problemCode', { code })}`;
}

/** Until when no try is accepted, ms, as `vault-delayed` says; else null. @param now ms */
export function delayedUntil(error: unknown, now: number): number | null {
  if (!(error instanceof ChatError) || error.code !== 'vault-delayed') return null;
  const { retryAfter } = error.details;
  return typeof retryAfter === 'number' ? now + retryAfter : null;
}
