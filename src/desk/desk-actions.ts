/**
 * What an agent does, and what becomes of it: claims won and lost, failures with a way to try again.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ClientStatus, ConversationView, DeskClient, DutyState, QueueEntry } from '../engine/views.ts';
import { ChatError, codeOf } from '../errors.ts';
import { ScErrorEvent } from '../ui/events.ts';
import type { LostClaim } from './conversation-lists.ts';
import { conversationTitle, takenText } from './conversation-names.ts';
import type { DeskPhrases, DeskStringKey } from './strings.ts';
import type { Toast } from './toast.ts';

/** How long stay on screen: a lost claim, a row that a colleague has taken, a passing word. */
const LOST_MS = 8000;
const TAKEN_MS = 4000;
const WORD_MS = 6000;
/** Without a connection nothing that the relay must grant can be done. */
const OFFLINE_CODES: ReadonlySet<string> = new Set(['relay-unreachable', 'relay-disconnected', 'relay-timeout']);

export interface ActionSources {
  readonly client: DeskClient | null;
  readonly device: string;
  readonly phrases: DeskPhrases;
  readonly queue: readonly QueueEntry[];
  readonly conversations: readonly ConversationView[];
}

/**
 * Does things with the client and renders its host again when there is something to say. Nothing here throws; `again` is
 * what the agent may choose after a failure.
 */
