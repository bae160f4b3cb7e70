/**
 * What a vault with a lock needs of the device besides the engine's ports. Adapters fill these in browsers; a port that is null
 * is not to be had there, and what it protects is said to be missing.
 * @module
 */

/** What stretching a PIN costs: memory in KiB, passes, lanes (docs/vault.md §7.2). */
export interface StretchCost {
  readonly m: number;
  readonly t: number;
  readonly p: 1;
}

/** Argon2id off the page's thread. */
export interface PinStretcher {
  /**
   * A: 32 B of the PIN's digits and a 32 B salt.
   * @throws ChatError `worker-unavailable` (environment): no worker can run here; the engine then computes it on the page's thread
   */
  stretch(pin: string, salt: Uint8Array, cost: StretchCost): Promise<Uint8Array>;
}

/** WebAuthn credentials of this device with the PRF extension. User verification is always required. */
export interface Passkeys {
  /**
   * Makes a credential, and gives its PRF output (32 B) for a salt (32 B). Needs a user's gesture.
   * @param options.name what the user's list of passkeys calls it
   * @throws ChatError `passkey-cancelled` (usage): the user did not want to, or took too long; `passkey-unsupported`
   *   (environment): no PRF here
   */
  create(options: {
    name: string;
    salt: Uint8Array;
  }): Promise<{ readonly credential: Uint8Array; readonly output: Uint8Array }>;
  /** The PRF output, 32 B, of a credential. @throws ChatError as `create` */
  use(options: { credential: Uint8Array; salt: Uint8Array }): Promise<Uint8Array>;
}

/** What one tab keeps over a navigation, and nobody keeps when the tab is closed: `sessionStorage`. One small value. */
export interface TabMemory {
  read(): Uint8Array | null;
  /** @returns false: there is no room or it is forbidden; the tab then forgets at each navigation */
  write(bytes: Uint8Array): boolean;
  clear(): void;
}

/** Messages to the other tabs of the profile; nothing of them is stored. Of no use to who is not open now. */
export interface TabChannel {
  post(bytes: Uint8Array): void;
  /** Returns the way to stop. Own messages do not come back. */
  listen(listener: (bytes: Uint8Array) => void): () => void;
}

/** Everything together, of one profile in one tab. */
export interface DevicePorts {
  readonly stretcher: PinStretcher | null;
  /** Null: no passkeys here (old browser, webview, insecure page, a frame that may not). */
  readonly passkeys: Passkeys | null;
  readonly memory: TabMemory;
  readonly channel: TabChannel;
  /** Asks the browser not to evict what is stored. @returns whether it will not */
  persist(): Promise<boolean>;
  /** What protection this browser does not give, as far as it is known now; for `Verification.missing`. */
  missing(): readonly MissingProtection[];
}

/**
 * `locks`: no Web Locks, a slower fallback is used; `passkeys`: none to be had; `worker`: PINs are stretched on the page's thread;
 * `persistence`: the browser may evict what is stored; `secure-context`: the page itself came without TLS.
 */
export type MissingProtection = 'locks' | 'passkeys' | 'worker' | 'persistence' | 'secure-context';
