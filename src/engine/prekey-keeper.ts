/**
 * This device's prekeys: making, publishing, renewing and forgetting them; and fetching those of others.
 * docs/protocol.md §8.
 * @module
 */
import { peerError } from '../errors.ts';
import { equal } from '../bytes/bytes.ts';
import { createPrekey, openPrekey, type OpenPrekey, type PrekeyKind } from '../protocol/prekey.ts';
import { stepOf, type EngineContext } from './context.ts';
import { ROWS } from './rows.ts';
import type { Step } from './step.ts';

const DAY = 24 * 3_600_000;
const ROTATION = 7 * DAY;
const SIGNED_LIFE = 14 * DAY;
const ONE_TIME_LIFE = 30 * DAY;
const ONE_TIME_GRACE = 30 * DAY;
/** How many one-time prekeys a device keeps in stock at the relay, and below what number it makes more. */
const STOCK = { customer: { full: 8, low: 3 }, desk: { full: 50, low: 25 } } as const;
/** Made in one step, so that no step holds the lock for long. */
const BATCH = 5;

/** A device's prekeys as fetched and checked. `oneTime` is null when the relay had none left or gave a wrong one. */
export interface FetchedPrekeys {
  readonly key: Uint8Array;
  readonly signed: OpenPrekey;
  readonly oneTime: OpenPrekey | null;
}

/**
 * Makes what is missing and publishes it.
 * @throws ChatError of the relay and the store; everything done up to then stays done
 */
export async function tendPrekeys(context: EngineContext): Promise<void> {
  const { relay, side } = context;
  const now = context.ports.clock.now();
  const needsSigned = await stepOf(context, async (step) => {
    const own = await step.list(ROWS.prekey, ['own']);
    return !own.some((row) => row.kind === 'signed' && now - row.madeAt < ROTATION && now >= row.madeAt);
  });
  if (needsSigned) await make(context, 'signed', 1);
  const atRelay = await relay.request('prekeys-count', {});
  await publish(context, !atRelay.signed);
  const stock = (await relay.request('prekeys-count', {})).oneTime;
  const { full, low } = STOCK[side];
  for (let missing = stock < low ? full - stock : 0; missing > 0; missing -= BATCH) {
    await make(context, 'one-time', Math.min(BATCH, missing));
    await publish(context, false);
  }
}

/**
 * Fetches and checks the prekeys of a device.
 * @param key the device's key as the directory or the conversation names it
 * @throws ChatError `device-unknown` and the like of the relay; `prekey-unknown` when it has no signed one; `prekey-foreign`,
 *   `prekey-signature`, `prekey-expired` of the signed one
 */
export async function fetchPrekeys(
  context: EngineContext,
  device: Uint8Array,
  key: Uint8Array,
): Promise<FetchedPrekeys> {
  const { crypto, desk, relay, ports } = context;
  const reply = await relay.request('prekeys-fetch', { device });
  if (!equal(reply.key, key)) throw peerError('prekey-foreign', 'the relay names another key for the device');
  if (reply.signed === null) throw peerError('prekey-unknown', 'the device has published no prekey');
  const now = ports.clock.now();
  const about = { crypto, desk, deviceKey: key, now };
  const signed = await openPrekey({ ...about, signed: reply.signed, kind: 'signed' });
  const oneTime =
    reply.oneTime === null ? null : await openPrekey({ ...about, signed: reply.oneTime, kind: 'one-time' });
  if (oneTime === null) return { key, signed, oneTime };
  if (await stepOf(context, (step) => wasUsed(step, oneTime.id)))
    throw peerError('prekey-reused', 'the relay handed out a one-time prekey twice');
  return { key, signed, oneTime };
}

/** Whether a one-time prekey of another device started a session of this one. */
export async function wasUsed(step: Step, id: Uint8Array): Promise<boolean> {
  return (await step.get(ROWS.usedPrekey, ['used', id])) !== undefined;
}

/** Remembers, with the session that it started, that a one-time prekey of another device was used. */
export async function markUsed(step: Step, oneTime: OpenPrekey | null, now: number): Promise<void> {
  if (oneTime !== null) await step.put(ROWS.usedPrekey, ['used', oneTime.id], { id: oneTime.id, at: now });
}

async function make(context: EngineContext, kind: PrekeyKind, count: number): Promise<void> {
  const { crypto, ports, desk, self } = context;
  await stepOf(context, async (step) => {
    const now = ports.clock.now();
    const notAfter = now + (kind === 'signed' ? SIGNED_LIFE : ONE_TIME_LIFE);
    for (let i = 0; i < count; i++) {
      const { id, seed, signed } = await createPrekey({
        crypto,
        random: ports.random,
        desk,
        device: self,
        kind,
        notAfter,
      });
      await step.put(ROWS.prekey, ['own', id], { id, kind, seed, notAfter, madeAt: now, signed, published: false });
    }
  });
}

/** Publishes what is not published yet; `signedAgain`: the relay has lost the signed one. */
async function publish(context: EngineContext, signedAgain: boolean): Promise<void> {
  const rows = await stepOf(context, (step) => step.list(ROWS.prekey, ['own']));
  const newest = rows.filter(({ kind }) => kind === 'signed').sort((a, b) => b.madeAt - a.madeAt)[0];
  const signed = newest !== undefined && (signedAgain || !newest.published) ? newest : null;
  const oneTime = rows.filter(({ kind, published }) => kind === 'one-time' && !published).slice(0, BATCH * 2);
  if (signed === null && oneTime.length === 0) return;
  await context.relay.request('prekeys-publish', {
    signed: signed?.signed ?? null,
    oneTime: oneTime.map((row) => row.signed),
  });
  await stepOf(context, async (step) => {
    for (const { id } of signed === null ? oneTime : [signed, ...oneTime]) {
      const row = await step.get(ROWS.prekey, ['own', id]);
      // It may have been used and deleted meanwhile.
      if (row !== undefined) await step.put(ROWS.prekey, ['own', id], { ...row, published: true });
    }
  });
}

/** Forgets secrets whose time is over, and what is kept because of them. Only when the mailbox was drained (§8). */
export async function forgetPrekeys(context: EngineContext, step: Step): Promise<void> {
  const now = context.ports.clock.now();
  for (const row of await step.list(ROWS.prekey, ['own'])) {
    const end = row.kind === 'signed' ? row.notAfter : row.notAfter + ONE_TIME_GRACE;
    if (end < now) await step.remove(ROWS.prekey, ['own', row.id]);
  }
  for (const row of await step.list(ROWS.replay, ['hello'])) {
    if (row.until < now) await step.remove(ROWS.replay, ['hello', row.transcript]);
  }
  for (const row of await step.list(ROWS.usedPrekey, ['used'])) {
    if (row.at + ONE_TIME_LIFE + ONE_TIME_GRACE < now) await step.remove(ROWS.usedPrekey, ['used', row.id]);
  }
}
