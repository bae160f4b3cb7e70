/**
 * What follows from a frame that was not accepted. docs/protocol.md §11.3.
 * @module
 */

/**
 * In all cases the frame is acknowledged to the relay and the ratchet stays as it was, but for `hold`.
 * `drop`: nothing more. `failure`: count it; five distinct frames of one session make it broken. `broken`: broken at once,
 * answer with a reset. `reset`: answer with a reset (for hellos only with a valid signature). `refused`: the peer is at
 * fault: keep the code and show or log it. `hold`: keep the frame sealed while the bundle is fetched, then decide it.
 */
export type Outcome = 'drop' | 'failure' | 'broken' | 'reset' | 'refused' | 'hold';

/**
 * Where the code came from: `hello` from `readHello`, `respondSession` or the first frame of a session not stored yet;
 * `session` from `decodeFrame` and `decryptFrame` in a known session; `message` from `openMessage` and what follows it.
 */
export type Stage = 'hello' | 'session' | 'message';

const IN_STAGE: Readonly<Record<Stage, Readonly<Record<string, Outcome>>>> = {
  hello: {
    'session-unknown': 'reset',
    'prekey-unknown': 'reset',
    'handshake-replayed': 'reset',
  },
  session: {
    'session-unknown': 'reset',
    'frame-undecryptable': 'failure',
    'ratchet-epoch-unexpected': 'broken',
    'ratchet-fork': 'broken',
    'ratchet-jump-too-far': 'broken',
    'kem-failed': 'broken',
  },
  message: {
    'directory-unknown': 'hold',
  },
};

/** The row of §11.3's table for a code. */
export function outcomeOf(code: string, stage: Stage): Outcome {
  const row = Object.hasOwn(IN_STAGE[stage], code) ? IN_STAGE[stage][code] : undefined;
  return row ?? (stage === 'message' ? 'refused' : 'drop');
}
