/**
 * Desks in temporary directories, and devices that ask to become members.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeskPlace } from '../../src/cli/desk-place.ts';
import { deviceKeysFrom, type DeviceKeys } from '../../src/identity/device.ts';
import { parseInvitation, requestEnrolment } from '../../src/identity/enrolment.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import type { Signed } from '../../src/identity/signature.ts';

/** A directory of its own, and the way to remove it. */
export async function temporaryPlace(options: Omit<DeskPlace, 'directory'> = {}) {
  const parent = await mkdtemp(join(tmpdir(), 'desk-'));
  const place: DeskPlace = { ...options, directory: join(parent, 'desk') };
  return { place, parent, remove: () => rm(parent, { recursive: true }) };
}

export async function newDevice(): Promise<DeviceKeys> {
  return deviceKeysFrom(nobleCrypto, new Uint8Array(randomBytes(32)));
}

/** The request of a device (a new one if none is given) with the invitation of a link. */
export async function ask(fragment: string, name: string, device?: DeviceKeys): Promise<Signed> {
  const keys = device ?? (await newDevice());
  return requestEnrolment(nobleCrypto, { invitation: parseInvitation(fragment), device: keys, name });
}
