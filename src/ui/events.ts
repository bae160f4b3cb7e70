/**
 * Every event of the elements as a class, registered in the global event map. Public ones bubble and cross shadow roots;
 * none carries a text: ids, codes and counts only.
 * @module
 */
import type { Verification } from '../engine/views.ts';

/** What `<secure-chat>` is doing: nothing loaded, opening, locked, its connection, or why there is none. */
export type ChatState =
  'idle' | 'loading' | 'locked' | 'connecting' | 'online' | 'offline' | 'misconfigured' | 'failed';

class PublicEvent<Detail> extends CustomEvent<Detail> {
  constructor(type: string, detail: Detail, { cancelable = false } = {}) {
    super(type, { detail, cancelable, bubbles: true, composed: true });
  }
}

/** The client is open; properties have values. */
export class ScReadyEvent extends PublicEvent<null> {
  constructor() {
    super('sc-ready', null);
  }
}

/** The panel has opened. */
export class ScOpenEvent extends PublicEvent<null> {
  constructor() {
    super('sc-open', null);
  }
}

/** The panel is about to close; `preventDefault()` keeps it open. */
export class ScBeforeCloseEvent extends PublicEvent<null> {
  constructor() {
    super('sc-before-close', null, { cancelable: true });
  }
}

/** The panel has closed. */
export class ScCloseEvent extends PublicEvent<null> {
  constructor() {
    super('sc-close', null);
  }
}

/** The number of unread messages in all conversations changed. */
export class ScUnreadEvent extends PublicEvent<{ readonly unread: number }> {
  constructor(unread: number) {
    super('sc-unread', { unread });
  }
}

/** What the element is doing changed. */
export class ScStatusEvent extends PublicEvent<{ readonly state: ChatState }> {
  constructor(state: ChatState) {
    super('sc-status', { state });
  }
}

/** A conversation began, here or in another tab. */
export class ScConversationStartEvent extends PublicEvent<{ readonly conversation: string }> {
  constructor(conversation: string) {
    super('sc-conversation-start', { conversation });
  }
}

/** A conversation ended, by either side. */
export class ScConversationEndEvent extends PublicEvent<{ readonly conversation: string }> {
  constructor(conversation: string) {
    super('sc-conversation-end', { conversation });
  }
}

/** A text was stored to be sent; it cannot be lost any more. */
export class ScMessageSentEvent extends PublicEvent<{ readonly conversation: string; readonly message: string }> {
  constructor(conversation: string, message: string) {
    super('sc-message-sent', { conversation, message });
  }
}

/** A message of the desk arrived. */
export class ScMessageReceivedEvent extends PublicEvent<{ readonly conversation: string; readonly message: string }> {
  constructor(conversation: string, message: string) {
    super('sc-message-received', { conversation, message });
  }
}

/** Someone of the desk began or ceased to type. */
export class ScTypingEvent extends PublicEvent<{ readonly conversation: string; readonly typing: boolean }> {
  constructor(conversation: string, typing: boolean) {
    super('sc-typing', { conversation, typing });
  }
}

/** Who answers in the conversation on screen changed; null: nobody yet, or nobody any more. */
export class ScAgentChangeEvent extends PublicEvent<{ readonly device: string | null }> {
  constructor(device: string | null) {
    super('sc-agent-change', { device });
  }
}

/** What is believed of the desk changed. */
export class ScVerificationChangeEvent extends PublicEvent<{ readonly state: Verification['state'] }> {
  constructor(state: Verification['state']) {
    super('sc-verification-change', { state });
  }
}

/** A link in a message is about to be followed; `preventDefault()` keeps the browser from doing so. */
export class ScLinkClickEvent extends PublicEvent<{ readonly href: string; readonly message: string }> {
  constructor(href: string, message: string) {
    super('sc-link-click', { href, message }, { cancelable: true });
  }
}

/** What is stored opens only with PIN or passkey from now on: locked by whatever tab, by time, or found so. */
export class ScLockEvent extends PublicEvent<null> {
  constructor() {
    super('sc-lock', null);
  }
}

/** What was locked is open. */
export class ScUnlockEvent extends PublicEvent<null> {
  constructor() {
    super('sc-unlock', null);
  }
}

/** The conversations stored on this device are gone or can no longer be opened. */
export class ScStorageLostEvent extends PublicEvent<{ readonly code: string }> {
  constructor(code: string) {
    super('sc-storage-lost', { code });
  }
}

/** Something went wrong. `recoverable`: the chat goes on; otherwise it needs the page or the user to do something. */
export class ScErrorEvent extends PublicEvent<{ readonly code: string; readonly recoverable: boolean }> {
  constructor(code: string, recoverable: boolean) {
    super('sc-error', { code, recoverable });
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'sc-ready': ScReadyEvent;
    'sc-open': ScOpenEvent;
    'sc-before-close': ScBeforeCloseEvent;
    'sc-close': ScCloseEvent;
    'sc-unread': ScUnreadEvent;
    'sc-status': ScStatusEvent;
    'sc-conversation-start': ScConversationStartEvent;
    'sc-conversation-end': ScConversationEndEvent;
    'sc-message-sent': ScMessageSentEvent;
    'sc-message-received': ScMessageReceivedEvent;
    'sc-typing': ScTypingEvent;
    'sc-agent-change': ScAgentChangeEvent;
    'sc-verification-change': ScVerificationChangeEvent;
    'sc-link-click': ScLinkClickEvent;
    'sc-lock': ScLockEvent;
    'sc-unlock': ScUnlockEvent;
    'sc-storage-lost': ScStorageLostEvent;
    'sc-error': ScErrorEvent;
  }
}
