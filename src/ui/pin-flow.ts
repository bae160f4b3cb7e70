/**
 * The questions that lead to a new PIN: choose and repeat, or the present one first. What the pad shows at each of them.
 * @module
 */
import { ChatError, codeOf } from '../errors.ts';
import { delayedUntil, lockSentence } from './lock-sentences.ts';
import type { Phrases } from './strings.ts';

export type PinStep = 'present' | 'new' | 'repeat';

export interface PinFlowOptions {
  readonly phrases: Phrases;
  /** The present PIN is asked for first. */
  readonly change: boolean;
  /** It is not the first one: says so. */
  readonly again?: boolean;
  /** Makes it the PIN. @param present null unless `change` */
  save(next: string, present: string | null): Promise<void>;
  /** Something that is shown changed. */
  onChange(): void;
}

/**
 * One run of the questions. `submit` goes to the pad, as do `label`, `hint`, `fresh`, `failure` and `disabledUntil`. It forgets
 * each PIN as soon as it is not needed any more.
 */
export class PinFlow {
  step: PinStep;
  failure = '';
  disabledUntil: number | null = null;
  /** The PIN is set. */
  done = false;
  /** It is being set, which nothing takes back: nobody leaves before it is known how that ends. */
  saving = false;
  readonly #options: PinFlowOptions;
  #present: string | null = null;
  #next: string | null = null;

  constructor(options: PinFlowOptions) {
    this.#options = options;
    this.step = options.change ? 'present' : 'new';
  }

  get label(): string {
    const { phrases, change, again = change } = this.#options;
    if (this.step === 'present') return phrases.say('pinPresent');
    if (this.step === 'repeat') return phrases.say('pinRepeat');
    return phrases.say(again ? 'pinChooseNew' : 'pinChoose');
  }

  /** Empty where the pad has one of its own. */
  get hint(): string {
    return this.step === 'repeat' ? this.#options.phrases.say('pinRepeatHint') : '';
  }

  /** A new PIN is entered, not one that is known. */
  get fresh(): boolean {
    return this.step !== 'present';
  }

  /** For the pad. Rejects when what was entered was refused. */
  readonly submit = async (pin: string): Promise<void> => {
    this.failure = '';
    this.disabledUntil = null;
    switch (this.step) {
      case 'present':
        this.#present = pin;
        // Only the present one was wrong: the new one stands.
        if (this.#next !== null) return this.#save(this.#next);
        return this.#turn('new');
      case 'new':
        this.#next = pin;
        return this.#turn('repeat');
      case 'repeat':
        if (pin !== this.#next)
          return this.#refuse('new', new ChatError('usage', 'pin-mismatch', 'not the same twice'));
        return this.#save(pin);
    }
  };

  /** Forgets everything that was entered. */
  cancel(): void {
    this.#present = null;
    this.#next = null;
  }

  async #save(next: string): Promise<void> {
    this.saving = true;
    this.#options.onChange();
    try {
      await this.#options.save(next, this.#present);
    } catch (error) {
      this.saving = false;
      this.disabledUntil = delayedUntil(error, Date.now());
      this.#refuse(this.#backTo(codeOf(error)), error);
    }
    this.cancel();
    this.saving = false;
    this.done = true;
    this.#options.onChange();
  }

  /** To what must be entered anew; what was not at fault stands. */
  #backTo(code: string): PinStep {
    if (code === 'pin-common' || code === 'pin-malformed') return 'new';
    const wrong = code === 'vault-pin-wrong' || code === 'vault-delayed';
    return wrong && this.#options.change ? 'present' : this.step;
  }

  #turn(step: PinStep): void {
    this.step = step;
    this.#options.onChange();
  }

  #refuse(step: PinStep, error: unknown): never {
    if (step === 'present') this.#present = null;
    if (step === 'new') this.#next = null;
    this.failure = lockSentence(error, this.#options.phrases);
    this.#turn(step);
    throw error;
  }
}
