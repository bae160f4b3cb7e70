/**
 * A desk's office at a relay: keeps the directory published and fresh, and brings the requests of invited devices.
 * docs/protocol.md §5.4, §6; docs/relay.md §5.4, §5.5.
 * @module
 */
import { connectRelay, type RelayConnection } from '../engine/relay-connection.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import type { DeskOffice } from './desk-office.ts';
import { publishDirectory } from './desk-publication.ts';
import { approveRequest, refuseRequest, waitingRequests, type EnrolmentRequest } from './enrolment-requests.ts';
import { linePorts, untilOnline, type LinePorts } from './relay-line.ts';

/** How often it is looked whether the directory is due, ms. */
const ROUND = 3_600_000;
/** After something failed, ms. */
const AGAIN = 30_000;
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
  readonly ports?: LinePorts;
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
 *   as `publishDirectory`, or `relay-…`; `desk-locked` (usage) for a root key under a passphrase
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
  readonly #ports: LinePorts;
  readonly #relay: RelayConnection;
  #turn: Promise<unknown> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #stops: (() => void)[] = [];
  #closed = false;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    this.#ports = options.ports ?? linePorts();
    const { desk, relay } = options;
    this.#relay = connectRelay({
      ports: this.#ports,
      url: relay,
      device: { keys: desk.root, crypto: nobleCrypto, desk: desk.key },
    });
  }

  async start(): Promise<void> {
    await untilOnline(this.#relay, this.#ports.clock);
    await this.#inTurn(() => publishDirectory(this.#relay, this.#options.desk));
    // The first call comes at once, and brings the requests that wait already.
    this.#stops = [this.#relay.onOnline(() => this.#attend()), this.#relay.onPush('enrolment', () => this.#attend())];
  }

  approve(request: EnrolmentRequest): Promise<void> {
    return this.#inTurn(() => approveRequest(this.#relay, this.#options.desk, request));
  }

  refuse(request: EnrolmentRequest): Promise<void> {
    return this.#inTurn(() => refuseRequest(this.#relay, request));
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
      const { desk, onDropped } = this.#options;
      await publishDirectory(this.#relay, desk);
      const requests = await waitingRequests(this.#relay, desk, onDropped);
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

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done;
    return done;
  }
}
