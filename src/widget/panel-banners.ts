/**
 * What must be said above the conversation: no connection, something that failed, a warning.
 * @module
 */
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../ui/icons.ts';
import type { Phrases, StringKey } from '../ui/strings.ts';
import type { Session } from './session.ts';

export interface BannersView {
  readonly phrases: Phrases;
  readonly session: Session;
  /** The connection has been coming for a while. */
  readonly slow: boolean;
  readonly filled: ReadonlySet<string>;
  /** The browser has removed what was stored. */
  readonly evicted: boolean;
  /** What has just been done, in one sentence. */
  readonly done: StringKey | null;
}

const PROBLEMS: Readonly<Record<string, StringKey>> = {
  'store-full': 'problemStorageFull',
  'store-lost': 'problemStorageLost',
  'vault-lost': 'problemVaultLost',
  'vault-damaged': 'damagedText',
  'vault-offline': 'problemVaultOffline',
  'vault-relay-fault': 'lockRelayFault',
  'passkey-cancelled': 'passkeyCancelled',
  'passkey-unsupported': 'passkeyUnsupported',
  'passkey-wrong': 'passkeyFailed',
  'load-failed': 'partNotLoaded',
  'desk-key-missing': 'deskKeyMissing',
  'desk-key-malformed': 'deskKeyMalformed',
  'relay-missing': 'relayMissing',
  'relay-malformed': 'relayMalformed',
  'relay-insecure': 'relayInsecure',
};

/** Said by the state of the connection already, and without alarm. */
const OFFLINE: ReadonlySet<string> = new Set(['relay-unreachable', 'relay-disconnected', 'relay-timeout']);

/** What users read of an error's code. */
export function problemSentence(code: string, phrases: Phrases): string {
  return phrases.say(PROBLEMS[code] ?? 'problemGeneral');
}

export function banners({ phrases, session, slow, filled, evicted, done }: BannersView): TemplateResult {
  const { status, failure } = session;
  const alarm = status?.verification.state === 'alarm';
  const problem = status?.problem?.code ?? null;
  return html`
    <div role="alert">
      ${alarm ? banner('danger', 'shieldAlert', phrases.say('problemAlarm')) : nothing}
      ${evicted ? banner('warning', 'alert', phrases.say('problemEvicted')) : nothing}
      ${failure === null ? nothing : problemBanner(failure, phrases)}
      ${problem === null || problem === failure || OFFLINE.has(problem) ? nothing : problemBanner(problem, phrases)}
    </div>
    <div role="status">
      ${
        status?.connection === 'offline'
          ? html`<div class="banner warning" part="banner">
              ${
                filled.has('offline')
                  ? html`<slot name="offline"></slot>`
                  : html`${icon('offline')}<span>${phrases.say('offline')}</span>`
              }
            </div>`
          : nothing
      }
      ${done === null ? nothing : banner('success', 'check', phrases.say(done))}
      ${status?.connection === 'connecting' && slow ? banner('quiet', 'clock', phrases.say('connecting')) : nothing}
    </div>
  `;
}

function problemBanner(code: string, phrases: Phrases): TemplateResult {
  return html`<div class="banner danger" part="banner">
    ${icon('alert')}<span
      >${problemSentence(code, phrases)} <small>${phrases.say('problemCode', { code })}</small></span
    >
  </div>`;
}

function banner(tone: string, name: 'shieldAlert' | 'clock' | 'alert' | 'check', text: string): TemplateResult {
  return html`<div class="banner ${tone}" part="banner">${icon(name)}<span>${text}</span></div>`;
}
