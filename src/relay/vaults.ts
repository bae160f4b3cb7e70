/**
 * The relay's part of vaults with a PIN: it evaluates, at most ten times without proof, and durably counts first.
 * docs/relay.md §5.10, docs/vault.md §7.
 * @module
 */
import { createHash } from 'node:crypto';
import { concat, equal } from '../bytes/bytes.ts';
import { label } from '../identity/label.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { verifySigned, type Signed } from '../identity/signature.ts';
import { MAX_VAULT_GUESSES } from '../wire/limits.ts';
import type { ReplyBody } from '../wire/requests.ts';
import { VAULT_CALLS, type VaultCall, type VaultOp } from '../wire/vault-calls.ts';
import type { RelayLimits } from './limits.ts';
import { refused } from './refusal.ts';
import { Serial } from './serial.ts';
import type { Session } from './session.ts';
import type { RelayStore } from './store.ts';
import { counted, eased, guessesOf, proven, vaultStateCodec, type VaultKey, type VaultState } from './vault-state.ts';
import { evaluateBlinded, isElement, voprfKeyFrom } from './voprf.ts';

/** A state as stored; `row` is what its row must be when it is written again. */
interface Held {
  readonly state: VaultState;
  readonly row: number;
}

type FreshKey = ReplyBody<'vault-create'>;

export class Vaults {
  readonly #store: RelayStore;
  readonly #crypto: PublicKeyCrypto;
  readonly #origins: ReadonlySet<string>;
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  readonly #random: (length: number) => Uint8Array;
  readonly #serial = new Serial();
  #count: number | null = null;

  constructor(options: {
    store: RelayStore;
    crypto: PublicKeyCrypto;
    origins: ReadonlySet<string>;
    limits: RelayLimits;
    now: () => number;
    random: (length: number) => Uint8Array;
  }) {
    this.#store = options.store;
    this.#crypto = options.crypto;
    this.#origins = options.origins;
    this.#limits = options.limits;
    this.#now = options.now;
    this.#random = options.random;
  }

