/**
 * What is known about who can read, in plain words.
 * @module
 */
import type { Party, Verification } from '../engine/views.ts';
import type { IconName } from './icon-paths.ts';
import type { Phrases } from './strings.ts';
import type { Perspective } from './transcript-rows.ts';

/** One ground for what the padlock says. */
export interface Fact {
  readonly icon: IconName;
  readonly tone: 'good' | 'plain' | 'warning' | 'danger';
  readonly heading: string;
  readonly text: string;
  /** Shown as it is, for comparison. */
  readonly code?: string;
}

/** “You, Sara of Bank Example and Bank Example’s record can read this chat.” Before anybody joined: the team. */
export function readersSentence(
  verification: Verification,
  parties: readonly Party[],
  perspective: Perspective,
  phrases: Phrases,
): string {
  const { deskName } = verification;
  const desk = deskName ?? phrases.say('deskUnknown');
  const readers = [phrases.say('readerYou')];
  if (perspective === 'agent') readers.push(phrases.say('readerThisCustomer'));
  const joined = parties.filter(({ role, status, self }) => !self && status === 'joined' && isPerson(role));
  for (const { name } of joined)
    readers.push(phrases.say('readerAgent', { name: name ?? phrases.say('anAgent'), desk }));
  // Until somebody has joined, all who got the first message can read it.
  const claimed =
    joined.length > 0 || parties.some(({ self, role, status }) => self && isPerson(role) && status === 'joined');
  if (!claimed) {
    readers.push(deskName === null ? phrases.say('readerTeamUnknown') : phrases.say('readerTeam', { desk: deskName }));
  }
  if (verification.recorded)
    readers.push(phrases.say(perspective === 'agent' ? 'readerDeskRecord' : 'readerRecord', { desk }));
  return phrases.say('readers', { readers: phrases.list(readers) });
}

function isPerson(role: Party['role']): boolean {
  return role === 'agent' || role === 'supervisor' || role === 'bot';
}

/** The grounds, the weightiest first. */
export function factsOf(verification: Verification, phrases: Phrases): Fact[] {
  const desk = verification.deskName ?? phrases.say('deskUnknown');
  return [
    identityFact(verification, desk, phrases),
    recordFact(verification, desk, phrases),
    storageFact(verification, phrases),
    ...missingFacts(verification, phrases),
    { icon: 'server', tone: 'plain', heading: phrases.say('relayHeading'), text: phrases.say('relayText', { desk }) },
    {
      icon: 'key',
      tone: 'plain',
      heading: phrases.say('deskKeyHeading', { desk }),
      text: phrases.say('deskKeyText', { desk }),
      code: verification.deskKey,
    },
  ];
}

function identityFact({ state, issuedAt, freshUntil }: Verification, desk: string, phrases: Phrases): Fact {
  const date = (at: number | null): string => (at === null ? '' : phrases.dateTime(at));
  switch (state) {
    case 'verified':
      return {
        icon: 'shieldCheck',
        tone: 'good',
        heading: phrases.say('verifiedHeading'),
        text: phrases.say('verifiedText', { desk, date: date(issuedAt) }),
      };
    case 'stale':
      return {
        icon: 'shieldAlert',
        tone: 'warning',
        heading: phrases.say('staleHeading'),
        text: phrases.say('staleText', { date: date(freshUntil) }),
      };
    case 'none':
      return { icon: 'clock', tone: 'plain', heading: phrases.say('noneHeading'), text: phrases.say('noneText') };
    case 'alarm':
      return {
        icon: 'shieldAlert',
        tone: 'danger',
        heading: phrases.say('alarmHeading'),
        text: phrases.say('alarmText', { desk }),
      };
  }
}

function recordFact({ recorded, retentionDays, notice }: Verification, desk: string, phrases: Phrases): Fact {
  if (!recorded) {
    const text = phrases.say('notRecordedText');
    return { icon: 'people', tone: 'plain', heading: phrases.say('notRecordedHeading'), text: joined(text, notice) };
  }
  const text =
    retentionDays === null
      ? phrases.say('recordedText', { desk })
      : phrases.say('recordedDays', { desk, count: retentionDays });
  return { icon: 'record', tone: 'plain', heading: phrases.say('recordedHeading'), text: joined(text, notice) };
}

/** The desk's own notice follows ours. */
function joined(text: string, notice: string | null): string {
  return notice === null ? text : `${text} ${notice}`;
}

const STORAGE = {
  guest: 'storageGuest',
  pin: 'storagePin',
  passkey: 'storagePasskey',
  memory: 'storageMemory',
} as const;

function storageFact({ storage }: Verification, phrases: Phrases): Fact {
  const text = phrases.say(STORAGE[storage]);
  return { icon: 'device', tone: 'plain', heading: phrases.say('storageHeading'), text };
}

const MISSING = {
  'secure-context': 'missingSecureContext',
  persistence: 'missingPersistence',
  passkeys: 'missingPasskeys',
  worker: 'missingWorker',
  locks: 'missingLocks',
} as const;

/** What the browser does not give; nothing when it gives everything. Only what matters for what is stored is said. */
function missingFacts({ missing, storage }: Verification, phrases: Phrases): Fact[] {
  const said = (Object.keys(MISSING) as (keyof typeof MISSING)[])
    .filter((name) => missing.includes(name))
    .filter((name) => name === 'secure-context' || storage !== 'memory');
  if (said.length === 0) return [];
  const text = said.map((name) => phrases.say(MISSING[name])).join(' ');
  return [{ icon: 'shieldAlert', tone: 'warning', heading: phrases.say('missingHeading'), text }];
}
