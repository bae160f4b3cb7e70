/**
 * The lock within the panel: its elements, which are loaded on demand.
 * @module
 */
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { usageError } from '../errors.ts';
import type { Phrases } from '../ui/strings.ts';
import type { ChatLock, LockedView } from './chat-lock.ts';

/** The lock's elements, loaded when there is something to show. */
export class LockParts {
  ready = false;
  failed = false;
  readonly #host: ReactiveControllerHost;
  #loading: Promise<void> | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** Loads them if the lock has anything to show. */
  want(lock: ChatLock | null): void {
    if (this.ready || !lock || (this.failed && !lock.sheet)) return;
    if (!lock.locked && !lock.sheet && lock.invites === null) return;
    // Said where the pad would be; a sheet does not come.
    void this.load().catch((error: unknown) => lock.sheet && lock.giveUp(error));
  }

  /** @throws ChatError `load-failed` */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  retry(): void {
    this.failed = false;
    this.#host.requestUpdate();
  }

  async #load(): Promise<void> {
    try {
      const { defineLock } = await import('./lock-loaded.ts');
      defineLock();
      this.ready = true;
    } catch (cause) {
      this.#loading = null;
      this.failed = true;
      throw usageError('load-failed', 'a part of the chat’s script could not be loaded', { cause });
    } finally {
      this.#host.requestUpdate();
    }
  }
}

export function lockScreenTemplate(view: {
  lock: ChatLock;
  locked: LockedView;
  phrases: Phrases;
  filled: ReadonlySet<string>;
  onForget: () => void;
}): TemplateResult {
  const { lock, locked, phrases, filled, onForget } = view;
  return html`<sc-lock-screen
    class="main"
    exportparts="pin"
    .view=${locked}
    .phrases=${phrases}
    .unlock=${lock.unlock}
    .forget=${onForget}
  >
    ${filled.has('lock-help') ? html`<slot name="lock-help" slot="help"></slot>` : nothing}
  </sc-lock-screen>`;
}

export function lockSheetTemplate(lock: ChatLock, phrases: Phrases): TemplateResult | typeof nothing {
  if (lock.sheet === null) return nothing;
  return html`<sc-lock-sheet
    exportparts="pin"
    .kind=${lock.sheet}
    .passkey=${lock.vault?.passkey ?? false}
    .phrases=${phrases}
    .save=${lock.save}
    .leave=${() => lock.show(null)}
    .reset=${() => lock.show('reset')}
  ></sc-lock-sheet>`;
}

/** For the transcript's slot `end`. */
export function lockCardTemplate(lock: ChatLock, phrases: Phrases): TemplateResult | typeof nothing {
  const kind = lock.invites;
  if (kind === null) return nothing;
  return html`<sc-lock-card
    slot="end"
    .kind=${kind}
    .busy=${lock.busy}
    .phrases=${phrases}
    .choosePin=${() => lock.show('set')}
    .usePasskey=${() => void lock.addPasskey()}
    .decline=${() => lock.decline()}
  ></sc-lock-card>`;
}
