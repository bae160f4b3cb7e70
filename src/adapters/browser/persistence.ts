/**
 * Whether the browser may evict what is stored.
 * @module
 */

/** Firefox asks the user, who may leave the question unanswered for ever. Nobody is to wait longer for that, ms. */
const PATIENCE = 5_000;

/** Looks once when it is made, and asks by `persist`. */
export class Persistence {
  /** Null: not known yet. */
  granted: boolean | null = null;

  constructor() {
    void this.#ask((storage) => storage.persisted());
  }

  /** Asks the browser not to. @returns whether it will not; false also when the user has not answered in 5 s */
  async persist(): Promise<boolean> {
    const answer = await Promise.race([
      this.#ask((storage) => storage.persist()),
      new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, false)),
    ]);
    // A late answer still counts for `granted`.
    this.granted = answer || this.granted === true;
    return answer;
  }

  async #ask(question: (storage: StorageManager) => Promise<boolean>): Promise<boolean> {
    // Typed as always there; it is not outside of secure contexts.
    const storage = navigator.storage as StorageManager | undefined;
    // A rejection says that nothing is stored at all, as in documents without an origin of their own.
    const answer = typeof storage?.persist === 'function' ? await question(storage).catch(() => false) : false;
    // A late answer of the first question does not take back a grant.
    this.granted = answer || this.granted === true;
    return answer;
  }
}
