/**
 * Chains: the order of one device's messages, and what is missing from it. docs/protocol.md §12.1.
 * @module
 */
import { equal } from '../bytes/bytes.ts';

/** A message's place in its sender's chain. */
export interface Link {
  /** 8 random bytes. */
  readonly chain: Uint8Array;
  readonly seq: number;
  /** H(pair) of the message before; null for seq 0. */
  readonly previous: Uint8Array | null;
}

/** A message that is held: its own hash, and the one it names as its `previous`. */
export interface HeldLink {
  readonly hash: Uint8Array;
  readonly previous: Uint8Array | null;
}

/**
 * The link of the next message.
 * @param last the last message of the own chain; null: the chain begins
 * @param chain the chain's name; used when it begins
 */
export function nextLink(
  last: { readonly chain: Uint8Array; readonly seq: number; readonly hash: Uint8Array } | null,
  chain: Uint8Array,
): Link {
  if (last === null) return { chain, seq: 0, previous: null };
  return { chain: last.chain, seq: last.seq + 1, previous: last.hash };
}

/**
 * How a message joins what is held of its sender's chains in this audience.
 * `ok`: its neighbours agree. `gap`: the message before it is not held. `fork`: another message is held at its place, or
 * a neighbour names another. `new-chain`: the first message held of a second chain of this device ("this device's
 * history was restored").
 */
export function checkLink({
  link,
  hash,
  held,
  chainKnown,
  otherChains,
}: {
  link: Link;
  /** H(pair) of the message. */
  hash: Uint8Array;
  /** What is held at a seq of the link's chain. */
  held: (seq: number) => HeldLink | undefined;
  /** Whether anything of the link's chain is held. */
  chainKnown: boolean;
  /** Whether another chain of this device and audience is held. */
  otherChains: boolean;
}): 'ok' | 'gap' | 'fork' | 'new-chain' {
  const same = held(link.seq);
  if (same !== undefined) return equal(same.hash, hash) ? 'ok' : 'fork';
  const before = link.seq === 0 ? undefined : held(link.seq - 1);
  const after = held(link.seq + 1);
  const agrees =
    (before === undefined || isHash(link.previous, before.hash)) &&
    (after === undefined || isHash(after.previous, hash));
  if (!agrees) return 'fork';
  if (!chainKnown && otherChains) return 'new-chain';
  return link.seq === 0 || before !== undefined ? 'ok' : 'gap';
}

function isHash(named: Uint8Array | null, hash: Uint8Array): boolean {
  return named !== null && equal(named, hash);
}
