/**
 * What `<secure-chat>` loads on its first opening.
 * @module
 */
import type { CustomerClient } from '../engine/views.ts';
import { define } from '../ui/define.ts';
import { defineElements } from '../ui/elements.ts';
import { Phrases, type Strings } from '../ui/strings.ts';
import { ChatLock, type LockHost } from './chat-lock.ts';
import { ScPanel } from './panel.ts';
import { Session, type SessionHost } from './session.ts';
import { forwardSlots } from './slot-forwarding.ts';
import { fitViewport } from './viewport.ts';

export { forwardSlots };

defineElements();
define('sc-panel', ScPanel);

/** A panel that keeps to what the on-screen keyboard leaves of the viewport. */
export function createPanel(): ScPanel {
  const panel = new ScPanel();
  panel.addController(fitViewport(panel));
  return panel;
}

export function createSession(client: CustomerClient, host: SessionHost): Session {
  return new Session(client, host);
}

export function createLock(host: LockHost): ChatLock {
  return new ChatLock(host);
}

export function createPhrases(strings: Partial<Strings> | undefined, locale: string): Phrases {
  return new Phrases({ strings, locale });
}
