/**
 * All chains of a conversation side by side: gaps, forks, and the way back from a head. docs/protocol.md §12.1, §15.3.
 * @module
 */
import { toHex } from '../bytes/text.ts';
import type { Head } from './head.ts';
import type { Envelope } from './message.ts';

/** A place in a chain. */
export type Place = Pick<Head, 'device' | 'chain' | 'seq'>;

/** Places of a chain at which nothing is held, both ends included. */
export interface MissingRange {
  readonly device: Uint8Array;
  readonly chain: Uint8Array;
  readonly first: number;
  readonly last: number;
}

interface Chain {
  readonly device: Uint8Array;
  readonly chain: Uint8Array;
  /** Messages by seq, then by hash in hexadecimal: the hash before. More than one at a seq is a fork. */
  readonly held: Map<number, Map<string, string | null>>;
  /** Hashes that others name for a seq. */
  readonly named: Map<number, Set<string>>;
}

/** Chained messages and the heads that others name. */
export class ChainBook {
  readonly #chains = new Map<string, Chain>();

  /** A message with its hash. Direct ones are in no chain. */
  add({ from, chain: name, seq, previous }: Envelope, hash: Uint8Array): void {
    if (name === null || seq === null) return;
    const chain = this.#chainOf(from, name);
    entryOf(chain.held, seq, () => new Map<string, string | null>()).set(toHex(hash), previous && toHex(previous));
    if (previous !== null) entryOf(chain.named, seq - 1, () => new Set<string>()).add(toHex(previous));
  }

  /** A head that someone says they hold. */
  name({ device, chain, seq, hash }: Head): void {
    entryOf(this.#chainOf(device, chain).named, seq, () => new Set<string>()).add(toHex(hash));
  }

  missing(): MissingRange[] {
    return [...this.#chains.values()].flatMap((chain) => {
      const { device, chain: name, held, named } = chain;
      const seqs = [...held.keys()].sort((a, b) => a - b);
      const end = Math.max(-1, ...seqs.slice(-1), ...[...named.keys()].sort((a, b) => a - b).slice(-1));
      const ranges: MissingRange[] = [];
      let next = 0;
      for (const seq of [...seqs, end + 1]) {
        if (seq > next) ranges.push({ device, chain: name, first: next, last: seq - 1 });
        next = seq + 1;
      }
      return ranges;
    });
  }

  forked(): Place[] {
    return [...this.#chains.values()].flatMap(({ device, chain, held, named }) =>
      [...new Set([...held.keys(), ...named.keys()])]
        .filter((seq) => new Set([...(held.get(seq)?.keys() ?? []), ...(named.get(seq) ?? [])]).size > 1)
        .sort((a, b) => a - b)
        .map((seq) => ({ device, chain, seq })),
    );
  }

  /** Hashes, in hexadecimal, of the head and of all before it that are held and linked without a gap, the newest first. */
  *backFrom(head: Head): Generator<string, void> {
    const chain = this.#chains.get(keyOf(head.device, head.chain));
    let hash: string | null = toHex(head.hash);
    for (let seq = head.seq; chain !== undefined && hash !== null; seq--) {
      const previous: string | null | undefined = chain.held.get(seq)?.get(hash);
      if (previous === undefined) break;
      yield hash;
      hash = previous;
    }
  }

  #chainOf(device: Uint8Array, chain: Uint8Array): Chain {
    const fresh = (): Chain => ({ device, chain, held: new Map(), named: new Map() });
    return entryOf(this.#chains, keyOf(device, chain), fresh);
  }
}

function keyOf(device: Uint8Array, chain: Uint8Array): string {
  return `${toHex(device)}/${toHex(chain)}`;
}

function entryOf<K, V>(map: Map<K, V>, key: K, fresh: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = fresh();
  map.set(key, made);
  return made;
}
