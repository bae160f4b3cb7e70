/**
 * Every text a person reads or hears, in one table, and the way to say it in a locale. Another language is another table
 * of the same shape; an integrator may replace single texts.
 * @module
 */
import { launcherEnglish } from './launcher-strings.ts';
import { phrase, type PhraseValues, type TextsLike } from './phrases.ts';

export const english = {
  ...launcherEnglish,

  // Panel
  chat: 'Chat',
  closeChat: 'Close chat',
  chatMenu: 'More options',
  back: 'All conversations',
  conversations: 'Conversations',
  newConversation: 'New conversation',
  endConversation: 'End conversation',
  endQuestion: 'End this conversation?',
  endConfirm: 'End it',
  endCancel: 'Keep it open',
  forget: 'Delete from this device',
  forgetQuestion: 'Delete every conversation from this device? This cannot be undone.',
  forgetConfirm: 'Delete',
  forgetCancel: 'Cancel',
  startNew: 'Start a new conversation',
  retry: 'Try again',
  loading: 'Opening the chat',
  welcomeTitle: 'How can we help?',
  welcomeTeam: 'Your message goes to the team of {desk}.',
  welcomeNobody: 'Your message goes to the team behind this page.',
  welcomePrivacy: 'Encrypted from this device to theirs. No one in between can read it.',
  statusWaiting: 'Waiting for an agent',
  statusActive: { one: '{names} is with you', other: '{names} are with you' },
  statusEnded: 'Ended',
  waitingText:
    'Someone will join shortly. You can keep writing or close this window; the answer will wait for you here.',
  endedTitle: 'This conversation has ended',
  endedText: 'You can still read it here.',
  unreadCount: { one: '{count} unread message', other: '{count} unread messages' },
  noPreview: 'No messages yet',
  waiting: 'Waiting',
  active: 'Active',
  ended: 'Ended',

  // Connection
  connecting: 'Connecting…',
  offline: 'You are offline. What you write waits here and is sent when you are back.',

  // Problems, by kind; the code is shown beside them
  problemGeneral: 'Something went wrong.',
  problemStorageFull: 'This device has no storage left, so messages cannot be kept.',
  problemStorageLost: 'The stored conversations on this device are gone.',
  problemVaultLost: 'They were locked after seven days without use. Nobody can open them any more.',
  problemVaultOffline: 'The chat cannot be opened without a connection. Please try again when you are online.',
  problemAlarm:
    'Two different staff lists are in circulation. Do not write anything confidential until this is resolved.',
  problemLost: 'Earlier conversations are gone',
  problemNotAvailable: 'Chat is not available here',
  problemCode: 'Code: {code}',

  // Transcript
  conversation: 'Conversation',
  you: 'You',
  customer: 'Customer',
  anAgent: 'An agent',
  supervisor: 'supervisor',
  bot: 'automated',
  messageFrom: '{name}: {text}',
  newMessages: 'New messages',
  newMessagesCount: { one: '{count} new message', other: '{count} new messages' },
  jumpToLatest: 'Jump to the latest message',
  showEarlier: 'Show earlier messages',
  typing: { one: '{names} is typing', other: '{names} are typing' },
  progressHeld: 'Waiting for a fresh staff list before it is sent',
  progressSending: 'Sending',
  progressSent: 'Sent',
  progressDelivered: 'Delivered',
  progressRead: 'Read',
  progressFailed: 'Not delivered',
  edited: 'edited',
  retracted: 'Message withdrawn',
  unverified: 'Sender not verified',
  historyStart: 'Earlier messages, handed over',
  fileMessage: 'File: {name}, {size}',
  started: 'Conversation about “{topic}”',
  joined: '{name} joined',
  joinedSupervisor: '{name} joined as a supervisor',
  joinedBot: '{name} joined (automated)',
  youJoined: 'You joined',
  left: '{name} left',
  youLeft: 'You left',
  transferring: '{name} is bringing in a colleague',
  youTransferring: 'You asked a colleague to join',
  endedBy: '{name} ended the conversation',
  youEnded: 'You ended the conversation',
  refused: 'A message from {name} could not be verified and is not shown ({code})',
  noticeGap: 'Messages are missing here. They are being asked for again.',
  noticeFork: 'Two different versions of this conversation were received. Someone may have tampered with it.',
  noticeArchiveSilent: 'The record has not confirmed this conversation for a day.',
  noticeOther: 'Something about this conversation could not be verified ({code})',

  // Composer
  message: 'Message',
  messagePlaceholder: 'Write a message',
  send: 'Send',
  bytesLeft: { one: '{count} character left', other: '{count} characters left' },
  tooLong: {
    one: '{count} character too many. Shorten the message or send it in parts.',
    other: '{count} characters too many. Shorten the message or send it in parts.',
  },

  // Padlock
  padlock: 'Who can read this chat',
  padlockClose: 'Close',
  padlockSecure: 'End-to-end encrypted',
  padlockChecking: 'Checking who answers',
  padlockStale: 'Staff list not renewed',
  padlockAlarm: 'It is not certain who can read this chat',
  readers: '{readers} can read this chat.',
  readersNobodyElse: 'Nobody else can, not even the servers that carry the messages.',
  readerYou: 'You',
  readerThisCustomer: 'the customer',
  readerAgent: '{name} of {desk}',
  readerTeam: 'the team of {desk}',
  readerTeamUnknown: 'the team behind this page',
  readerRecord: 'its record',
  readerDeskRecord: '{desk}’s record',
  verifiedHeading: 'Who answers is verified',
  verifiedText: '{desk} signed its staff list on {date}. Only people on it can take part.',
  staleHeading: 'The staff list is out of date',
  staleText: 'It should have been renewed by {date}. New messages wait until a fresh list arrives.',
  noneHeading: 'Who answers is not yet known',
  noneText: 'The signed staff list has not arrived. Nothing is sent before it does.',
  alarmHeading: 'Two different staff lists',
  alarmText: 'Both claim to be the same. Do not write anything confidential; tell {desk} by another way.',
  recorded: 'Recorded',
  recordedHeading: 'This chat is recorded',
  recordedText: '{desk} keeps a copy that only it can read.',
  recordedDays: {
    one: '{desk} keeps a copy, for {count} day.',
    other: '{desk} keeps a copy, for {count} days.',
  },
  notRecordedHeading: 'This chat is not recorded',
  notRecordedText: 'Only those who take part keep a copy.',
  storageHeading: 'On this device',
  storageGuest:
    'Conversations are stored encrypted, without a PIN. Whoever uses this browser can open them; after seven days without use nobody can.',
  storagePin:
    'Conversations are stored encrypted and open only with your PIN, or with your passkey if you have set one.',
  storagePasskey: 'Conversations are stored encrypted and open only with your passkey.',
  storageMemory: 'Nothing is stored. The conversation is gone when you close the page.',
  missingHeading: 'What this browser does not protect',
  missingPersistence: 'It may delete what is stored when space runs low.',
  missingPasskeys: 'It has no passkeys that could lock the chat.',
  missingLocks: 'It has no locks between tabs; a slower way is used.',
  missingWorker: 'Your PIN is checked more slowly, and the page may stutter meanwhile.',
  missingSecureContext: 'This page came without encryption: whoever was on the way may have changed it.',
  relayHeading: 'What the server can see',
  relayText:
    'That you chat with {desk}, when, roughly how much, and your network address. Never what is written, file names or who is typing.',
  deskKeyHeading: 'The key of {desk}',
  deskKeyText: 'Compare it with the one that {desk} publishes elsewhere.',
  deskUnknown: 'this desk',

  // PIN pad
  pinKeys: 'Number keys',
  pinHow: 'Type the digits or choose them below.',
  pinDelete: 'Delete the last digit',
  pinConfirm: 'Confirm',
  pinDigits: { one: '{count} digit entered', other: '{count} digits entered' },
  pinNone: 'No digits entered',
  pinBusy: 'One moment…',
  pinShort: 'A PIN has at least 4 digits.',
  pinSuggestion: 'Six digits are a good length; 4 to 12 will do.',
  pinWait: 'Wait {time}, then try again.',
  pinAgain: 'You can try again now.',
  pinEnter: 'Enter your PIN',
  pinPresent: 'Enter your present PIN',
  pinChoose: 'Choose a PIN',
  pinChooseNew: 'Choose a new PIN',
  pinRepeat: 'Repeat your PIN',
  pinRepeatHint: 'The same digits again, so that no slip locks you out.',

  // What can go wrong with PIN and passkey
  pinWrong: {
    one: 'That is not your PIN. You have {count} try left; after that, no PIN opens what is stored here.',
    other: 'That is not your PIN. You have {count} tries left.',
  },
  pinWrongPlain: 'That is not your PIN.',
  pinCommon: 'Too many people choose that PIN. Please take another one.',
  pinMalformed: 'A PIN has 4 to 12 digits.',
  pinMismatch: 'Those were not the same. Please choose again.',
  pinDelayed: 'Too many wrong tries in a row.',
  lockOffline:
    'There is no connection, and without one the PIN cannot be checked. Please try again when you are online.',
  partNotLoaded: 'A part of the chat could not be loaded. Please check your connection and try again.',
  lockRelayFault: 'The server answered wrongly. Your PIN was not at fault; please try again later.',
  lockLost: 'The PIN can no longer open what is stored here. It was tried too often, or the server has lost its part.',
  lockDamaged: 'What is stored here is damaged and does not open.',
  passkeyCancelled: 'The passkey was not used. You can try again.',
  passkeyUnsupported: 'This browser or this passkey cannot lock the chat. Please use a PIN instead.',
  passkeyFailed: 'This passkey does not open what is stored here.',

  // The locked chat
  lockedTitle: 'This chat is locked',
  lockedPasskeyOnly: 'Only your passkey opens it.',
  usePasskey: 'Use a passkey',
  passkeyWorking: 'Waiting for your passkey…',
  forgotPin: 'Forgot your PIN?',
  forgotPasskey: 'Lost your passkey?',
  forgotQuestion: 'Start over without what is stored here?',
  forgotText:
    'The conversations on this device will be deleted for good. What you wrote stays with the team, who will see you as a new device.',
  forgotConfirm: 'Delete and start over',
  forgotCancel: 'Keep everything',
  lostTitle: 'Your PIN no longer works here',
  lostText:
    'It was tried too often, or the server has lost its part. Without a passkey nobody can open what is stored here any more.',
  lostPasskeyText: 'Your passkey still opens this chat. After that you can choose a new PIN.',
  enterAgain: 'Enter the PIN again',
  damagedTitle: 'What is stored here does not open',
  damagedText: 'It is damaged or incomplete. Nothing was deleted; you can keep it, or remove it and start over.',
  removeStored: 'Remove and start over',
  keptText: 'Nothing is deleted until you say so.',

  // Inviting to a lock, and the lock's menu
  inviteTitle: 'Keep this chat on this device',
  inviteText:
    'It is stored here, encrypted, and gone seven days after its last use. With a PIN it stays, and opens only with it.',
  inviteTextPasskey:
    'It is stored here, encrypted, and gone seven days after its last use. With a passkey it stays, and opens only with it.',
  invitePin: 'Choose a PIN',
  invitePasskey: 'Use a passkey',
  inviteLater: 'Not now',
  lockNow: 'Lock now',
  setPin: 'Set a PIN',
  setPinNote: 'Nobody can look it up for you. After ten wrong tries, it opens nothing any more.',
  changePin: 'Change PIN',
  addPasskey: 'Add a passkey',
  removePasskey: 'Remove passkey',
  removePasskeyQuestion: 'Remove the passkey? After that, only your PIN opens this chat.',
  removePasskeyConfirm: 'Remove',
  removePasskeyCancel: 'Keep it',
  pinSheetClose: 'Close without changing anything',
  resetByPasskey: 'Forgot it? Use your passkey',
  resetText: 'Your passkey has opened the chat. To set a PIN, it is asked for once more.',
  pinIsSet: 'Your PIN is set. From now on, it opens this chat.',
  pinIsChanged: 'Your PIN is changed.',
  passkeyIsSet: 'Your passkey is set. From now on, it opens this chat.',
  passkeyIsRemoved: 'The passkey is removed. Your PIN opens this chat.',
  problemEvicted:
    'The browser has removed the conversations that were stored here. The team still has them; please write again.',
} as const;

