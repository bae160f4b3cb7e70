/**
 * Opens and closes the panel, and keeps the launcher in step with it.
 * @module
 */
import { codeOf } from '../errors.ts';
import { ScCloseEvent, ScOpenEvent } from '../ui/events.ts';
import { rememberFocus } from '../ui/focus-return.ts';
import type { Strings } from '../ui/strings.ts';
import type { ChatRuntime } from './chat-runtime.ts';
import { Launcher } from './launcher.ts';
import { launcherLabel, launcherText } from './launcher-texts.ts';
import type { PanelMode } from './panel.ts';

/** The element, as far as the launcher and the panel follow it. */
export interface TurnedElement extends HTMLElement {
  open: boolean;
  readonly unread: number;
  readonly mode: PanelMode;
  readonly disabled: boolean;
  readonly locked: boolean;
  readonly hideLauncher: boolean;
  readonly strings: Partial<Strings> | undefined;
  toggle(): void;
}

/** Of one element. */
export class PanelTurns {
  readonly #chat: TurnedElement;
  readonly #root: ShadowRoot;
  readonly #launcher: Launcher;
  #runtime: ChatRuntime | null = null;
  /** The panel is, or is about to be, on screen. */
  #shown = false;
  #giveBack: (() => void) | null = null;
  #notice = '';

  constructor(chat: TurnedElement, root: ShadowRoot) {
    this.#chat = chat;
    this.#root = root;
    this.#launcher = new Launcher(root, () => chat.toggle());
  }

  /** The panel is gone with its runtime. */
  reset(): void {
    this.#shown = false;
  }

  /** Shows what is so now. @param options.takesFocus a page that comes with an open chat keeps its focus */
  refresh(runtime: ChatRuntime | null, options: { takesFocus: boolean }): void {
    this.#runtime = runtime;
    const { unread, mode, disabled, strings, locked, hideLauncher } = this.#chat;
    const shown = runtime !== null && (mode === 'inline' || this.#chat.open);
    if (shown !== this.#shown) void this.#turn(shown, options.takesFocus && mode !== 'inline');
    const open = shown && (runtime?.panel?.opened ?? false);
    const unavailable = runtime?.state === 'misconfigured';
    this.#launcher.update({
      label: launcherLabel({ unread, unavailable, locked, strings }),
      unread,
      open,
      hidden: hideLauncher || mode === 'inline',
      disabled,
      busy: shown && !open,
      unavailable,
      locked,
      notice: this.#notice,
    });
    void runtime?.update();
  }

  async #turn(shown: boolean, takesFocus: boolean): Promise<void> {
    const chat = this.#chat;
    this.#shown = shown;
    const runtime = this.#runtime;
    if (!shown) {
      const opened = runtime?.panel?.opened ?? false;
      if (runtime?.panel) runtime.panel.opened = false;
      this.#again();
      if (chat.matches(':focus-within') || this.#root.activeElement) this.#giveBack?.();
      if (opened) chat.dispatchEvent(new ScCloseEvent());
      return;
    }
    this.#giveBack = rememberFocus(() => this.#launcher.button);
    this.#notice = '';
    void runtime?.start().catch(() => undefined); // its failure is shown and told by the runtime
    const panel = await runtime?.loadPanel().catch((error: unknown) => this.#notLoaded(error));
    if (!panel || !this.#shown || this.#runtime !== runtime) return;
    panel.getBoundingClientRect(); // the closed state is laid out, so that opening moves
    panel.opened = true;
    this.#again();
    await panel.updateComplete;
    if (takesFocus) panel.focus();
    chat.dispatchEvent(new ScOpenEvent());
  }

  #again(): void {
    this.refresh(this.#runtime, { takesFocus: true });
  }

  #notLoaded(error: unknown): void {
    if (codeOf(error) !== 'load-failed') return;
    this.#notice = launcherText('loadFailed', this.#chat.strings);
    this.#chat.open = false;
  }
}
