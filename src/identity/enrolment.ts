/**
 * How a device asks to become a member. docs/protocol.md §6.
 * @module
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { equal } from '../bytes/bytes.ts';
import { encodeCbor } from '../bytes/cbor.ts';
import { bytesOf, codecOf, mapOf, oneOf, type Shaped } from '../bytes/shape.ts';
import { fromBase64url, toBase64url } from '../bytes/text.ts';
import { peerError } from '../errors.ts';
import { deviceIdOf, type DeviceKeys } from './device.ts';
import { roleShape } from './directory-shape.ts';
import { hashShape, idShape, isPast, keyShape, timeShape } from './fields.ts';
import { fingerprintOf } from './fingerprint.ts';
import { label } from './label.ts';
import { nameShape } from './names.ts';
import type { PublicKeyCrypto } from './public-key-crypto.ts';
import { sign, verifySigned, type Signed } from './signature.ts';

const MAX_ENROLMENT = 1_024;
const MAX_INVITATION = 256;

export const invitationShape = mapOf({
  v: oneOf(1),
  desk: keyShape,
  id: idShape,
  secret: bytesOf(32),
  role: roleShape,
  expires: timeShape,
});
/** What the administrator hands to one person, in the fragment of a link: a secret. `expires` is ms. */
export type Invitation = Shaped<typeof invitationShape>;

const enrolmentShape = mapOf({
  v: oneOf(1),
  desk: keyShape,
  invitation: idShape,
  key: keyShape,
  name: nameShape,
  role: roleShape,
  expires: timeShape,
  proof: hashShape,
});
/** The request of an invited device. */
export type Enrolment = Shaped<typeof enrolmentShape>;

/** What the administrator's tool keeps of an invitation. */
export interface InvitationRecord {
  readonly invitation: Invitation;
  /** Whether a member was approved with it before. */
  readonly used: boolean;
}

/** A request that passed every check but the administrator's own eyes. */
export interface OpenEnrolment {
  readonly key: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly name: string;
  readonly role: Enrolment['role'];
  /** To be compared with what the device shows, over another channel. */
  readonly fingerprint: string;
}

const invitationCodec = codecOf('invitation', MAX_INVITATION, invitationShape);
const enrolmentCodec = codecOf('enrolment', MAX_ENROLMENT, enrolmentShape);

/** base64url for the link's fragment. */
export function encodeInvitation(invitation: Invitation): string {
  return toBase64url(invitationCodec.encode(invitation));
}

/** @throws ChatError `base64url-malformed`, `cbor-too-large`, `cbor-malformed`, `shape-mismatch` */
export function parseInvitation(text: string): Invitation {
  return invitationCodec.decode(fromBase64url(text));
}

/** The id of the invitation that a request names, to find its record; nothing is verified. @throws as the decoder */
export function invitationOf(signed: Signed): Uint8Array {
  return enrolmentCodec.decode(signed[0]).invitation;
}

/** The invited device's request. @throws ChatError `shape-mismatch` when the name is not a `name` */
export async function requestEnrolment(
  crypto: PublicKeyCrypto,
  { invitation, device, name }: { invitation: Invitation; device: DeviceKeys; name: string },
): Promise<Signed> {
  const { desk, id, role, expires, secret } = invitation;
  const claims = { desk, expires, invitation: id, key: device.key, name, role };
  const enrolment: Enrolment = { v: 1, ...claims, proof: proofOf(secret, claims) };
  return sign(crypto, device.seed, 'enrolment', enrolmentCodec.encode(enrolment));
}

/**
 * Checks a request against the record of its invitation. The caller records the invitation as used, durably, before it
 * signs the directory.
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `enrolment-signature`, `enrolment-mismatch`,
 *   `enrolment-proof`, `enrolment-expired`, `enrolment-used`
 */
export async function openEnrolment(
  crypto: PublicKeyCrypto,
  signed: Signed,
  record: InvitationRecord,
  now: number,
): Promise<OpenEnrolment> {
  const { proof, ...claims } = enrolmentCodec.decode(signed[0]);
  const { invitation, used } = record;
  if (!(await verifySigned(crypto, claims.key, 'enrolment', signed))) {
    throw peerError('enrolment-signature', 'the request is not signed by the key it names');
  }
  const agrees =
    equal(claims.invitation, invitation.id) &&
    equal(claims.desk, invitation.desk) &&
    claims.role === invitation.role &&
    claims.expires === invitation.expires;
  if (!agrees) throw peerError('enrolment-mismatch', 'the request says otherwise than its invitation');
  if (!equal(proof, proofOf(invitation.secret, claims)))
    throw peerError('enrolment-proof', 'the request does not prove the invitation');
  if (isPast(invitation.expires, now)) throw peerError('enrolment-expired', 'the invitation has expired');
  if (used) throw peerError('enrolment-used', 'the invitation was used before');
  return {
    key: claims.key,
    deviceId: deviceIdOf(claims.key),
    name: claims.name,
    role: claims.role,
    fingerprint: fingerprintOf(claims.key),
  };
}

type Claims = Pick<Enrolment, 'desk' | 'expires' | 'invitation' | 'key' | 'name' | 'role'>;

function proofOf(secret: Uint8Array, { desk, expires, invitation, key, name, role }: Claims): Uint8Array {
  const proofKey = hkdf(sha256, secret, invitation, label('enrolment'), 32);
  return hmac(sha256, proofKey, encodeCbor({ desk, expires, invitation, key, name, role }));
}
