/**
 * Transcripts: a conversation that a third party can check with the desk's key alone. docs/protocol.md §15.3.
 * @module
 */
import { codecOf, listOf, mapOf, oneOf, orNull, tupleOf } from '../bytes/shape.ts';
import { decodeBundle, encodeBundle } from '../identity/directory.ts';
import { idShape, keyShape, timeShape } from '../identity/fields.ts';
import { signedOf, type Signed } from '../identity/signature.ts';
import { MAX_MESSAGE } from './kinds.ts';

const MAX_TRANSCRIPT = 64 * 2 ** 20;
const MAX_DIRECTORY = 61_440;
/** More than 64 MiB can hold. */
const MANY = 2 ** 20;

/** A transcript's parts; `bundles` are encoded bundles. */
export interface Transcript {
  readonly desk: Uint8Array;
  readonly conversation: Uint8Array;
  readonly customerKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly bundles: readonly Uint8Array[];
  readonly items: readonly Signed[];
  readonly checkpoints: readonly Signed[];
  /** ms */
  readonly exportedAt: number;
}

const transcriptCodec = codecOf(
  'transcript',
  MAX_TRANSCRIPT,
  mapOf({
    v: oneOf(1),
    desk: keyShape,
    conversation: idShape,
    customer: keyShape,
    salt: idShape,
    bundles: listOf(tupleOf(signedOf(MAX_DIRECTORY), orNull(signedOf(MAX_DIRECTORY))), MANY),
    items: listOf(signedOf(MAX_MESSAGE), MANY),
    checkpoints: listOf(signedOf(MAX_MESSAGE), MANY),
    exportedAt: timeShape,
  }),
);

/** @throws ChatError `shape-mismatch`, `cbor-too-large` (usage); as `decodeBundle` for bundles that are none */
export function encodeTranscript({ customerKey, bundles, items, checkpoints, ...rest }: Transcript): Uint8Array {
  return transcriptCodec.encode({
    v: 1,
    ...rest,
    customer: customerKey,
    bundles: bundles.map(decodeBundle).map(({ base, renewal }) => [base, renewal]),
    items: [...items],
    checkpoints: [...checkpoints],
  });
}

/** @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch` */
export function decodeTranscript(bytes: Uint8Array): Transcript {
  const { v: _, customer, bundles, ...rest } = transcriptCodec.decode(bytes);
  return {
    ...rest,
    customerKey: customer,
    bundles: bundles.map(([base, renewal]) => encodeBundle({ base, renewal })),
  };
}
