/**
 * Finding the key of a received frame. docs/protocol.md §10.4.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { peerError } from '../errors.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import { chainAfter, messageKeyOf, type MessageKey } from './chain-key.ts';
import { enterEpoch, headerHashOf, verifyEpochHeader } from './epoch.ts';
import { MAX_SKIPPED, type PeerHeader, type ReceivingEpoch, type SessionState, type SkippedKey } from './session.ts';

/** Keys that one frame may pass over. */
const MAX_JUMP = 1_000;
/** Epochs (of both sides) after which keys of late frames are dropped. */
const LATE_EPOCHS = 8;

/** A frame's place: what is needed to find its key. */
interface Place {
  readonly epoch: number;
  readonly n: number;
  readonly header: Signed | null;
}

/**
 * The key of a frame and the state without it. The state counts only if the frame decrypts and is accepted.
 * @throws ChatError `frame-malformed`, `frame-duplicate`, `ratchet-fork`, `ratchet-epoch-unexpected`,
 *   `ratchet-jump-too-far`, `ratchet-header-signature`, `kem-failed`
 */
export async function keyOfFrame({
  crypto,
  session,
  place,
}: {
  crypto: PublicKeyCrypto;
  session: SessionState;
  place: Place;
}): Promise<{ session: SessionState; key: MessageKey }> {
  if (place.epoch % 2 !== (session.initiator ? 1 : 0)) throw peerError('frame-malformed', 'an epoch of the own side');
  const { receiving } = session;
  if (receiving !== null && place.epoch <= receiving.epoch) {
    if (place.epoch < receiving.epoch || place.n < receiving.n) return keptKey(session, receiving, place);
    checkHeader(receiving.headerHash, place.header);
    checkJump(place.n - receiving.n);
    return derived({ ...session, receiving }, place.n);
  }
  return keyInNextEpoch(crypto, session, place);
}

function keptKey(session: SessionState, receiving: ReceivingEpoch, { epoch, n, header }: Place) {
  const found = session.skipped.find((kept) => kept.epoch === epoch && kept.n === n);
  if (found === undefined) throw peerError('frame-duplicate', 'the frame was seen, or is too late');
  const older = session.olderHeaders.find((kept) => kept.epoch === epoch);
  checkHeader(epoch === receiving.epoch ? receiving.headerHash : older?.hash, header);
  const skipped = session.skipped.filter((kept) => kept !== found);
  return { session: { ...session, skipped, olderHeaders: needed(session.olderHeaders, skipped) }, key: found.key };
}

async function keyInNextEpoch(crypto: PublicKeyCrypto, session: SessionState, { epoch, n, header }: Place) {
  const newest = session.receiving?.epoch ?? -1;
  if (epoch !== newest + 2 || session.sending?.epoch !== newest + 1 || header === null)
    throw peerError('ratchet-epoch-unexpected', 'not the peer’s next epoch');
  const read = await verifyEpochHeader({ crypto, session, epoch, header });
  const left = read.previous - (session.receiving?.n ?? 0);
  if (left < 0) throw peerError('ratchet-fork', 'the peer counts fewer frames than were seen');
  checkJump(left + n);
  const finished = session.receiving === null ? session : retiredChain(session, session.receiving, read.previous);
  return derived(await enterEpoch({ crypto, session: finished, read, header }), n);
}

/** Keeps the keys of the frames that the chain, which is about to be deleted, has not brought. */
function retiredChain(session: SessionState, receiving: ReceivingEpoch, end: number): SessionState {
  const { kept } = forward(receiving, end);
  const headers = [...session.olderHeaders, { epoch: receiving.epoch, hash: receiving.headerHash }];
  return { ...session, skipped: [...session.skipped, ...kept], olderHeaders: headers };
}

/** Derives to the frame's number in the newest epoch. */
function derived(session: SessionState & { readonly receiving: ReceivingEpoch }, n: number) {
  const { kept, chain } = forward(session.receiving, n);
  const skipped = bounded([...session.skipped, ...kept], session.receiving.epoch);
  const receiving = { ...session.receiving, chain: chainAfter(chain), n: n + 1 };
  const olderHeaders = needed(session.olderHeaders, skipped);
  return { session: { ...session, receiving, skipped, olderHeaders }, key: messageKeyOf(chain) };
}

/** The keys from the chain's number up to `end`, and the chain there. */
function forward({ epoch, chain: from, n: start }: ReceivingEpoch, end: number) {
  const kept: SkippedKey[] = [];
  let chain = from;
  for (let n = start; n < end; n++) {
    kept.push({ epoch, n, key: messageKeyOf(chain) });
    chain = chainAfter(chain);
  }
  return { kept, chain };
}

/** `skipped` is in order of epoch, then number: the oldest are in front. */
function bounded(skipped: readonly SkippedKey[], newest: number): readonly SkippedKey[] {
  return skipped.filter(({ epoch }) => epoch > newest - LATE_EPOCHS).slice(-MAX_SKIPPED);
}

function needed(headers: readonly PeerHeader[], skipped: readonly SkippedKey[]): readonly PeerHeader[] {
  const epochs = new Set(skipped.map(({ epoch }) => epoch));
  return headers.filter(({ epoch }) => epochs.has(epoch));
}

function checkHeader(known: Uint8Array | undefined, header: Signed | null): void {
  if (header === null) return;
  if (known === undefined || !equal(known, headerHashOf(header)))
    throw peerError('ratchet-fork', 'another header for an epoch that is known');
}

function checkJump(keys: number): void {
  if (keys > MAX_JUMP) throw peerError('ratchet-jump-too-far', 'too many frames passed over', { details: { keys } });
}
