/**
 * Keeping the chains of a conversation: what of them is here, what is missing, what contradicts. docs/protocol.md §12.1.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { checkLink, nextLink, type HeldLink, type Link } from '../protocol/chain.ts';
import type { Head } from '../protocol/head.ts';
import { includes } from './byte-sets.ts';
import { withNotice } from './conversation-record.ts';
import { ROWS, type ChainRow, type ConversationRow } from './rows.ts';
import type { Step } from './step.ts';

/** Chains of a conversation that are kept track of: who begins ever new ones pushes out what was silent longest. */
const MAX_CHAINS = 800;
const MAX_BASELINE = 64;

/** A chained message of another device, or of the own. */
export interface Chained {
  readonly device: Uint8Array;
  readonly audience: 'all' | 'desk';
  readonly link: Link;
  /** H(pair), 32 B. */
  readonly hash: Uint8Array;
}

/** The link of the next own message. `fresh` is 8 random bytes, used when the chain begins. */
export function ownLink(row: ConversationRow, audience: 'all' | 'desk', fresh: Uint8Array): Link {
  return nextLink(row.own.find((link) => link.audience === audience) ?? null, fresh);
}

/** Puts an own message at the end of its chain. */
export async function extendOwn(
  step: Step,
  row: ConversationRow,
  { device, audience, link, hash }: Chained,
): Promise<ConversationRow> {
  await step.put(ROWS.link, linkKey(row, device, link.chain, link.seq), { hash, previous: link.previous });
  const others = row.own.filter((own) => own.audience !== audience);
  return { ...row, own: [...others, { audience, chain: link.chain, seq: link.seq, hash }] };
}

/** Takes a message of another device into its chain; a contradiction becomes a notice and replaces nothing. */
export async function acceptLink(step: Step, row: ConversationRow, chained: Chained): Promise<ConversationRow> {
  const { device, audience, link, hash } = chained;
  const around = new Map<number, HeldLink | undefined>();
  for (const seq of [link.seq - 1, link.seq, link.seq + 1]) {
    if (seq >= 0) around.set(seq, await step.get(ROWS.link, linkKey(row, device, link.chain, seq)));
  }
  const known = row.chains.find((chain) => equal(chain.device, device) && equal(chain.chain, link.chain));
  const verdict = checkLink({
    link,
    hash,
    held: (seq) => around.get(seq),
    chainKnown: known !== undefined,
    otherChains: row.chains.some(
      (chain) => equal(chain.device, device) && chain.audience === audience && !equal(chain.chain, link.chain),
    ),
  });
  if (verdict === 'fork') return withNotice(row, 'message-fork');
  const noticed = verdict === 'new-chain' ? withNotice(row, 'restored') : row;
  await step.put(ROWS.link, linkKey(row, device, link.chain, link.seq), { hash, previous: link.previous });
  const start = known ?? fromBaseline(row, device, audience, link.chain);
  const advanced = await advance(step, row, { ...start, ahead: Math.max(start.ahead, link.seq + 1) });
  return withChain(noticed, advanced);
}

/**
 * Compares heads that another device names with what is here. Those of chains of the conversation's parties only.
 * @returns the row with gaps and contradictions marked, and the own chains of which heads name what is not here: this device's
 *   state was rolled back, or the other one invents
 */
export async function noteHeads(
  step: Step,
  row: ConversationRow,
  audience: 'all' | 'desk',
  heads: readonly Head[],
  self: Uint8Array,
): Promise<{ row: ConversationRow; strange: Uint8Array[] }> {
  let next = row;
  const strange: Uint8Array[] = [];
  for (const { device, chain, seq, hash } of heads) {
    const held = await step.get(ROWS.link, linkKey(row, device, chain, seq));
    const isOther = held !== undefined && !equal(held.hash, hash);
    if (equal(device, self)) {
      if (includes(row.disowned, chain)) continue;
      if (isOther) next = withNotice(next, 'message-fork');
      if (isOther || held === undefined) strange.push(chain);
    } else if (isOther) {
      next = withNotice(next, 'message-fork');
    } else if (held !== undefined) {
      continue;
    } else if (row.parties.some((party) => equal(party.device, device)) && !covered(row, device, chain, seq)) {
      const known = next.chains.find((other) => equal(other.device, device) && equal(other.chain, chain));
      const start = known ?? fromBaseline(row, device, audience, chain);
      next = withChain(next, { ...start, ahead: Math.max(start.ahead, seq + 1) });
    }
  }
  return { row: next, strange };
}

/** The row with heads at and below which nothing is missing (§14.3), besides those it has. */
export async function withBaseline(step: Step, row: ConversationRow, heads: readonly Head[]): Promise<ConversationRow> {
  const isNamed = (one: Head): boolean => heads.some((head) => isSameChain(head, one));
  const baseline = [...row.baseline.filter((one) => !isNamed(one)), ...heads].slice(-MAX_BASELINE);
  let next: ConversationRow = { ...row, baseline };
  for (const chain of row.chains) {
    const head = heads.find((other) => isSameChain(other, chain));
    if (head === undefined || chain.next > head.seq) continue;
    next = withChain(
      next,
      await advance(step, next, {
        ...chain,
        next: head.seq + 1,
        hash: head.hash,
        ahead: Math.max(chain.ahead, head.seq + 1),
      }),
    );
  }
  return next;
}

/** Forgets a message's place in its chain. */
export async function removeLink(
  step: Step,
  row: ConversationRow,
  { from, chain, seq }: { from: Uint8Array; chain: Uint8Array | null; seq: number | null },
): Promise<void> {
  if (chain !== null && seq !== null) await step.remove(ROWS.link, linkKey(row, from, chain, seq));
}

async function advance(step: Step, row: ConversationRow, chain: ChainRow): Promise<ChainRow> {
  let at = chain;
  while (at.next < at.ahead) {
    const held = await step.get(ROWS.link, linkKey(row, chain.device, chain.chain, at.next));
    if (held === undefined) break;
    at = { ...at, next: at.next + 1, hash: held.hash };
  }
  return at;
}

function isSameChain(a: Pick<Head, 'device' | 'chain'>, b: Pick<Head, 'device' | 'chain'>): boolean {
  return equal(a.device, b.device) && equal(a.chain, b.chain);
}

function fromBaseline(row: ConversationRow, device: Uint8Array, audience: 'all' | 'desk', chain: Uint8Array): ChainRow {
  const head = row.baseline.find((other) => equal(other.device, device) && equal(other.chain, chain));
  const next = head === undefined ? 0 : head.seq + 1;
  return { device, audience, chain, next, hash: head?.hash ?? null, ahead: next };
}

function covered(row: ConversationRow, device: Uint8Array, chain: Uint8Array, seq: number): boolean {
  return row.baseline.some((head) => equal(head.device, device) && equal(head.chain, chain) && head.seq >= seq);
}

function withChain(row: ConversationRow, chain: ChainRow): ConversationRow {
  const others = row.chains.filter((other) => !(equal(other.device, chain.device) && equal(other.chain, chain.chain)));
  return { ...row, chains: [...others, chain].slice(-MAX_CHAINS) };
}

function linkKey(
  row: ConversationRow,
  device: Uint8Array,
  chain: Uint8Array,
  seq: number,
): (string | Uint8Array | number)[] {
  return ['link', row.id, device, chain, seq];
}
