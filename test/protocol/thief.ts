/** What someone can open who has copied a session's whole state: every key in it, tried everywhere. */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat } from '../../src/bytes/bytes.ts';
import { decodeCbor, encodeCbor } from '../../src/bytes/cbor.ts';
import { deviceIdOf } from '../../src/identity/device.ts';
import { label } from '../../src/identity/label.ts';
import { chainAfter, epochKeys, messageKeyOf, type ChainKey, type RootKey } from '../../src/protocol/chain-key.ts';
import { headerHashOf } from '../../src/protocol/epoch.ts';
import { decodeFrame, type Frame } from '../../src/protocol/frame.ts';
import type { SessionState } from '../../src/protocol/session.ts';
import { crypto } from './world.ts';

/** Frames of an epoch that the tests send at most. */
const STEPS = 6;

/** Every byte string of 32 bytes in a value. */
function secretsIn(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return value.length === 32 ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

/** The secrets, what follows from them as chains, and the epochs that they open of those whose headers were recorded. */
async function keysOf(session: SessionState, recorded: readonly Frame[]): Promise<Uint8Array[]> {
  const secrets = secretsIn(session);
  const headers = new Map(
    recorded.filter(({ epoch }) => epoch > 0).map(({ epoch, header }) => [epoch, header] as const),
  );
  const chains: Uint8Array[] = [...secrets];
  let roots = [...secrets];
  // Epoch after epoch, so that one that opens gives the root for the next.
  for (const [, header] of [...headers].sort(([a], [b]) => a - b)) {
    if (header === null) continue;
    const { ct } = decodeCbor(header[0], 10_000) as { ct: Uint8Array };
    const found: RootKey[] = [];
    for (const seed of session.sending?.seed ? [session.sending.seed] : []) {
      const secret = await crypto.decapsulate(seed, ct);
      for (const root of roots) {
        const keys = epochKeys({ root: root as RootKey, secret, headerHash: headerHashOf(header) });
        chains.push(keys.chain);
        found.push(keys.root);
      }
    }
    roots = [...secrets, ...found];
  }
  return [...secrets, ...chains.flatMap((chain) => messageKeysFrom(chain as ChainKey))];
}

function messageKeysFrom(start: ChainKey): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (let i = 0, chain = start; i < STEPS; i++, chain = chainAfter(chain)) keys.push(messageKeyOf(chain));
  return keys;
}

/** Which of the recorded frames (by index) the thief of `session` opens; `self` is whose state it is, by key. */
export async function opensOf(
  session: SessionState,
  selfKey: Uint8Array,
  recorded: readonly Uint8Array[],
): Promise<number[]> {
  const frames = recorded.map(decodeFrame);
  const keys = await keysOf(session, frames);
  const ends = [deviceIdOf(selfKey), deviceIdOf(session.peerKey)] as const;
  const opened: number[] = [];
  frames.forEach((frame, i) => {
    const isOwn = frame.epoch % 2 === (session.initiator ? 0 : 1);
    const [sender, receiver] = isOwn ? ends : [ends[1], ends[0]];
    const hash = frame.header === null ? null : headerHashOf(frame.header);
    const aad = concat(label('frame'), encodeCbor([1, frame.session, frame.epoch, frame.n, hash]), sender, receiver);
    if (keys.some((key) => opens(key, frame, aad))) opened.push(i);
  });
  return opened;
}

function opens(key: Uint8Array, { nonce, ciphertext }: Frame, aad: Uint8Array): boolean {
  try {
    xchacha20poly1305(key, nonce, aad).decrypt(ciphertext);
    return true;
  } catch {
    return false;
  }
}
