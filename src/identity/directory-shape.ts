/**
 * The structures of the desk's signed directory. docs/protocol.md §5.
 * @module
 */
import { utf8 } from '../bytes/bytes.ts';
import {
  bool,
  bytesOf,
  codecOf,
  listOf,
  mapOf,
  oneOf,
  orNull,
  sortedBy,
  textOf,
  tupleOf,
  uintUpTo,
  type Shape,
  type Shaped,
} from '../bytes/shape.ts';
import { deviceIdShape, hashShape, keyShape, timeShape } from './fields.ts';
import { nameShape } from './names.ts';
import { signedOf, type Signed } from './signature.ts';

/** Limits of §21, in bytes. */
const MAX_SIGNED = 61_440;
const MAX_BUNDLE = 81_920;
const MAX_MEMBERS = 400;

export const roleShape = oneOf('agent', 'supervisor', 'archive', 'bot');
/** What a member may do (§13). */
export type Role = Shaped<typeof roleShape>;

export const memberShape = mapOf({ key: keyShape, role: roleShape, name: nameShape });
export type Member = Shaped<typeof memberShape>;

const renewerShape = mapOf({ key: keyShape, until: timeShape });
/** A key that may lengthen and shrink a base, until a time. */
export type Renewer = Shaped<typeof renewerShape>;

/** A key that signs customers' tokens (§19); `key` is a SubjectPublicKeyInfo in DER. */
const tokenKeyShape = mapOf({ id: textOf(1, 64), alg: oneOf('EdDSA', 'ES256'), key: bytesOf(1, 200) });

const policyShape = mapOf({
  recorded: bool,
  retentionDays: orNull(uintUpTo()),
  notice: orNull(textOf(1, 500)),
  tokenKeys: sortedBy(listOf(tokenKeyShape, 8), ({ id }) => utf8(id)),
});

const directoryShape = mapOf({
  desk: keyShape,
  version: uintUpTo(Number.MAX_SAFE_INTEGER, 1),
  issuedAt: timeShape,
  freshUntil: timeShape,
  renewUntil: timeShape,
  name: nameShape,
  members: sortedBy(listOf(memberShape, MAX_MEMBERS), (member) => member.key),
  renewers: sortedBy(listOf(renewerShape, 8), (renewer) => renewer.key),
  policy: policyShape,
});
/** What the root key signs. */
export type Directory = Shaped<typeof directoryShape>;

const renewalShape = mapOf({
  desk: keyShape,
  version: uintUpTo(),
  base: hashShape,
  renewal: uintUpTo(Number.MAX_SAFE_INTEGER, 1),
  issuedAt: timeShape,
  freshUntil: timeShape,
  removed: sortedBy(listOf(deviceIdShape, MAX_MEMBERS), (id) => id),
});
/** What a renewer signs: a new time, and members removed since. */
export type Renewal = Shaped<typeof renewalShape>;

/** A base and its newest renewal, as they travel. */
export interface Bundle {
  readonly base: Signed;
  readonly renewal: Signed | null;
}

/** Throws `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, as all codecs do. */
export const directoryCodec = codecOf('directory', MAX_SIGNED, directoryShape);
export const renewalCodec = codecOf('renewal', MAX_SIGNED, renewalShape);
const bundleShape: Shape<[Signed, Signed | null]> = tupleOf(signedOf(MAX_SIGNED), orNull(signedOf(MAX_SIGNED)));
export const bundleCodec = codecOf('bundle', MAX_BUNDLE, bundleShape);
