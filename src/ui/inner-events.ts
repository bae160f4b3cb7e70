/**
 * Events between our own components. They neither bubble nor leave a shadow root, and carry no text: a listener reads it
 * from the component.
 * @module
 */

/** `<sc-composer>`: its text changed by typing; read `value`. */
export class ScDraftChangeEvent extends Event {
  constructor() {
    super('sc-draft-change');
  }
}

/** `<sc-composer>`: the user began, goes on (every few seconds) or ceased to type. */
export class ScComposingEvent extends CustomEvent<{ readonly on: boolean }> {
  constructor(on: boolean) {
    super('sc-composing', { detail: { on } });
  }
}

/** `<sc-transcript>`: the top is near and there may be older messages. */
export class ScLoadOlderEvent extends Event {
  constructor() {
    super('sc-load-older');
  }
}

/** `<sc-transcript>`: everything up to the latest message is on screen. */
export class ScSeenEvent extends Event {
  constructor() {
    super('sc-seen');
  }
}

/** `<sc-padlock>`: its panel opened or closed; read `open`. */
export class ScPadlockToggleEvent extends Event {
  constructor() {
    super('sc-padlock-toggle');
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'sc-draft-change': ScDraftChangeEvent;
    'sc-composing': ScComposingEvent;
    'sc-load-older': ScLoadOlderEvent;
    'sc-seen': ScSeenEvent;
    'sc-padlock-toggle': ScPadlockToggleEvent;
  }
}