/** A complete table of texts. */
export type Strings = TextsLike<typeof english>;
export type StringKey = keyof Strings;

/** A language: its tag (BCP 47) and its table. */
export interface Language {
  readonly tag: string;
  readonly strings: Strings;
}

export const englishLanguage: Language = { tag: 'en', strings: english };

/** Says things in one language and locale. Immutable: a change of language is a new object. */
export class Phrases {
  /** Where numbers, dates and plurals come from; always of the same language as the texts. */
  readonly locale: string;
  readonly #strings: Strings;
  readonly #formats = new Map<string, Intl.DateTimeFormat>();

  /**
   * @param options `strings` replaces single texts; `locale` refines the language (`en-GB`) and is ignored if it is of
   *   another language or malformed
   */
  constructor(
    options: { language?: Language; strings?: Partial<Strings> | undefined; locale?: string | undefined } = {},
  ) {
    const { language = englishLanguage, strings, locale = '' } = options;
    this.#strings = { ...language.strings, ...strings };
    const same = locale.toLowerCase().split('-')[0] === language.tag;
    this.locale = same && isLocale(locale) ? locale : language.tag;
  }

  /** The text of `key` with its placeholders filled. */
  say(key: StringKey, values?: PhraseValues): string {
    return phrase(this.#strings[key], this.locale, values);
  }

  /** “A, B and C”. */
  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.locale, { type: 'conjunction' }).format(items);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  /** The time of day. @param at ms */
  time(at: number): string {
    return this.#date('time', { hour: 'numeric', minute: '2-digit' }).format(at);
  }