export class DeskActions implements ReactiveController {
  lost: readonly LostClaim[] = [];
  /** Conversations whose claim is on its way. */
  claiming: ReadonlySet<string> = new Set();
  toast: Toast | null = null;
  /** For the ear alone. */
  spoken = '';
  readonly #host: ReactiveControllerHost & EventTarget;
  readonly #sources: () => ActionSources;
  /** The queue that `follow` saw last. */
  #queue: readonly QueueEntry[] = [];
  /** Counts toasts: a word takes only itself away. */
  #words = 0;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(host: ReactiveControllerHost & EventTarget, sources: () => ActionSources) {
    this.#host = host;
    this.#sources = sources;
    host.addController(this);
  }

  hostDisconnected(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.lost = [];
    this.toast = null;
  }

  /**
   * Compares the queue with what it was: what a colleague takes keeps its place for a moment, so that the list does not
   * move under somebody's finger. Called before the host renders.
   */
  follow(queue: readonly QueueEntry[]): void {
    if (queue === this.#queue) return;
    const before = new Map(this.#queue.map((entry) => [entry.conversation, entry]));
    const { device, phrases } = this.#sources();
    this.#queue = queue;
    for (const { conversation: id, state, by, byName } of queue) {
      const was = before.get(id);
      if (was?.state === 'claimed' && state === 'waiting') this.#forget(id);
      if (was?.state !== 'waiting' || state !== 'claimed' || by === device) continue;
      // The refusal may come before the queue that says who it was.
      const loss = this.lost.find(({ conversation }) => conversation === id);
      if (loss) this.#name(loss, byName);
      if (loss) continue;
      const title = conversationTitle(id, was.known, phrases);
      this.#keep({ conversation: id, since: was.since, title, mark: was.known?.customer ?? id, by: byName }, TAKEN_MS);
    }
  }

  /** Whether the conversation is this agent's now. */
  async claim(id: string, title: string, again: () => void): Promise<boolean> {
    const { client, phrases, queue } = this.#sources();
    const entry = queue.find(({ conversation }) => conversation === id);
    if (!client || this.claiming.has(id)) return false;
    this.#change(() => {
      this.claiming = new Set([...this.claiming, id]);
      this.toast = null;
    });
    try {
      await client.claim(id);
      this.spoken = phrases.say('claimed', { title });
      return true;
    } catch (error) {
      if (error instanceof ChatError && error.code === 'already-claimed')
        this.#lose({ conversation: id, title, mark: entry?.known?.customer ?? id, since: entry?.since ?? 0 }, error);
      else this.failed('failedClaim', error, again);
      return false;
    } finally {
      this.#change(() => (this.claiming = new Set([...this.claiming].filter((other) => other !== id))));
    }
  }

  /** Whether it was left. */
  async leave(id: string, requeue: boolean, title: string, again: () => void): Promise<boolean> {
    const { client, phrases } = this.#sources();
    try {
      await client?.leave(id, { requeue });
    } catch (error) {
      this.failed('failedLeave', error, again);
      return false;
    }
    this.say(phrases.say(requeue ? 'requeuedDone' : 'leftDone', { title }));
    return true;
  }

  /** Whether it ended. */
  async end(id: string, title: string, again: () => void): Promise<boolean> {
    const { client, phrases } = this.#sources();
    try {
      await client?.endConversation(id);
    } catch (error) {
      this.failed('failedEnd', error, again);
      return false;
    }
    this.#change(() => (this.spoken = phrases.say('endedDone', { title })));
    return true;
  }

  /** Whether the relay knows of it now. */
  async setDuty(duty: DutyState): Promise<boolean> {
    try {
      await this.#sources().client?.setDuty(duty);
      return true;
    } catch (error) {
      this.failed('failedDuty', error, () => void this.setDuty(duty));
      return false;
    }
  }

  /** Copies what an administrator needs to know: states, times and public names. */
  async report(status: ClientStatus | null): Promise<void> {
    const { device, phrases } = this.#sources();
    try {
      const report = { device, time: new Date().toISOString(), status };
      await navigator.clipboard.writeText(JSON.stringify(report, null, 2));
      this.say(phrases.say('copied'));
    } catch (error) {
      this.failed('failedCopy', error, null);
    }
  }

  /** Says what could not be done and why; stays until it is dismissed or done. */
  failed(what: DeskStringKey, error: unknown, retry: (() => void) | null): void {
    const { phrases } = this.#sources();
    const code = codeOf(error);
    const why = OFFLINE_CODES.has(code) ? phrases.say('failedOffline') : phrases.shared.say('problemCode', { code });
    const again =
      retry &&
      (() => {
        this.dismiss();
        retry();
      });
    this.#change(() => {
      this.#words++;
      this.toast = { text: `${phrases.say(what)} ${why}`, about: null, retry: again };
    });
    this.#host.dispatchEvent(new ScErrorEvent(code, true));
  }

  /** A passing word, seen and heard. @param about the conversation that it speaks of */
  say(text: string, about: string | null = null): void {
    const serial = ++this.#words;
    this.#change(() => (this.toast = { text, about, retry: null }));
    this.#later(WORD_MS, () => {
      if (serial === this.#words) this.toast = null;
    });
  }

  dismiss(): void {
    this.#change(() => (this.toast = null));
  }

  /** A colleague was faster: says who. */
  #lose(what: Omit<LostClaim, 'by' | 'until'>, { details }: ChatError): void {
    const { phrases, queue, conversations } = this.#sources();
    const { conversation: id, title } = what;
    const entry = queue.find(({ by }) => by === details.by);
    const known = conversations.flatMap(({ parties }) => parties).find(({ device }) => device === details.by);
    const by = entry?.byName ?? known?.name ?? null;
    this.#keep({ ...what, by }, LOST_MS);
    this.say(`${title}: ${takenText(by, phrases)}`, id);
  }

  /** Who it was became known: in the row, and in the word on screen if it is still the one about it. */
  #name(loss: LostClaim, by: string | null): void {
    if (loss.by !== null || by === null) return;
    this.lost = this.lost.map((other) => (other === loss ? { ...loss, by } : other));
    const text = `${loss.title}: ${takenText(by, this.#sources().phrases)}`;
    if (this.toast?.about === loss.conversation) this.toast = { ...this.toast, text };
  }

  /** A timer may be a little early: so much is not waited for again. */
  #keep(loss: Omit<LostClaim, 'until'>, ms: number): void {
    this.#forget(loss.conversation);
    this.lost = [...this.lost, { ...loss, until: performance.now() + ms }];
    this.#later(ms, () => (this.lost = this.lost.filter(({ until }) => until > performance.now() + 20)));
  }

  #forget(id: string): void {
    this.lost = this.lost.filter(({ conversation }) => conversation !== id);
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#change(work);
    }, ms);
    this.#timers.add(timer);
  }

  #change(work: () => void): void {
    work();
    this.#host.requestUpdate();
  }
}
