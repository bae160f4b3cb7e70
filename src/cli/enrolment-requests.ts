/**
 * Requests of invited devices that wait at a relay, for the root key alone. docs/relay.md §5.5.
 * @module
 */
import type { RelayConnection } from '../engine/relay-connection.ts';
import { ChatError } from '../errors.ts';
import type { Signed } from '../identity/signature.ts';
import type { CheckedEnrolment, DeskOffice } from './desk-office.ts';
import { comparePublished, publishDirectory } from './desk-publication.ts';

type Line = Pick<RelayConnection, 'request'>;

/** A request that passed every check; the administrator compares its fingerprint with what the device shows. */
export interface EnrolmentRequest extends CheckedEnrolment {
  /** The relay's name for it, 16 B. */
  readonly id: Uint8Array;
  /** When the relay got it, ms. */
  readonly at: number;
  readonly request: Signed;
}

/**
 * Those that pass the checks; the others are dropped, lest they fill the few places there are.
 * @param onDropped told the code of why one was
 * @throws ChatError of the relay; what is not the fault of a request
 */
export async function waitingRequests(
  line: Line,
  desk: DeskOffice,
  onDropped?: (code: string) => void,
): Promise<EnrolmentRequest[]> {
  const { requests } = await line.request('enrolments', {});
  const passed: EnrolmentRequest[] = [];
  const done: Uint8Array[] = [];
  for (const { id, at, request } of requests) {
    try {
      const checked = await desk.check(request);
      if (checked.admitted) done.push(id);
      else passed.push({ ...checked, id, at, request });
    } catch (error) {
      if (!(error instanceof ChatError && error.kind === 'peer')) throw error;
      done.push(id);
      onDropped?.(error.code);
    }
  }
  if (done.length > 0) await line.request('enrolment-drop', { ids: done });
  return passed;
}

/** Makes a member of the device: recorded, signed and published when it resolves. @throws ChatError as `DeskOffice.admit` and `publishDirectory` */
export async function approveRequest(line: Line, desk: DeskOffice, { id, request }: EnrolmentRequest): Promise<void> {
  // What is signed next must not bring back whom a signer has removed while the administrator compared.
  await comparePublished(line, desk);
  await desk.admit(request);
  await publishDirectory(line, desk);
  await refuseRequest(line, { id });
}

/** Forgets the request; the invitation can still be used. @throws ChatError of the relay */
export async function refuseRequest(line: Line, { id }: Pick<EnrolmentRequest, 'id'>): Promise<void> {
  await line.request('enrolment-drop', { ids: [id] });
}