  /** Day and time. @param at ms */
  dateTime(at: number): string {
    return this.#date('dateTime', { dateStyle: 'long', timeStyle: 'short' }).format(at);
  }

  /** “Today”, “Yesterday”, or the date; with the year if it is not this one. @param at ms @param now ms */
  day(at: number, now: number): string {
    const days = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
    if (days === 0 || days === 1) {
      const relative = new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto' }).format(-days, 'day');
      return relative.charAt(0).toLocaleUpperCase(this.locale) + relative.slice(1);
    }
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return this.#date(sameYear ? 'day' : 'dayYear', {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      ...(sameYear ? {} : { year: 'numeric' }),
    }).format(at);
  }

  /** For lists: the time if it is today, else the short date. @param at ms @param now ms */
  brief(at: number, now: number): string {
    if (startOfDay(at) === startOfDay(now)) return this.time(at);
    return this.#date('brief', { day: 'numeric', month: 'short' }).format(at);
  }

  /** A file's size. @param bytes count */
  size(bytes: number): string {
    const units = ['byte', 'kilobyte', 'megabyte'] as const;
    let value = bytes;
    let at = 0;
    for (; value >= 1000 && at < 2; at++) value /= 1000;
    const unit = units[at] ?? 'byte';
    return new Intl.NumberFormat(this.locale, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: 1,
    }).format(value);
  }

  /** “45 seconds”, “4 minutes”: rounded up, in the one unit that fits. @param ms from now */
  duration(ms: number): string {
    const seconds = Math.max(1, Math.ceil(ms / 1000));
    const [value, unit] =
      seconds < 90
        ? ([seconds, 'second'] as const)
        : seconds < 5400
          ? ([Math.ceil(seconds / 60), 'minute'] as const)
          : seconds < 172_800
            ? ([Math.ceil(seconds / 3600), 'hour'] as const)
            : ([Math.ceil(seconds / 86_400), 'day'] as const);
    return new Intl.NumberFormat(this.locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
  }

  #date(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let format = this.#formats.get(name);
    if (!format) this.#formats.set(name, (format = new Intl.DateTimeFormat(this.locale, options)));
    return format;
  }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false; // a malformed tag throws; the language's own is used then
  }
}

/** Midnight of the day in the reader's time zone. */
export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
