/**
 * Writes ed25519-edges.json: signatures on which Ed25519 libraries differ, and what docs/protocol.md §2.2 says of each.
 * By hand: `npx tsx test/vectors/make-ed25519-edges.ts`; the same bytes every time.
 *
 * `refusedBy` names the first rule of §2.2 that must refuse: `key` (1, of A), `scalar` (2), `equation` (3, which covers
 * rule 1 for R). Two more fields say what others do, so that a case tells them apart from §2.2: `zip215`, the most lenient
 * usual verification (with cofactor), and `bytewise`, which checks S and compares the bytes of R but not A.
 */
import { writeFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equal, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';

type RefusedBy = 'key' | 'scalar' | 'equation' | null;

interface Edge {
  name: string;
  key: string;
  message: string;
  signature: string;
  refusedBy: RefusedBy;
  zip215: boolean;
  bytewise: boolean;
}

const { Point } = ed25519;
const { BASE, Fn, Fp } = Point;
const order = Fn.ORDER;
const p = Fp.ORDER;

/** A point of order 8. */
const eighth = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
if (!eighth.isSmallOrder() || eighth.multiplyUnsafe(4n).is0()) throw new Error('not of order 8');
const torsion = (times: number): typeof BASE => times % 8 === 0 ? Point.ZERO : eighth.multiplyUnsafe(BigInt(times % 8));

const a = Fn.create(bytesToNumberLE(sha512(utf8('private scalar'))));
const r = Fn.create(bytesToNumberLE(sha512(utf8('nonce'))));
const honestKey = BASE.multiply(a).toBytes();
const honestR = BASE.multiply(r).toBytes();
const word = (value: bigint): Uint8Array => numberToBytesLE(value, 32);
const challenge = (...parts: Uint8Array[]): bigint => Fn.create(bytesToNumberLE(sha512(concat(...parts))));

const edges: Edge[] = [];

function add(
  name: string,
  { key = honestKey, message, R, S }: { key?: Uint8Array; message: Uint8Array; R: Uint8Array; S: bigint },
  refusedBy: RefusedBy,
): void {
  const signature = concat(R, word(S));
  const zip215 = ed25519.verify(signature, message, key, { zip215: true });
  const bytewise = S < order && isPoint(key) && equal(expectedR(key, message, R, S), R);
  if ((refusedBy === null) !== (bytewise && isOfPrimeOrder(key))) throw new Error(`${name}: not what it says`);
  edges.push({ name, key: toHex(key), message: toHex(message), signature: toHex(signature), refusedBy, zip215, bytewise });
}

function expectedR(key: Uint8Array, message: Uint8Array, R: Uint8Array, S: bigint): Uint8Array {
  const k = challenge(R, key, message);
  return BASE.multiplyUnsafe(S).subtract(Point.fromBytes(key, true).multiplyUnsafe(k)).toBytes();
}

function isPoint(key: Uint8Array): boolean {
  return ed25519.utils.isValidPublicKey(key, true);
}

function isOfPrimeOrder(key: Uint8Array): boolean {
  const point = Point.fromBytes(key, true);
  return !point.is0() && point.isTorsionFree() && equal(point.toBytes(), key);
}

/** S for a nonce and a private scalar, the challenge being over these encodings. */
function solve({ key = honestKey, message, R, nonce = r, scalar = a }: { key?: Uint8Array; message: Uint8Array; R: Uint8Array; nonce?: bigint; scalar?: bigint }): bigint {
  return Fn.create(nonce + challenge(R, key, message) * scalar);
}

/** The first message for which the challenge is what is wanted modulo 8. */
function messageFor(R: Uint8Array, key: Uint8Array, modulo8: number): Uint8Array {
  for (let i = 0; i < 10_000; i++) {
    const message = utf8(`message ${i}`);
    if (challenge(R, key, message) % 8n === BigInt(modulo8)) return message;
  }
  throw new Error('no message found');
}

const message = utf8('What is the balance?');
const S = solve({ message, R: honestR });
const honest = concat(honestR, word(S));

// Honest, and changed.
add('honest', { message, R: honestR, S }, null);
add('honest, empty message', { message: new Uint8Array(), R: honestR, S: solve({ message: new Uint8Array(), R: honestR }) }, null);
add('another message', { message: utf8('What is the balance!'), R: honestR, S }, 'equation');
add('another S', { message, R: honestR, S: S ^ 1n }, 'equation');
add('another R', { message, R: BASE.multiply(r + 1n).toBytes(), S }, 'equation');
add('R negated', { message, R: Point.fromBytes(honestR).negate().toBytes(), S }, 'equation');
add('another key', { key: BASE.multiply(a + 1n).toBytes(), message, R: honestR, S }, 'equation');
add('key negated', { key: Point.fromBytes(honestKey).negate().toBytes(), message, R: honestR, S }, 'equation');
add('all of the signature zero', { message, R: new Uint8Array(32), S: 0n }, 'equation');

// S that is not reduced: the same equation holds.
for (const times of [1n, 2n, 8n, 15n]) {
  if (S + times * order < 2n ** 256n) add(`S + ${times}ℓ`, { message, R: honestR, S: S + times * order }, 'scalar');
}
add('S = 2^256 − 1', { message, R: honestR, S: 2n ** 256n - 1n }, 'scalar');

// A of small order: anyone can sign, for any message or one in eight.
for (const times of [0, 4, 2, 6, 1, 3, 5, 7]) {
  const A = torsion(times);
  const key = A.toBytes();
  const chosen = messageFor(honestR, key, 0);
  add(`A is ${times}·T8, equation without cofactor holds`, { key, message: chosen, R: honestR, S: r }, 'key');
  const R = A.toBytes();
  // [S]B = 0, R + kA = (1 + k)A = 0 for k = 7 modulo 8.
  add(`A and R are ${times}·T8, S = 0`, { key, message: messageFor(R, key, 7), R, S: 0n }, 'key');
}

// A with torsion: the owner can make signatures that only some accept.
for (const times of [1, 2, 4]) {
  const A = BASE.multiply(a).add(torsion(times));
  const key = A.toBytes();
  const chosen = messageFor(honestR, key, 0);
  add(`A = aB + ${times}·T8, equation without cofactor holds`, { key, message: chosen, R: honestR, S: solve({ key, message: chosen, R: honestR }) }, 'key');
  const other = messageFor(honestR, key, 1);
  add(`A = aB + ${times}·T8, equation holds with cofactor only`, { key, message: other, R: honestR, S: solve({ key, message: other, R: honestR }) }, 'key');
  const R = BASE.multiply(r).subtract(torsion(times * 3)).toBytes();
  const both = messageFor(R, key, 3);
  add(`A = aB + ${times}·T8, R = rB − ${times * 3}·T8, torsion cancels`, { key, message: both, R, S: solve({ key, message: both, R }) }, 'key');
}

// R with torsion: the equation holds with cofactor only.
for (const times of [1, 2, 4, 7]) {
  const R = BASE.multiply(r).add(torsion(times)).toBytes();
  add(`R = rB + ${times}·T8`, { message, R, S: solve({ message, R }) }, 'equation');
  const small = torsion(times).toBytes();
  add(`R = ${times}·T8`, { message, R: small, S: solve({ message, R: small, nonce: 0n }) }, 'equation');
}
const identity = Point.ZERO.toBytes();
add('R is the identity', { message, R: identity, S: solve({ message, R: identity, nonce: 0n }) }, null);

// Encodings that are not canonical. Only y < 19 has a second one, and of these only small orders have a known scalar.
const signBit = (bytes: Uint8Array): Uint8Array => concat(bytes.subarray(0, 31), Uint8Array.of((bytes[31] ?? 0) | 0x80));
const strange: [name: string, encoding: Uint8Array][] = [
  ['the identity with a sign', signBit(word(1n))],
  ['the identity as p + 1', word(p + 1n)],
  ['the identity as p + 1 with a sign', signBit(word(p + 1n))],
  ['(0, −1) with a sign', signBit(word(p - 1n))],
  ['y = 0 as p', word(p)],
  ['y = 0 as p with a sign', signBit(word(p))],
];
for (const [name, encoding] of strange) {
  add(`A is ${name}`, { key: encoding, message: messageFor(honestR, encoding, 0), R: honestR, S: r }, 'key');
  add(`R is ${name}`, { message, R: encoding, S: solve({ message, R: encoding, nonce: 0n }) }, 'equation');
}
const recoded = solve({ message, R: identity, nonce: 0n });
add('R is the identity as p + 1, challenge over the canonical one', { message, R: word(p + 1n), S: recoded }, 'equation');

// Not points at all.
const noPoint = fromHex('02' + '00'.repeat(31));
add('A is not on the curve', { key: noPoint, message, R: honestR, S }, 'key');
add('R is not on the curve', { message, R: noPoint, S }, 'equation');
add('A is y = 2^255 − 1', { key: word(2n ** 255n - 1n), message, R: honestR, S }, 'key');
add('A is 32 bytes of ff', { key: new Uint8Array(32).fill(0xff), message, R: honestR, S }, 'key');
add('R is 32 bytes of ff', { message, R: new Uint8Array(32).fill(0xff), S }, 'equation');
add('R and S exchanged', { message, R: honest.subarray(32), S: bytesToNumberLE(honestR) }, bytesToNumberLE(honestR) >= order ? 'scalar' : 'equation');

writeFileSync(new URL('ed25519-edges.json', import.meta.url), JSON.stringify({ section: '2.2', cases: edges }, null, 2) + '\n');
console.log(`${edges.length} cases`);
