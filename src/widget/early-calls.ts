/**
 * Calls made before the script has loaded: `(window.secureChat ??= []).push((chat) => chat.show())`.
 * @module
 */
/** What a page wants done with its first element. */
export type EarlyCall = (chat: Chat) => void;

type Chat = HTMLElementTagNameMap['secure-chat'];

declare global {
  var secureChat: EarlyCall[] | { push(call: EarlyCall): void } | undefined;
}

/** Hands the page's first element to all who waited for it, and at once to those who come later. */
export function runEarlyCalls(chat: Chat): void {
  const waiting = globalThis.secureChat;
  if (waiting !== undefined && !Array.isArray(waiting)) return;
  // In a microtask of its own each, so that one that throws is reported and keeps back no other.
  const push = (call: EarlyCall): void => queueMicrotask(() => call(chat));
  globalThis.secureChat = { push };
  waiting?.forEach((call: EarlyCall) => push(call));
}