  /** What was signed, for this connection and by the key it names. @throws ChatError `vault-call-refused` */
  async opened<K extends VaultOp>(op: K, signed: Signed, session: Session): Promise<VaultCall<K>> {
    let call: VaultCall<K>;
    try {
      call = VAULT_CALLS[op].decode(signed[0]);
    } catch {
      throw refused('vault-call-refused', 'not a call of this kind');
    }
    const { relay, nonce, vault } = call;
    const isForHere = this.#origins.has(relay) && equal(nonce, session.challenge);
    if (!isForHere || !(await verifySigned(this.#crypto, vault, 'vault-call', signed))) {
      throw refused('vault-call-refused', 'not signed by the vault for this connection');
    }
    return call;
  }

  /**
   * Makes a vault with a first key that evaluates once; again as long as that key is not registered.
   * @throws ChatError `vault-exists`, `quota`, `vault-call-refused`
   */
  create({ vault, blinded }: VaultCall<'vault-create'>): Promise<FreshKey> {
    return this.#serial.run(nameOf(vault), async () => {
      const held = await this.#held(vault);
      if (held?.state.keys.some(({ check }) => check !== null) === true)
        throw refused('vault-exists', 'has a key in use');
      const count = (this.#count ??= await this.#store.count('vaults', ''));
      const isNew = (await this.#store.get('vaults', nameOf(vault))) === undefined;
      if (isNew && count >= this.#limits.vaults) throw refused('quota', 'no room for vaults');
      const base = held?.state ?? { v: 1, vault, next: 1, readyAt: 0, keys: [] };
      const made = await this.#withFreshKey({ ...base, keys: [] }, blinded, held?.row ?? 'any');
      if (isNew) this.#count += 1;
      return made;
    });
  }

  /**
   * Gives up every key but the proven one, and draws one more, which evaluates once until it is registered.
   * @throws ChatError `vault-unknown`, `vault-version`, `vault-tag`, `vault-call-refused`
   */
  renew({ vault, version, tag, blinded }: VaultCall<'vault-renew'>): Promise<FreshKey> {
    return this.#change(vault, async ({ state, row }) => {
      const key = provenKey(state, version, tag);
      return this.#withFreshKey(eased({ ...state, keys: [key] }), blinded, row);
    });
  }

  /** Puts a fresh key in use. From now on its evaluations count. @throws ChatError `vault-unknown`, `vault-version` */
  register({ vault, version, check }: VaultCall<'vault-register'>): Promise<Record<string, never>> {
    return this.#change(vault, async ({ state, row }) => {
      const key = state.keys.find((candidate) => candidate.version === version);
      if (key === undefined || (key.check !== null && !equal(key.check, check))) {
        throw refused('vault-version', 'no such key to be registered');
      }
      if (key.check === null) {
        const keys = state.keys.map((other) => (other === key ? { ...key, check } : other));
        await this.#put({ ...state, keys }, row);
      }
      return {};
    });
  }

  /**
   * Counts, durably, then evaluates.
   * @throws ChatError `vault-unknown`, `vault-version`, `vault-delayed`, `vault-exhausted`, `vault-call-refused`
   */
  evaluate({ vault, version, blinded }: VaultCall<'vault-evaluate'>): Promise<ReplyBody<'vault-evaluate'>> {
    return this.#change(vault, async ({ state, row }) => {
      const key = registeredKey(state, version);
      if (guessesOf(state) >= MAX_VAULT_GUESSES) throw refused('vault-exhausted', 'too many unproven evaluations');
      const now = this.#now();
      const wait = state.readyAt - now;
      if (wait > 0) throw refused('vault-delayed', 'too many unproven evaluations', { retryAfter: wait });
      // What is no element tests no PIN; it is refused before it counts.
      refuseNonElement(blinded);
      const evaluation = this.#random(16);
      const next = counted(state, version, evaluation, now);
      const left = MAX_VAULT_GUESSES - guessesOf(next);
      await this.#put(next, row);
      return { evaluation, left, ...evaluateBlinded(key, blinded, this.#random) };
    });
  }

  /** Takes back the evaluation that is proven. @throws ChatError `vault-unknown`, `vault-version`, `vault-tag` */
  prove({ vault, version, tag, evaluation }: VaultCall<'vault-prove'>): Promise<Record<string, never>> {
    return this.#change(vault, async ({ state, row }) => {
      const key = provenKey(state, version, tag);
      const isIt = (open: Uint8Array): boolean => equal(open, evaluation);
      // A repetition, whose first answer was lost, must not take back another's.
      if (key.open.some(isIt)) await this.#put(proven(state, version, isIt), row);
      return {};
    });
  }

  /** Gives up every key but the proven one. @throws ChatError `vault-unknown`, `vault-version`, `vault-tag` */
  retire({ vault, version, tag }: VaultCall<'vault-retire'>): Promise<Record<string, never>> {
    return this.#change(vault, async ({ state, row }) => {
      const key = provenKey(state, version, tag);
      if (state.keys.length > 1) await this.#put(eased({ ...state, keys: [key] }), row);
      return {};
    });
  }

  /** Destroys every key. A vault that is not there is no error. */
  destroy({ vault }: VaultCall<'vault-destroy'>): Promise<Record<string, never>> {
    const key = nameOf(vault);
    return this.#serial.run(key, async () => {
      if ((await this.#store.get('vaults', key)) !== undefined) {
        await this.#store.commit([{ table: 'vaults', key, expects: 'any', put: null }]);
        this.expired();
      }
      return {};
    });
  }

  /** A row was removed. */
  expired(): void {
    if (this.#count !== null) this.#count -= 1;
  }

  #change<T>(vault: Uint8Array, work: (held: Held) => Promise<T>): Promise<T> {
    return this.#serial.run(nameOf(vault), async () => {
      const held = await this.#held(vault);
      if (held === undefined) throw refused('vault-unknown', 'no such vault');
      return work(held);
    });
  }

  async #held(vault: Uint8Array): Promise<Held | undefined> {
    const row = await this.#store.get('vaults', nameOf(vault));
    if (row === undefined || (row.expires ?? 0) <= this.#now()) return undefined;
    return { state: vaultStateCodec.decode(row.value), row: row.version };
  }

  async #withFreshKey(state: VaultState, blinded: Uint8Array, row: number | 'any'): Promise<FreshKey> {
    refuseNonElement(blinded);
    const version = state.next;
    const pair = voprfKeyFrom(this.#random(32));
    const keys = [...state.keys, { ...pair, version, check: null, open: [] }];
    await this.#put({ ...state, next: version + 1, keys }, row);
    return { version, key: pair.key, ...evaluateBlinded(pair, blinded, this.#random) };
  }

  async #put(state: VaultState, row: number | 'any'): Promise<void> {
    const put = { value: vaultStateCodec.encode(state), expires: this.#now() + this.#lifeOf(state) };
    const written = await this.#store.commit([{ table: 'vaults', key: nameOf(state.vault), expects: row, put }]);
    // Nobody else writes it but the sweep: then it is gone.
    if (!written) throw refused('vault-unknown', 'no such vault');
  }

  #lifeOf(state: VaultState): number {
    const { vaultLastProof, vaultEnrolmentLife, vaultLife } = this.#limits;
    if (guessesOf(state) >= MAX_VAULT_GUESSES) return vaultLastProof;
    return state.keys.some(({ check }) => check !== null) ? vaultLife : vaultEnrolmentLife;
  }
}

function registeredKey({ keys }: VaultState, version: number): VaultKey & { readonly check: Uint8Array } {
  const key = keys.find((candidate) => candidate.version === version);
  if (key === undefined || key.check === null) throw refused('vault-version', 'no such key');
  return { ...key, check: key.check };
}

function provenKey(state: VaultState, version: number, tag: Uint8Array): VaultKey {
  const key = registeredKey(state, version);
  const shown = createHash('sha256')
    .update(concat(label('vault-tag'), tag))
    .digest();
  if (!equal(key.check, shown)) throw refused('vault-tag', 'not the tag of this key');
  return key;
}

function refuseNonElement(blinded: Uint8Array): void {
  if (!isElement(blinded)) throw refused('vault-call-refused', 'not an element');
}

function nameOf(vault: Uint8Array): string {
  return createHash('sha256').update(vault).digest('hex');
}
