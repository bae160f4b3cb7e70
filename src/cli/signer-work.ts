/**
 * A signer at its relay: once, or for as long as the process lives.
 * @module
 */
import { connectRelay, type RelayConnection } from '../engine/relay-connection.ts';
import { codeOf, usageError } from '../errors.ts';
import type { DeskMember, OpenDirectory } from '../identity/directory.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import { linePorts, untilOnline, withLine } from './relay-line.ts';
import { openSigner, type Signer } from './signer.ts';

/** How often it is looked whether it is time, ms. */
const ROUND = 3_600_000;
/** After something failed, ms. */
const AGAIN = 30_000;
/** How long another process may be at it, ms, and how often that is tried. */
const BUSY_FOR = 10_000;
const BUSY_AGAIN = 100;

type Line = Pick<RelayConnection, 'request'>;

/** What one round did. */
export interface SignerRound {
  readonly directory: OpenDirectory;
  /** Whether a renewal was signed. */
  readonly signed: boolean;
  /** Until when the root trusts the signer, ms; null: it does not. */
  readonly trustedUntil: number | null;
}

/**
 * Learns what is published, signs the next renewal if it is time (or `force`), publishes.
 * @throws ChatError as `Signer.take` and `Signer.sign`; `directory-missing`; of the relay
 */
export async function renewOnce(line: Line, signer: Signer, { force = false } = {}): Promise<SignerRound> {
  const known = await learn(line, signer);
  const isTime = force || signer.due;
  if (isTime) await signer.sign();
  const { held } = signer;
  if (held === null) throw usageError('signer-not-delegated', 'no directory is held');
  if (isTime || known === 'older') await publish(line, held);
  return { directory: held, signed: isTime, trustedUntil: signer.trustedUntil };
}

/**
 * Removes a member, in force when this resolves.
 * @param options.pick chooses among those in force @throws ChatError what it throws; as `renewOnce`
 */
export async function removeBySigner(options: {
  directory: string;
  relay: string | null;
  pick: (members: readonly DeskMember[]) => DeskMember;
}): Promise<{ directory: OpenDirectory; member: DeskMember }> {
  return withSigner(options.directory, async (signer) =>
    withLine({ relay: relayOfSigner(signer, options.relay), desk: signer.desk, keys: signer.keys }, async (line) => {
      await learn(line, signer);
      const member = options.pick(signer.held?.members ?? []);
      const directory = await signer.sign(member.id);
      await publish(line, directory);
      return { directory, member };
    }),
  );
}

/** Opens a signer for as long as the work takes; waits a while for another process that has it. */
export async function withSigner<T>(directory: string, work: (signer: Signer) => Promise<T>): Promise<T> {
  const end = Date.now() + BUSY_FOR;
  for (;;) {
    let signer: Signer;
    try {
      signer = await openSigner({ directory });
    } catch (error) {
      if (codeOf(error) !== 'desk-in-use' || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_AGAIN));
      continue;
    }
    try {
      return await work(signer);
    } finally {
      await signer.close();
    }
  }
}

/** @throws ChatError `relay-needed` (usage) */
export function relayOfSigner(signer: Signer, relay: string | null): string {
  const url = relay ?? signer.relay;
  if (url === null) throw usageError('relay-needed', 'no relay is known');
  return url;
}

/**
 * Keeps the directory fresh until `stop` is called. The signer's directory is taken only while it signs, so that a
 * removal can be signed beside it.
 */
export async function keepRenewing(options: {
  directory: string;
  relay: string | null;
  onRound: (round: SignerRound) => void;
  onProblem: (error: unknown) => void;
}): Promise<() => Promise<void>> {
  const ports = linePorts();
  const { desk, keys, url } = await withSigner(options.directory, async (signer) => ({
    desk: signer.desk,
    keys: signer.keys,
    url: relayOfSigner(signer, options.relay),
  }));
  const line = connectRelay({ ports, url, device: { keys, crypto: nobleCrypto, desk } });
  let cancel = (): void => undefined;
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  let again = false;
  let running = false;

  const comeBack = (wait: number): void => {
    cancel();
    if (!stopped) cancel = ports.clock.after(wait, attend);
  };
  const round = async (): Promise<void> => {
    try {
      if (stopped || line.now.connection !== 'online') return;
      options.onRound(await withSigner(options.directory, (signer) => renewOnce(line, signer)));
      comeBack(ROUND);
    } catch (error) {
      // A broken connection mends itself, and then all this is done again.
      if (!stopped && line.now.connection === 'online') options.onProblem(error);
      comeBack(AGAIN);
    }
  };
  const attend = (): void => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    turn = round().finally(() => {
      running = false;
      if (again) {
        again = false;
        attend();
      }
    });
  };

  try {
    await untilOnline(line, ports.clock);
  } catch (error) {
    // It goes on trying: a machine that starts before its network is no fault.
    options.onProblem(error);
  }
  const stops = [
    line.onOnline(() => {
      line.request('directory-watch', { desk }).catch(options.onProblem);
      attend();
    }),
    line.onPush('directory', attend),
  ];
  return async () => {
    stopped = true;
    cancel();
    for (const stop of stops) stop();
    await turn;
    line.close();
  };
}

async function learn(line: Line, signer: Signer): Promise<'newer' | 'same' | 'older'> {
  const { bundle } = await line.request('directory-fetch', { desk: signer.desk });
  if (bundle !== null) return signer.take(bundle);
  if (signer.held === null) throw usageError('directory-missing', 'the relay has none');
  return 'older';
}

async function publish(line: Line, { bytes }: OpenDirectory): Promise<void> {
  await line.request('directory-publish', { bundle: bytes });
}
