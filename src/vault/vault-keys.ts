/**
 * The keys of an open vault: everything is derived from the vault master key. docs/protocol.md §20, docs/vault.md §3.
 * @module
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../bytes/bytes.ts';
import { ChatError, usageError } from '../errors.ts';
import { label } from './label.ts';

/** Length of the vault master key, bytes. */
export const VMK_LENGTH = 32;
/** Length of a vault id, bytes. */
export const VID_LENGTH = 16;

/**
 * What an open vault knows. Nothing of it appears when the object is printed, serialised or inspected, and nothing of
 * it can be had after `erase` (the erasure of the memory itself is best effort in JavaScript).
 */
export class VaultKeys {
  readonly #vmk: Uint8Array;
  readonly #vid: Uint8Array;
  readonly #derived = new Map<string, Uint8Array>();
  #erased = false;

  /**
   * @param options.vmk vault master key, 32 B random; copied
   * @param options.vid vault id, 16 B random; not secret
   * @throws ChatError `vault-key-malformed` (usage)
   */
  constructor({ vmk, vid }: { vmk: Uint8Array; vid: Uint8Array }) {
    if (vmk.length !== VMK_LENGTH)
      throw usageError('vault-key-malformed', `a vault master key has ${VMK_LENGTH} bytes`);
    if (vid.length !== VID_LENGTH) throw usageError('vault-key-malformed', `a vault id has ${VID_LENGTH} bytes`);
    this.#vmk = vmk.slice();
    this.#vid = vid.slice();
  }

  /** The vault's id, 16 B; a copy. */
  get vid(): Uint8Array {
    return this.#vid.slice();
  }

  /** The master key itself, for wrapping it in a slot; a copy, which the caller erases. @throws ChatError `vault-locked` */
  masterKey(): Uint8Array {
    this.#refuseErased();
    return this.#vmk.slice();
  }

  /** key_t: seals the records of one table, 32 B. @throws ChatError `vault-locked` */
  tableKey(table: string): Uint8Array {
    return this.#derive(`table ${table}`, concat(label('table'), utf8(table)));
  }

  /** Blinds the parts of storage keys, 32 B. @throws ChatError `vault-locked` */
  blindKey(): Uint8Array {
    return this.#derive('blind', label('blind'));
  }

  /** Forgets every key; whoever uses this object afterwards gets `vault-locked`. */
  erase(): void {
    this.#erased = true;
    this.#vmk.fill(0);
    for (const key of this.#derived.values()) key.fill(0);
    this.#derived.clear();
  }

  /** Whether `erase` was called. */
  get erased(): boolean {
    return this.#erased;
  }

  toString(): string {
    return '[vault keys]';
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  #derive(name: string, info: Uint8Array): Uint8Array {
    this.#refuseErased();
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const key = hkdf(sha256, this.#vmk, this.#vid, info, 32);
    this.#derived.set(name, key);
    return key;
  }

  #refuseErased(): void {
    if (this.#erased) throw new ChatError('environment', 'vault-locked', 'the vault was locked');
  }
}
