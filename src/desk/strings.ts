/**
 * What the desk says beyond the texts it shares with the customer's element.
 * @module
 */
import { phrase, type PhraseValues, type TextsLike } from '../ui/phrases.ts';
import { Phrases } from '../ui/strings.ts';

export const deskEnglish = {
  desk: 'Desk',
  starting: 'Opening the desk',

  // Getting in
  enrolTitle: 'Join the desk',
  enrolLead:
    'You have been invited to answer customers. Everything is end-to-end encrypted, so this device needs keys of its own.',
  enrolName: 'Your name',
  enrolNameHint: 'Customers see it. It is signed by your administrator and cannot be changed afterwards.',
  enrolNameMissing: 'Enter your name.',
  enrolNameLong: 'Use a shorter name: at most 80 bytes, about 40 to 80 characters.',
  enrolNameControls: 'The name contains invisible control characters. Type it again.',
  enrolSubmit: 'Make keys and ask to join',
  enrolWorking: 'Making keys…',
  enrolFailed: 'The request could not be made. Please try again. (Code: {code})',
  enrolStepsTitle: 'What happens now',
  enrolStepKeys: 'This browser makes its keys. They never leave it.',
  enrolStepAsk: 'Your name and public key go to the administrator, with proof that you hold this invitation.',
  enrolStepCompare: 'The administrator compares a fingerprint with you and approves.',
  enrolStepOpen: 'The desk opens by itself.',
  enrolPrivate: 'Use your own profile on a device you trust. You choose a PIN or a passkey that locks the desk.',
  enrolExpires: 'The invitation is valid until {date}.',
  pendingTitle: 'Waiting for the administrator to approve; compare this fingerprint',
  pendingLead: 'Read the numbers to the administrator by telephone or in person. If even one digit differs, stop.',
  pendingName: 'You asked to join as {name}.',
  pendingWaiting: 'The request is sent. This page opens the desk by itself.',
  pendingOffline: 'No connection. The request goes out when you are back online.',
  fingerprintDevice: 'Fingerprint of this device',
  closedTitle: 'This browser is not part of a desk',
  closedLead: 'To get in you need an invitation link from your administrator.',
  closedStepAsk: 'Ask your administrator for an invitation.',
  closedStepOpen: 'Open the link in this browser, on this device.',
  closedStepWait: 'Compare a fingerprint with the administrator. Then the desk opens.',
  closedBefore: 'Were you in before? Then the site’s data was cleared, or this is another browser profile.',
  removedTitle: 'You are no longer a member of this desk',
  removedLead: 'The administrator has removed this device. It can neither receive nor read conversations any more.',
  removedHelp: 'If this is a mistake, ask the administrator for a new invitation and open it in this browser.',
  invitationMalformed: 'The invitation link is incomplete. Copy the whole link and open it again.',
  invitationExpired: 'The invitation has expired. Ask the administrator for a new one.',
  rejoinTitle: 'Join the desk again',
  rejoinLead: 'Joining again deletes what is stored in this browser, and makes new keys.',
  replaceHint: 'The link you opened is another invitation. The request above was made with an earlier one.',
  replaceDo: 'Ask again with the new invitation',
  lostTitle: 'The keys of this device are gone',
  lostLead:
    'What is stored here can no longer be opened by anyone: the PIN was wrong ten times, the relay has lost its part, or the stored data is damaged.',
  lostHelp: 'Delete it, then ask the administrator for a new invitation.',
  lostDo: 'Delete what is stored here',
  invitationTitle: 'This invitation cannot be used',
  invitationUnneeded: 'This device is already enrolled, so the invitation was not used.',
  relayMalformed: 'The page names a relay that is not a web address. Tell whoever set up this page.',
  relayInsecure: 'The page names a relay without encryption (wss:). Tell whoever set up this page.',
  failedTitle: 'The desk could not be opened',

  // Locked, and choosing how
  lockedTitle: 'Locked',
  lockedLead: 'Your conversations are on this device, encrypted.',
  lockedOffline: 'You are offline. The PIN can be checked only with a connection.',
  lockedOfflinePasskey: 'You are offline. The PIN can be checked only with a connection; your passkey opens without.',
  lockedOnline: 'You are online again. Enter it once more.',
  lockedHereOnly: 'This tab is locked. Close other tabs of the desk: they may still be open. (Code: {code})',
  unlockPasskey: 'Open with passkey',
  forgotPin: 'Forgot your PIN?',
  forgotPasskey: 'Lost your passkey?',
  forgotLead: 'Nobody can recover it, not even the administrator. You can only begin again, and then this is lost:',
  forgotIdentity: 'This browser’s identity as an agent, with every conversation stored here.',
  forgotEnrol: 'Your place at the desk: an administrator must invite and approve you again.',
  forgotCustomers: 'Customers you spoke with will see another device.',
  forgotButPasskey: 'Your passkey still opens the desk. Then choose a new PIN under “PIN and passkey”.',
  forgotKeep: 'Go back',
  forgotDo: 'Delete and begin again',
  forgotWorking: 'Deleting…',
  forgotFailed: 'It could not be deleted. Please try again. (Code: {code})',
  protectTitle: 'Lock your desk',
  protectLead:
    'Choose a PIN that opens it whenever you come back. Without it nobody who has this browser can read your chats.',
  protectTen: 'After ten wrong PINs what is stored here cannot be opened any more, by anyone.',
  protectPasskey: 'Use a passkey instead',
  offerTitle: 'Add a passkey as well',
  offerLead:
    'Recommended. A passkey opens the desk with your fingerprint, face or device PIN, also offline. And someone who enters ten wrong PINs could lock you out for good; not if you have a passkey.',
  offerDo: 'Add a passkey',
  offerSkip: 'Not now',
  lockNow: 'Lock now',
  lockSettings: 'PIN and passkey',
  lockBack: 'Back',
  lockPin: 'PIN',
  lockPinText: 'Opens the desk. After ten wrong tries it opens nothing any more.',
  lockPinNone: 'There is none.',
  lockPinSet: 'Set a PIN',
  lockPinSetDone: 'The PIN is set.',
  lockPinChange: 'Change PIN',
  lockPinChangeDone: 'The PIN is changed. The old one opens nothing any more.',
  lockPinReset: 'Reset PIN with passkey',
  lockPasskey: 'Passkey',
  lockPasskeyText: 'Opens the desk, also offline, and when the PIN is lost.',
  lockPasskeyOnly: 'Opens the desk, also offline. It is the only way in; set a PIN before you remove it.',
  lockPasskeyNone: 'There is none. With one the desk opens also when the PIN is lost.',
  lockPasskeyImpossible: 'This browser cannot use one here.',
  lockPasskeyAdd: 'Add a passkey',
  lockPasskeyAddDone: 'The passkey opens the desk now.',
  lockPasskeyRenew: 'Replace passkey',
  lockPasskeyRemove: 'Remove passkey',
  lockPasskeyRemoveDone: 'The passkey opens nothing here any more.',

  // Who and what
  customerNumber: 'Customer {number}',
  duty: 'Duty',
  dutyOn: 'On duty',
  dutyAway: 'Away',
  dutyOff: 'Off',
  dutyUntold: 'Without a connection nobody is sent to you. It counts when you are back online.',
  theme: 'Theme',
  themeAuto: 'As the system',
  themeLight: 'Light',
  themeDark: 'Dark',
  commands: 'Commands',
  help: 'Keyboard help',
  mine: 'Mine',
  closed: 'Closed',
  lists: 'Conversations',
  claim: 'Claim',
  takenBy: 'Taken by {name}',
  takenBySomeone: 'Taken by a colleague',
  waitedFor: 'waiting {span}',
  unknownTitle: 'Conversation {id}',
  unknownYet: 'Shown to you as soon as you join',
  draft: 'Draft: {text}',
  isTyping: 'typing…',
  waitingEmpty: 'Nobody is waiting.',
  waitingEmptyOff: 'Nobody is waiting. You are off duty, so new customers are not sent to you.',
  mineEmpty: 'What you claim appears here.',
  closedEmpty: 'Nothing has ended yet.',

  // Conversation
  nothingOpen: 'No conversation open',
  nothingOpenNone: 'All quiet. New customers appear under Waiting.',
  nothingOpenWaiting: {
    one: '{count} customer is waiting, for {span}.',
    other: '{count} customers are waiting, the longest for {span}.',
  },
  keyClaim: 'Claim the next one',
  keyMove: 'Move in the lists',
  keyPalette: 'Go anywhere',
  keyHelp: 'All shortcuts',
  backToLists: 'Back to the lists',
  details: 'Details',
  hideDetails: 'Hide details',
  leave: 'Leave',
  requeue: 'Return to queue',
  end: 'End',
  since: 'since {time}',
  waitsFor: 'Waits for an agent',
  waitingBarKnown: 'You read this before anyone has answered. Claim it to reply.',
  waitingBarUnknown:
    'The first message went to other agents. When you claim it, the customer’s device sends it to you.',
  endedBar: 'This conversation has ended. It stays readable here.',
  leftBar: 'You have left this conversation.',
  gone: 'This conversation is no longer on this device.',
  endAsk: 'End this conversation for everyone?',
  endAskText: 'Nobody can write in it any more. What was said stays readable.',
  endDo: 'End conversation',
  leaveAsk: 'Leave this conversation?',
  leaveAskAlone: 'No other agent is in it. The customer waits again until someone claims it.',
  leaveAskOthers: '{names} will go on without you.',
  leaveDo: 'Leave conversation',
  keep: 'Cancel',

  // Customer's card
  cardTitle: 'Named by its fingerprint',
  cardFingerprint: 'Device fingerprint',
  cardFingerprintHint: 'Names this device of the customer. It stays the same for as long as the device keeps its keys.',
  cardSince: 'Since',
  cardTopic: 'Topic',
  cardState: 'State',
  cardEncryption: 'Encryption',
  cardEncrypted: 'End-to-end encrypted, also against quantum computers',
  cardNotJoined: 'Encrypted for the members on duty until someone joins',
  cardRecorded: 'Recorded by the desk’s archive',
  cardRecordedDays: {
    one: 'Recorded by the desk’s archive, for {count} day',
    other: 'Recorded by the desk’s archive, for {count} days',
  },
  cardNotRecorded: 'Not recorded',
  cardParticipants: 'Participants',
  partyYou: '{name} (you)',
  partyCustomer: 'the customer',
  partyAgent: 'agent',
  partySupervisor: 'supervisor',
  partyBot: 'automated',
  partyArchive: 'record',
  statusAsked: 'received the first message',
  statusJoined: 'present',
  statusLeft: 'left',
  statusRemoved: 'no longer a member',
  copy: 'Copy',
  copied: 'Copied',

  // Health
  health: 'Health',
  healthEncrypted: { one: '{count} chat encrypted', other: '{count} chats encrypted' },
  healthRelay: 'relay {ms} ms',
  healthRelayUp: 'relay connected',
  healthStaff: 'staff list signed {ago}',
  healthPending: { one: '{count} waiting to send', other: '{count} waiting to send' },
  healthFollower: 'another tab sends',
  healthOffline: 'No connection to the relay; what you write waits here and goes out by itself.',
  healthConnecting: 'Connecting to the relay…',
  healthStale: 'The staff list is out of date, so messages are held until the administrator renews it.',
  healthNone: 'The signed staff list has not arrived yet, so nothing can be sent.',
  healthAlarm: 'Two different staff lists carry the same number: write nothing and tell the administrator.',
  healthStorageFull: 'This device has no storage left, so new messages cannot be kept.',
  healthStorageLost: 'The stored conversations on this device are gone.',
  healthProblem: 'Something went wrong ({code}).',
  healthLive: 'This page has lost its view of the stored conversations ({code}).',
  actReopen: 'Open the desk again',
  actReport: 'Copy report',

  // What was asked and could not be done
  failedClaim: 'The conversation could not be claimed.',
  failedLeave: 'You could not leave the conversation.',
  failedEnd: 'The conversation could not be ended.',
  failedDuty: 'Your duty could not be changed.',
  failedSend: 'The message could not be sent. It is still in the box.',
  failedDraft: 'The draft could not be kept.',
  failedOffline: 'There is no connection to the relay.',
  failedCopy: 'Copying was refused by the browser.',
  noneWaiting: 'Nobody is waiting.',
  dismiss: 'Dismiss',
  claimed: 'You joined {title}',
  leftDone: 'You left {title}',
  requeuedDone: '{title} waits again',
  endedDone: '{title} ended',

  // Palette and help
  paletteLabel: 'Go to a conversation or run a command',
  paletteResults: 'Results',
  paletteNone: 'Nothing found',
  paletteClaim: 'Take the customer who waits longest',
  paletteDuty: 'Duty: {state}',
  paletteTheme: 'Theme: {state}',
  helpTitle: 'Keyboard',
  helpMove: 'Next, previous conversation',
  helpOpen: 'Open',
  helpClaim: 'Claim the customer who waits longest',
  helpReply: 'Write a reply',
  helpBack: 'Back to the lists',
  helpPalette: 'Commands and search',
  helpLock: 'Lock the desk',
  helpHelp: 'This help',
  helpSend: 'Send',
  helpLine: 'New line',
  helpToggle: 'Single-key shortcuts',
  helpToggleHint: 'Turn them off if you speak to your computer or type on a touch screen.',
  helpClose: 'Close',
  keyOr: 'or',
  enterKey: 'Enter',
  escapeKey: 'Esc',
  title: '{name} – Desk',
  titleUnread: '({count}) {title}',
} as const;

/** A complete table. */
export type DeskStrings = TextsLike<typeof deskEnglish>;
export type DeskStringKey = keyof DeskStrings;

/** A language of the desk: its tag (BCP 47) and its table. */
export interface DeskLanguage {
  readonly tag: string;
  readonly strings: DeskStrings;
}

const deskEnglishLanguage: DeskLanguage = { tag: 'en', strings: deskEnglish };

/** Says things at the desk. Immutable: a change of language is a new object. */
export class DeskPhrases {
  /** The texts shared with the customer's element, and numbers and dates. */
  readonly shared: Phrases;
  readonly #strings: DeskStrings;

  /** @param options `strings` replaces single texts */
  constructor(options: { language?: DeskLanguage; strings?: Partial<DeskStrings> | undefined; shared?: Phrases } = {}) {
    const { language = deskEnglishLanguage, strings, shared = new Phrases() } = options;
    this.shared = shared;
    this.#strings = { ...language.strings, ...strings };
  }

  get locale(): string {
    return this.shared.locale;
  }

  /** The text of `key` with its placeholders filled. */
  say(key: DeskStringKey, values?: PhraseValues): string {
    return phrase(this.#strings[key], this.locale, values);
  }
}
