/**
 * Epochs: when they open, and how. docs/protocol.md §10.1, §10.2.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../bytes/bytes.ts';
import { codecOf, mapOf, uintUpTo, type Shaped } from '../bytes/shape.ts';
import { ChatError, peerError, usageError } from '../errors.ts';
import type { DeviceKeys } from '../identity/device.ts';
import { idShape, kemCiphertextShape, kemKeyShape } from '../identity/fields.ts';
import { label } from '../identity/label.ts';
import type { PublicKeyCrypto, RandomBytes } from '../identity/public-key-crypto.ts';
import { sign, verifySigned, type Signed } from '../identity/signature.ts';
import { epochKeys } from './chain-key.ts';
import { frameForm } from './malformed.ts';
import { MAX_COUNT, type ReceivingEpoch, type SendingEpoch, type SessionState } from './session.ts';

/** Bytes of an epoch header, §21. */
const MAX_EPOCH_HEADER = 2_560;
/** §10.2 b and c. */
const MANY_FRAMES = 32;
const LONG = 3_600_000;

const headerShape = mapOf({
  session: idShape,
  epoch: uintUpTo(MAX_COUNT),
  previous: uintUpTo(MAX_COUNT),
  ct: kemCiphertextShape,
  pk: kemKeyShape,
});
/** What opens an epoch after the first. */
export type EpochHeader = Shaped<typeof headerShape>;
const headerCodec = codecOf('epoch-header', MAX_EPOCH_HEADER, headerShape);

/** headerHash of §11, 32 B; of a hello as well. */
export function headerHashOf([bytes, signature]: Signed): Uint8Array {
  return sha256(concat(label('header-hash'), signature, bytes));
}

/** Whether the newest epoch is the peer's, so that the own next one may be opened (§10). */
export function mayOpenEpoch({ sending, receiving }: SessionState): boolean {
  return receiving !== null && receiving.epoch > (sending?.epoch ?? -1);
}

/**
 * Whether any frame sent now, a receipt too, must open an epoch (§10.2 a–c). Nothing needs to be sent because of it:
 * the next receipt does it.
 */
export function owesEpoch(session: SessionState, now: number): boolean {
  const { sending, receiving } = session;
  if (receiving === null || !mayOpenEpoch(session)) return false;
  const isLong = receiving.since !== null && now - receiving.since >= LONG;
  return sending === null || receiving.brought >= MANY_FRAMES || isLong;
}

/** Opens the own next epoch. Draws 64 B, then 32 B. @throws ChatError `kem-failed`; usage: `epoch-not-due` */
export async function openEpoch({
  crypto,
  random,
  self,
  session,
}: {
  crypto: PublicKeyCrypto;
  random: RandomBytes;
  self: Pick<DeviceKeys, 'seed'>;
  session: SessionState;
}): Promise<SessionState & { readonly sending: SendingEpoch }> {
  const { sending, receiving } = session;
  if (receiving === null || receiving.ratchet === null || !mayOpenEpoch(session))
    throw usageError('epoch-not-due', 'the newest epoch is not the peer’s');
  const epoch = receiving.epoch + 1;
  const { ciphertext, secret } = await crypto.encapsulate(receiving.ratchet, random(64));
  const seed = random(32);
  const pk = await crypto.kemKey(seed);
  const bytes = headerCodec.encode({ session: session.id, epoch, previous: sending?.n ?? 0, ct: ciphertext, pk });
  const header = await sign(crypto, self.seed, 'epoch', bytes);
  const keys = epochKeys({ root: session.root, secret, headerHash: headerHashOf(header) });
  return {
    ...session,
    root: keys.root,
    sending: {
      epoch,
      chain: keys.chain,
      n: 0,
      seed,
      header,
      signal: keys.signal,
      // The peer has it: its newest epoch was made for it.
      before: sending === null ? null : { epoch: sending.epoch, key: sending.signal },
    },
    receiving: { ...receiving, ratchet: null },
  };
}

/**
 * Checks the header of the peer's next epoch.
 * @throws ChatError `frame-malformed`, `ratchet-header-signature`
 */
export async function verifyEpochHeader({
  crypto,
  session,
  epoch,
  header,
}: {
  crypto: PublicKeyCrypto;
  session: SessionState;
  epoch: number;
  header: Signed;
}): Promise<EpochHeader> {
  const read = frameForm(() => headerCodec.decode(header[0]));
  // In epoch 1 the peer had no epoch before.
  const isOfFrame = equal(read.session, session.id) && read.epoch === epoch && (epoch > 1 || read.previous === 0);
  if (!isOfFrame) throw peerError('frame-malformed', 'the header is that of another session or epoch');
  if (!(await verifySigned(crypto, session.peerKey, 'epoch', header)))
    throw peerError('ratchet-header-signature', 'the header is not signed by the session’s peer');
  return read;
}

/**
 * The state in which the peer's next epoch is the newest; keys of its old chain are the caller's to keep before.
 * The old root, the shared secret and the own secret that was used are gone from it.
 * @throws ChatError `kem-failed`
 */
export async function enterEpoch({
  crypto,
  session,
  read,
  header,
}: {
  crypto: PublicKeyCrypto;
  session: SessionState;
  read: EpochHeader;
  header: Signed;
}): Promise<SessionState & { readonly receiving: ReceivingEpoch }> {
  const { sending, receiving } = session;
  if (sending === null || sending.seed === null || sending.epoch !== read.epoch - 1)
    throw new ChatError('internal', 'epoch-state', 'no secret for the peer’s next epoch');
  const headerHash = headerHashOf(header);
  const secret = await crypto.decapsulate(sending.seed, read.ct);
  const keys = epochKeys({ root: session.root, secret, headerHash });
  return {
    ...session,
    root: keys.root,
    sending: { ...sending, seed: null },
    receiving: {
      epoch: read.epoch,
      chain: keys.chain,
      n: 0,
      ratchet: read.pk,
      headerHash,
      since: null,
      brought: 0,
      signal: keys.signal,
      before: receiving === null ? null : { epoch: receiving.epoch, key: receiving.signal },
    },
  };
}
