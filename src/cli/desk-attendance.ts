/**
 * A desk's office at a relay: keeps the directory published and fresh, and brings the requests of invited devices.
 * docs/protocol.md §5.4, §6; docs/relay.md §5.4, §5.5.
 * @module
 */
import { nodeClock, nodeRandom } from '../adapters/node/node-clock.ts';
import { nodeTransport } from '../adapters/node/node-socket.ts';
import { equal } from '../bytes/bytes.ts';
import type { Ports } from '../engine/ports.ts';
import { connectRelay, type RelayConnection } from '../engine/relay-connection.ts';
import { ChatError } from '../errors.ts';
import { openBundle } from '../identity/directory.ts';
import type { OpenEnrolment } from '../identity/enrolment.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import type { Signed } from '../identity/signature.ts';
import type { DeskOffice } from './desk-office.ts';

/** How often it is looked whether the directory is due, ms. */
const ROUND = 3_600_000;
/** After something failed, ms. */
const AGAIN = 30_000;
/** How long the first publication may take, ms. */
const PATIENCE = 20_000;

/** A request that passed every check; the administrator compares its fingerprint with what the device shows. */
export interface EnrolmentRequest extends OpenEnrolment {
  /** The relay's name for it, 16 B. */
  readonly id: Uint8Array;
  readonly request: Signed;
}

export interface AttendanceOptions {
  readonly desk: DeskOffice;
  /** The relay's URL. */
  readonly relay: string;
  /** Requests wait for `approve` or `refuse`; called again with all that wait whenever one has come. */
  readonly onRequests: (requests: readonly EnrolmentRequest[]) => void;
  /** A request did not pass the checks and was dropped; with the code of why. */
  readonly onDropped?: (code: string) => void;
  /** Something failed and will be tried again. */
  readonly onProblem: (error: unknown) => void;
  readonly ports?: Pick<Ports, 'transport' | 'clock' | 'random'>;
}

/** A desk that is attended to until `close`. */
export interface DeskAttendance {
  /** Makes a member of the device: recorded, signed and published when it resolves. @throws ChatError as `DeskOffice.admit`, or of the relay: then it is published when the relay is back */
  approve(request: EnrolmentRequest): Promise<void>;
  /** Forgets the request; the invitation can still be used. @throws ChatError of the relay */
  refuse(request: EnrolmentRequest): Promise<void>;
  /** Ends the connection when what is under way has ended. The desk stays open. */
  close(): Promise<void>;
}

/**
 * Connects with the root key and publishes the directory, signed anew if it is due; from then on keeps it so.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` (usage); when the directory could not be published:
 *   `desk-state-older` (the relay has a directory that this desk's files know nothing of: a backup was restored, or two
 *   machines sign), `relay-…`, or what the relay refused it with
 */
export async function attendDesk(options: AttendanceOptions): Promise<DeskAttendance> {
  const attendance = new Attendance(options);
  try {
    await attendance.start();
    return attendance;
  } catch (error) {
    await attendance.close();
    throw error;
  }
}

class Attendance implements DeskAttendance {
  readonly #options: AttendanceOptions;
  readonly #ports: Pick<Ports, 'transport' | 'clock' | 'random'>;
  readonly #relay: RelayConnection;
  #turn: Promise<unknown> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #stops: (() => void)[] = [];
  #closed = false;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    this.#ports = options.ports ?? { transport: nodeTransport(), clock: nodeClock, random: nodeRandom };
    const { desk, relay } = options;
    this.#relay = connectRelay({
      ports: this.#ports,
      url: relay,
      device: { keys: desk.root, crypto: nobleCrypto, desk: desk.key },
    });
  }

  async start(): Promise<void> {
    await this.#online();
    await this.#inTurn(() => this.#publish());
    // The first call comes at once, and brings the requests that wait already.
    this.#stops = [this.#relay.onOnline(() => this.#attend()), this.#relay.onPush('enrolment', () => this.#attend())];
  }

  approve({ id, request }: EnrolmentRequest): Promise<void> {
    return this.#inTurn(async () => {
      await this.#options.desk.admit(request);
      await this.#publish();
      await this.#relay.request('enrolment-drop', { ids: [id] });
    });
  }

  refuse({ id }: EnrolmentRequest): Promise<void> {
    return this.#inTurn(async () => {
      await this.#relay.request('enrolment-drop', { ids: [id] });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    for (const stop of this.#stops) stop();
    await this.#turn.catch(() => undefined); // told to whoever asked for it
    this.#relay.close();
  }

  /** Does what there is to do, and comes back. */
  #attend(): void {
    this.#cancel();
    this.#inTurn(async () => {
      if (this.#closed || this.#relay.now.connection !== 'online') return;
      await this.#publish();
      const requests = await this.#requests();
      if (requests.length > 0) this.#options.onRequests(requests);
    }).then(
      () => this.#comeBack(ROUND),
      (error: unknown) => {
        // A broken connection mends itself, and then all this is done again.
        if (this.#relay.now.connection === 'online') this.#options.onProblem(error);
        this.#comeBack(AGAIN);
      },
    );
  }

  #comeBack(wait: number): void {
    this.#cancel();
    if (!this.#closed) this.#cancel = this.#ports.clock.after(wait, () => this.#attend());
  }

  async #publish(): Promise<void> {
    const { desk } = this.#options;
    const { bundle } = await this.#relay.request('directory-fetch', { desk: desk.key });
    const theirs = bundle === null ? null : await openBundle(nobleCrypto, bundle, desk.key);
    const known = desk.signed?.position.version ?? 0;
    if (theirs !== null && theirs.position.version > known) {
      // Signing on would give a version two contents, which every client takes for an attack.
      throw new ChatError('environment', 'desk-state-older', 'the relay has a later directory than this desk knows', {
        details: { known, published: theirs.position.version },
      });
    }
    const ours = await desk.renew();
    if (theirs !== null && equal(theirs.baseBytes, ours.baseBytes)) return;
    await this.#relay.request('directory-publish', { bundle: ours.bytes });
  }

  /** Those that pass the checks; the others are dropped, lest they fill the few places there are. */
  async #requests(): Promise<EnrolmentRequest[]> {
    const { desk, onDropped } = this.#options;
    const { requests } = await this.#relay.request('enrolments', {});
    const passed: EnrolmentRequest[] = [];
    const done: Uint8Array[] = [];
    for (const { id, request } of requests) {
      try {
        const checked = await desk.check(request);
        if (checked.admitted) done.push(id);
        else passed.push({ ...checked, id, request });
      } catch (error) {
        if (!(error instanceof ChatError && error.kind === 'peer')) throw error;
        done.push(id);
        onDropped?.(error.code);
      }
    }
    if (done.length > 0) await this.#relay.request('enrolment-drop', { ids: done });
    return passed;
  }

  async #online(): Promise<void> {
    const { clock } = this.#ports;
    let stop = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const late = clock.after(PATIENCE, () => {
          reject(new ChatError('environment', 'relay-unreachable', 'the relay was not reached in time'));
        });
        const unsubscribe = this.#relay.state.subscribe(({ connection, problem }) => {
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

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done;
    return done;
  }
}
