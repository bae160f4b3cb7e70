/**
 * A connection of an office to a relay that is there when it is handed out. docs/relay.md §1, §7.
 * @module
 */
import { nodeClock, nodeRandom } from '../adapters/node/node-clock.ts';
import { nodeTransport } from '../adapters/node/node-socket.ts';
import type { Clock, Ports } from '../engine/ports.ts';
import { connectRelay, type RelayConnection } from '../engine/relay-connection.ts';
import { ChatError } from '../errors.ts';
import { deviceKeysFrom, type DeviceKeys } from '../identity/device.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';

/** How long the first connection may take, ms. */
const PATIENCE = 20_000;

export type LinePorts = Pick<Ports, 'transport' | 'clock' | 'random'>;

export interface LineOptions {
  /** The relay's URL. */
  readonly relay: string;
  /** The desk's root key, 32 B. */
  readonly desk: Uint8Array;
  /** Who authenticates; not given: a device that nobody knows, which may still fetch and publish directories. */
  readonly keys?: DeviceKeys;
  readonly ports?: LinePorts;
}

/** This machine's clock, randomness and network. */
export function linePorts(): LinePorts {
  return { transport: nodeTransport(), clock: nodeClock, random: nodeRandom };
}

/**
 * Connects, and waits until requests are answered. From then on the connection mends itself.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` (usage); `relay-unreachable`, `desk-unknown`, or why else the
 *   first attempt failed
 */
export async function openLine({ relay, desk, keys, ports = linePorts() }: LineOptions): Promise<RelayConnection> {
  const device = keys ?? (await deviceKeysFrom(nobleCrypto, ports.random(32)));
  const line = connectRelay({ ports, url: relay, device: { keys: device, crypto: nobleCrypto, desk } });
  try {
    await untilOnline(line, ports.clock);
    return line;
  } catch (error) {
    line.close();
    throw error;
  }
}

/** Opens a line for as long as the work takes. @throws as `openLine`, and what the work throws */
export async function withLine<T>(options: LineOptions, work: (line: RelayConnection) => Promise<T>): Promise<T> {
  const line = await openLine(options);
  try {
    return await work(line);
  } finally {
    line.close();
  }
}

/** Resolves when requests are answered. @throws ChatError why the first attempt failed */
export async function untilOnline(line: RelayConnection, clock: Clock): Promise<void> {
  let stop = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const late = clock.after(PATIENCE, () => {
        reject(new ChatError('environment', 'relay-unreachable', 'the relay was not reached in time'));
      });
      const unsubscribe = line.state.subscribe(({ connection, problem }) => {
        if (connection === 'online') resolve();
        else if (problem !== null) reject(problem);
      }, reject);
      stop = () => {
        late();
        unsubscribe();
      };
    });
  } finally {
    stop();
  }
}
