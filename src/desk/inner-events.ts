/**
 * Events between the desk's own components. They neither bubble nor leave a shadow root.
 * @module
 */
import type { Preferences } from './preferences.ts';

/** A conversation is to be shown. */
export class DeskOpenEvent extends CustomEvent<{ readonly conversation: string }> {
  constructor(conversation: string) {
    super('desk-open', { detail: { conversation } });
  }
}

/** A waiting conversation is to be claimed. */
export class DeskClaimEvent extends CustomEvent<{ readonly conversation: string }> {
  constructor(conversation: string) {
    super('desk-claim', { detail: { conversation } });
  }
}

export type PaneAction = 'back' | 'leave' | 'requeue' | 'end' | 'details';

/** Something is to be done with the conversation on screen. */
export class DeskActionEvent extends CustomEvent<{ readonly action: PaneAction }> {
  constructor(action: PaneAction) {
    super('desk-action', { detail: { action } });
  }
}

/** `reopen`: the client is opened anew, which asks for the PIN. */
export type HealthAction = 'reopen' | 'report';

/** The one thing that can be done about a failure. */
export class DeskHealthEvent extends CustomEvent<{ readonly action: HealthAction }> {
  constructor(action: HealthAction) {
    super('desk-health', { detail: { action } });
  }
}

/** The agent's preferences changed. */
export class DeskPreferencesEvent extends CustomEvent<Preferences> {
  constructor(preferences: Preferences) {
    super('desk-preferences', { detail: preferences });
  }
}

/** Something asked for could not be done: the text's key, and the code of why. */
export class DeskFailureEvent extends CustomEvent<{
  readonly what: 'failedSend' | 'failedDraft';
  readonly error: unknown;
}> {
  constructor(what: 'failedSend' | 'failedDraft', error: unknown) {
    super('desk-failure', { detail: { what, error } });
  }
}

/** `<sc-desk-enrol>`: the name was given. */
export class DeskEnrolEvent extends CustomEvent<{ readonly name: string }> {
  constructor(name: string) {
    super('desk-enrol', { detail: { name } });
  }
}

/** The desk is to be locked in all tabs. `stored` resolves when what was written is stored, or could not be. */
export class DeskLockEvent extends CustomEvent<{ readonly stored: Promise<void> }> {
  constructor(stored: Promise<void>) {
    super('desk-lock', { detail: { stored } });
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'desk-open': DeskOpenEvent;
    'desk-claim': DeskClaimEvent;
    'desk-action': DeskActionEvent;
    'desk-health': DeskHealthEvent;
    'desk-preferences': DeskPreferencesEvent;
    'desk-failure': DeskFailureEvent;
    'desk-enrol': DeskEnrolEvent;
    'desk-lock': DeskLockEvent;
  }
}
