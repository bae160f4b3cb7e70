/**
 * How much of what is for all one address holds: devices cost nothing, addresses do. In memory only, so that no address is
 * ever written down: a restart forgives.
 * @module
 */

/** What addresses hold: each thing has a name and a size. */
export class AddressShares {
  readonly #holders = new Map<string, { address: string; size: number }>();
  readonly #held = new Map<string, number>();

  /** What an address holds in all. */
  of(address: string): number {
    return this.#held.get(address) ?? 0;
  }

  add(name: string, address: string, size: number): void {
    this.remove(name);
    this.#holders.set(name, { address, size });
    this.#held.set(address, this.of(address) + size);
  }

  /** It is no longer held; nothing happens if it was not counted. */
  remove(name: string): void {
    const holder = this.#holders.get(name);
    if (holder === undefined) return;
    this.#holders.delete(name);
    const left = this.of(holder.address) - holder.size;
    if (left > 0) this.#held.set(holder.address, left);
    else this.#held.delete(holder.address);
  }
}
