/**
 * Writes enrolment.json (docs/protocol.md §6): an invitation as its link carries it, and requests with one fault each.
 * By hand: `npx tsx test/vectors/make-enrolment.ts`; the same bytes every time. The proofs are made here from their parts.
 */
import { writeFileSync } from 'node:fs';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { toBase64url, toHex } from '../../src/bytes/text.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { sign, type Purpose } from '../../src/identity/signature.ts';
import { DAY, ISSUED, keyOf, seedOf } from '../support/directory-fixtures.ts';

const MINUTE = 60_000;
const expires = ISSUED + 7 * DAY;
const desk = await keyOf('root');
const id = seedOf('invitation').slice(0, 16);
const secret = seedOf('invitation secret');
const invitation = { v: 1, desk, id, secret, role: 'agent', expires };
const claims = { desk, invitation: id, key: await keyOf('dora'), name: 'Dora', role: 'agent', expires };

const cases: { name: string; request: [bytes: string, signature: string]; used: boolean; now: number; code: string | null }[] = [];

function proofOf(said: object, withSecret = secret, salt = id): Uint8Array {
  const key = hkdf(sha256, withSecret, salt, utf8('secure-chat/1 enrolment\0'), 32);
  return hmac(sha256, key, encodeCbor(said as CborValue));
}

interface Change {
  said?: object;
  proven?: object;
  proof?: Uint8Array;
  extra?: object;
  by?: string;
  purpose?: Purpose;
  tail?: Uint8Array;
  used?: boolean;
  now?: number;
}

/** A request that says `said` besides the usual, proves `proven` instead of it, and is signed by `by`. */
async function add(code: string | null, name: string, change: Change = {}): Promise<void> {
  const said = { ...claims, ...change.said };
  const proof = change.proof ?? proofOf({ ...said, ...change.proven });
  const bytes = concat(encodeCbor({ v: 1, ...said, proof, ...change.extra }), change.tail ?? new Uint8Array());
  const [, signature] = await sign(nobleCrypto, seedOf(change.by ?? 'dora'), change.purpose ?? 'enrolment', bytes);
  cases.push({ name, request: [toHex(bytes), toHex(signature)], used: change.used ?? false, now: change.now ?? ISSUED, code });
}

await add(null, 'a request');
await add(null, 'a request with a long name', { said: { name: 'ü'.repeat(40) } });
await add(null, 'a request 10 minutes after the end', { now: expires + 10 * MINUTE });
await add('enrolment-expired', 'a request later than that', { now: expires + 10 * MINUTE + 1 });
await add('enrolment-used', 'a request for an invitation that was used', { used: true });
await add('enrolment-signature', 'signed by another key', { by: 'eve' });
await add('enrolment-signature', 'signed for another purpose', { purpose: 'directory' });
await add('enrolment-mismatch', 'another desk', { said: { desk: await keyOf('other root') } });
await add('enrolment-mismatch', 'another invitation', { said: { invitation: seedOf('another').slice(0, 16) } });
await add('enrolment-mismatch', 'a higher role', { said: { role: 'supervisor' } });
await add('enrolment-mismatch', 'a later end', { said: { expires: expires + 1 } });
await add('enrolment-proof', 'made without the secret', { proof: proofOf(claims, seedOf('a guess')) });
await add('enrolment-proof', 'the proof of another key', { proven: { key: await keyOf('eve') } });
await add('enrolment-proof', 'the proof of another name', { proven: { name: 'Eve' } });
await add('enrolment-proof', 'a proof under another salt', { proof: proofOf(claims, secret, new Uint8Array(16)) });
await add('enrolment-proof', 'all of the proof zero', { proof: new Uint8Array(32) });
await add('shape-mismatch', 'version 2', { extra: { v: 2 } });
await add('shape-mismatch', 'a field more', { extra: { more: null } });
await add('shape-mismatch', 'a proof of 31 bytes', { proof: proofOf(claims).slice(1) });
await add('shape-mismatch', 'a name that turns direction', { said: { name: 'Dora\u202e' } });
await add('shape-mismatch', 'an unknown role', { said: { role: 'root' } });
await add('cbor-malformed', 'a byte after it', { tail: Uint8Array.of(0) });
await add('cbor-too-large', 'more than 1,024 bytes', { tail: new Uint8Array(1_024) });

const file = {
  section: '6',
  invitation: { desk: toHex(desk), id: toHex(id), secret: toHex(secret), role: 'agent', expires },
  text: toBase64url(encodeCbor(invitation)),
  seed: toHex(seedOf('dora')),
  cases,
};
writeFileSync(new URL('enrolment.json', import.meta.url), JSON.stringify(file, null, 2) + '\n');
console.log(`${cases.length} cases`);
