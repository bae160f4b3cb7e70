/**
 * The few English texts that the launcher needs before anything else has loaded.
 * @module
 */
export const launcherEnglish = {
  openChat: 'Open chat',
  openChatUnread: { one: 'Open chat, {count} unread message', other: 'Open chat, {count} unread messages' },
  openChatLocked: 'Open chat, locked',
  openChatLockedUnread: {
    one: 'Open chat, locked, {count} unread message',
    other: 'Open chat, locked, {count} unread messages',
  },
  openChatUnavailable: 'Open chat, not available',
  loadFailed: 'The chat could not be loaded. Please try again.',
  deskKeyMissing: 'The chat cannot start: its desk-key attribute is missing.',
  deskKeyMalformed: 'The chat cannot start: its desk-key attribute is malformed.',
  relayMissing: 'The chat cannot start: its relay attribute is missing.',
  relayMalformed: 'The chat cannot start: its relay attribute is not a web address.',
  relayInsecure: 'The chat cannot start: its relay address is not encrypted (wss:).',
} as const;
