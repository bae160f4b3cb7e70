/**
 * Chains: the order of one device's messages, and what is missing from it. docs/protocol.md §12.1.
 * @module
 */

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
export declare function nextLink(
  last: { readonly chain: Uint8Array; readonly seq: number; readonly hash: Uint8Array } | null,
  chain: Uint8Array,
): Link;

/**
 * How a message joins what is held of its sender's chains in this audience.
 * `ok`: its neighbours agree. `gap`: the message before it is not held. `fork`: another message is held at its place, or
 * a neighbour names another. `new-chain`: the first message held of a second chain of this device ("this device's
 * history was restored").
 */
export declare function checkLink(options: {
  link: Link;
  /** H(pair) of the message. */
  hash: Uint8Array;
  /** What is held at a seq of the link's chain. */
  held: (seq: number) => HeldLink | undefined;
  /** Whether anything of the link's chain is held. */
  chainKnown: boolean;
  /** Whether another chain of this device and audience is held. */
  otherChains: boolean;
}): 'ok' | 'gap' | 'fork' | 'new-chain';
