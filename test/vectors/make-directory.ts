/**
 * Writes directory.json (docs/protocol.md §5): bundles with one fault each and the code that must be thrown, and pairs
 * of bundles with what §5.2 and §5.4 say of the second.
 * By hand: `npx tsx test/vectors/make-directory.ts`; the same bytes every time. Nothing here checks what it encodes.
 */
import { writeFileSync } from 'node:fs';
import { compare, concat, utf8 } from '../../src/bytes/bytes.ts';
import { encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { deviceIdOf } from '../../src/identity/device.ts';
import { baseHashOf, type Directory, type Renewal, type Role } from '../../src/identity/directory.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { sign, type Purpose, type Signed } from '../../src/identity/signature.ts';
import { sha256 } from '@noble/hashes/sha2.js';
import { DAY, directoryOf, HOUR, ISSUED, keyOf, renewalOf, seedOf } from '../support/directory-fixtures.ts';

const NOW = ISSUED + HOUR;
const MINUTE = 60_000;

interface Expected {
  version: number;
  renewal: number;
  hash: string;
  issuedAt: number;
  freshUntil: number;
  members: string[];
}

const bundles: { name: string; bundle: string; code: string | null; expected: Expected | null }[] = [];
const orders: { name: string; held: string | null; candidate: string; now: number; outcome: string }[] = [];

const root = await keyOf('root');
const seal = (value: unknown, by = 'root', purpose: Purpose = 'directory'): Promise<Signed> =>
  sign(nobleCrypto, seedOf(by), purpose, encodeCbor(value as CborValue));
const bundleOf = (base: unknown, renewal: unknown = null): Uint8Array => encodeCbor([base, renewal] as CborValue);

function refused(code: string, name: string, bundle: Uint8Array): void {
  bundles.push({ name, bundle: toHex(bundle), code, expected: null });
}

function accepted(name: string, bundle: Uint8Array, directory: Directory, baseBytes: Uint8Array, renewal?: [Renewal, Signed]): void {
  const removed = new Set(renewal?.[0].removed.map(toHex));
  const members = directory.members.map(({ key }) => toHex(deviceIdOf(key))).filter((id) => !removed.has(id));
  const hash = sha256(
    concat(utf8('secure-chat/1 directory-hash\0'), sha256(baseBytes), sha256(renewal?.[1][0] ?? new Uint8Array())),
  );
  const { issuedAt, freshUntil } = renewal?.[0] ?? directory;
  const expected = { version: directory.version, renewal: renewal?.[0].renewal ?? 0, hash: toHex(hash), issuedAt, freshUntil, members };
  bundles.push({ name, bundle: toHex(bundle), code: null, expected });
}

async function goodBase(name: string, members?: Readonly<Record<string, Role>>, changes: Partial<Directory> = {}): Promise<void> {
  const directory = await directoryOf(members, changes);
  const base = await seal(directory);
  accepted(name, bundleOf(base), directory, base[0]);
}

/** A base with changes that its type may not allow. */
async function badBase(code: string, name: string, changes: object, members?: Readonly<Record<string, Role>>): Promise<void> {
  refused(code, name, bundleOf(await seal({ ...(await directoryOf(members)), ...changes })));
}

const team = { alice: 'agent', bob: 'supervisor', carol: 'archive' } as const;
const alice = deviceIdOf(await keyOf('alice'));
const bob = deviceIdOf(await keyOf('bob'));
const carol = deviceIdOf(await keyOf('carol'));
const both = [alice, bob].sort(compare);

async function goodRenewal(name: string, changes: Partial<Renewal>, baseChanges: Partial<Directory> = {}): Promise<void> {
  const directory = await directoryOf(team, baseChanges);
  const base = await seal(directory);
  const renewal = renewalOf(directory, base[0], changes);
  const signed = await seal(renewal, 'renewer', 'renewal');
  accepted(name, bundleOf(base, signed), directory, base[0], [renewal, signed]);
}

async function badRenewal(
  code: string,
  name: string,
  changes: object,
  { by = 'renewer', purpose = 'renewal', base: baseChanges = {} }: { by?: string; purpose?: Purpose; base?: Partial<Directory> } = {},
): Promise<void> {
  const directory = await directoryOf(team, baseChanges);
  const base = await seal(directory);
  const renewal = { ...renewalOf(directory, base[0]), ...changes };
  refused(code, name, bundleOf(base, await seal(renewal, by, purpose)));
}

const token = (id: string, alg = 'EdDSA', size = 44): object => ({ id, alg, key: new Uint8Array(size).fill(9) });
const plain = await directoryOf();
const plainBase = await seal(plain);
const plainMember = plain.members[0];
const plainRenewer = plain.renewers[0];
const withPolicy = (changes: object): object => ({ policy: { ...plain.policy, ...changes } });
const withMember = (changes: object): object => ({ members: [{ ...plainMember, ...changes }] });
const without = (name: string): object => Object.fromEntries(Object.entries(plain).filter(([field]) => field !== name));

// What opens.
await goodBase('a base');
await goodBase('no members, no renewers', {}, { renewers: [] });
await goodBase('every role, and a policy with everything', { a: 'agent', b: 'supervisor', c: 'archive', d: 'bot' }, {
  policy: {
    recorded: true,
    retentionDays: 365,
    notice: 'This conversation is recorded.',
    tokenKeys: [token('a', 'ES256', 91), token('b')] as Directory['policy']['tokenKeys'],
  },
});
await goodBase('four archives', { a: 'archive', b: 'archive', c: 'archive', d: 'archive' });
await goodBase('fresh for 1 ms', undefined, { freshUntil: ISSUED + 1 });
await goodBase('fresh for 72 hours', undefined, { freshUntil: ISSUED + 72 * HOUR });
await goodBase('renewable for 35 days', undefined, { renewUntil: ISSUED + 35 * DAY });
await goodBase('not renewable beyond its freshness', undefined, { renewUntil: ISSUED + 48 * HOUR });
await goodBase('a renewer that is a member as well', undefined, { renewers: [{ key: await keyOf('alice'), until: ISSUED + DAY }] });
await goodBase('the greatest version', undefined, { version: Number.MAX_SAFE_INTEGER });
await goodBase('a name of 80 bytes', undefined, { name: 'ü'.repeat(40) });
await goodRenewal('a renewal', {});
await goodRenewal('a renewal that removes a member', { removed: [alice] });
await goodRenewal('a renewal that removes all but the archive', { removed: both, renewal: 7 });
await goodRenewal('a renewal issued with its base', { issuedAt: ISSUED });
await goodRenewal('a renewal as long as its base allows', { freshUntil: ISSUED + 3 * DAY }, { renewUntil: ISSUED + 3 * DAY });
await goodRenewal('a renewal as long as its renewer may', {}, { renewers: [{ key: await keyOf('renewer'), until: ISSUED + 3 * DAY }] });

// Form.
refused('cbor-malformed', 'nothing', new Uint8Array());
refused('cbor-malformed', 'a byte after the bundle', concat(bundleOf(plainBase), Uint8Array.of(0)));
refused('cbor-malformed', 'a bundle cut off', bundleOf(plainBase).slice(0, -1));
refused('cbor-malformed', 'a bundle whose length is not the shortest', concat(fromHex('9802'), bundleOf(plainBase).slice(1)));
refused('shape-mismatch', 'a bundle of one', encodeCbor([plainBase]));
refused('shape-mismatch', 'a bundle of three', encodeCbor([plainBase, null, null]));
refused('shape-mismatch', 'a bundle as a map', encodeCbor({ base: plainBase, renewal: null }));
refused('shape-mismatch', 'a base that is null', bundleOf(null));
refused('shape-mismatch', 'a signature of 63 bytes', bundleOf([plainBase[0], plainBase[1].slice(1)]));
refused('cbor-malformed', 'base bytes that are no CBOR', bundleOf(await sign(nobleCrypto, seedOf('root'), 'directory', utf8('{}'))));
refused('cbor-malformed', 'base bytes with one more', bundleOf(await sign(nobleCrypto, seedOf('root'), 'directory', concat(plainBase[0], Uint8Array.of(0)))));
for (const field of Object.keys(plain)) refused('shape-mismatch', `a base without ${field}`, bundleOf(await seal(without(field))));
await badBase('shape-mismatch', 'a base with a field more', { extra: null });
await badBase('shape-mismatch', 'version 0', { version: 0 });
await badBase('shape-mismatch', 'a version as text', { version: '1' });
await badBase('shape-mismatch', 'an empty name', { name: '' });
await badBase('shape-mismatch', 'a name of 81 bytes', { name: 'x'.repeat(81) });
await badBase('shape-mismatch', 'a name with a line end', { name: 'Example\nBank' });
await badBase('shape-mismatch', 'a name that turns direction', { name: 'Example \u202eknaB' });
await badBase('shape-mismatch', 'a member’s name with a direction mark', withMember({ name: 'a\u200f' }));
await badBase('shape-mismatch', 'a member with a key of 31 bytes', withMember({ key: new Uint8Array(31) }));
await badBase('shape-mismatch', 'a member with an unknown role', withMember({ role: 'customer' }));
await badBase('shape-mismatch', 'a member with a field more', withMember({ id: alice }));
await badBase('shape-mismatch', 'members not sorted', { members: [...plain.members].reverse() });
await badBase('shape-mismatch', 'a member twice', { members: [plainMember, plainMember] });
await badBase('shape-mismatch', 'a key in two roles', { members: [plainMember, { ...plainMember, role: 'bot' }] });
await badBase('shape-mismatch', 'a renewer twice', { renewers: [plainRenewer, plainRenewer] });
await badBase('shape-mismatch', 'nine renewers', {
  renewers: Array.from({ length: 9 }, (_, i) => ({ key: new Uint8Array(32).fill(i + 2), until: ISSUED })),
});
await badBase('shape-mismatch', 'an empty notice', withPolicy({ notice: '' }));
await badBase('shape-mismatch', 'a notice of 501 bytes', withPolicy({ notice: 'x'.repeat(501) }));
await badBase('shape-mismatch', 'token keys not sorted', withPolicy({ tokenKeys: [token('b'), token('a')] }));
await badBase('shape-mismatch', 'two token keys of one id', withPolicy({ tokenKeys: [token('a'), token('a', 'ES256')] }));
await badBase('shape-mismatch', 'a token key of another algorithm', withPolicy({ tokenKeys: [token('a', 'RS256')] }));
await badBase('shape-mismatch', 'a token key of 201 bytes', withPolicy({ tokenKeys: [token('a', 'EdDSA', 201)] }));

// Whose it is.
refused('directory-foreign', 'the bundle of another desk', bundleOf(await seal({ ...plain, desk: await keyOf('other root') }, 'other root')));
refused('directory-foreign', 'another desk’s name in it, signed by the root', bundleOf(await seal({ ...plain, desk: await keyOf('other root') })));
refused('directory-signature', 'signed by another root', bundleOf(await seal(plain, 'other root')));
refused('directory-signature', 'signed by the renewer', bundleOf(await seal(plain, 'renewer')));
refused('directory-signature', 'signed for another purpose', bundleOf(await seal(plain, 'root', 'renewal')));
refused('directory-signature', 'signed without a label', bundleOf([plainBase[0], await nobleCrypto.sign(seedOf('root'), plainBase[0])]));
refused('directory-signature', 'the signature of other bytes', bundleOf([plainBase[0], (await seal({ ...plain, version: 2 }))[1]]));

// Rules of a base.
await badBase('directory-invalid', 'fresh until it was issued', { freshUntil: ISSUED });
await badBase('directory-invalid', 'fresh until before it was issued', { freshUntil: ISSUED - 1 });
await badBase('directory-invalid', 'fresh for longer than 72 hours', { freshUntil: ISSUED + 72 * HOUR + 1 });
await badBase('directory-invalid', 'renewable for less than it is fresh', { renewUntil: ISSUED + 48 * HOUR - 1 });
await badBase('directory-invalid', 'renewable for longer than 35 days', { renewUntil: ISSUED + 35 * DAY + 1 });
await badBase('directory-invalid', 'a member with the key of the desk', withMember({ key: root }));
for (const [name, hex] of [
  ['the identity', '01' + '00'.repeat(31)],
  ['the identity as p + 1', 'ee' + 'ff'.repeat(30) + '7f'],
  ['of order 2', 'ec' + 'ff'.repeat(30) + '7f'],
  ['of order 4', '00'.repeat(31) + '80'],
  ['of order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
] as const) {
  await badBase('directory-invalid', `a member with the key ${name}`, withMember({ key: fromHex(hex) }));
}
await badBase('directory-invalid', 'a renewer with the key of order 8', {
  renewers: [{ key: fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'), until: ISSUED }],
});
await badBase('directory-invalid', 'recorded without an archive', withPolicy({ recorded: true }));
await badBase('directory-invalid', 'an archive without being recorded', { policy: plain.policy }, team);
await badBase('directory-invalid', 'five archives', {}, { a: 'archive', b: 'archive', c: 'archive', d: 'archive', e: 'archive' });

// Renewals.
await badRenewal('shape-mismatch', 'renewal number 0', { renewal: 0 });
await badRenewal('shape-mismatch', 'a renewal with a field more', { members: [] });
await badRenewal('shape-mismatch', 'removed not sorted', { removed: [...both].reverse() });
await badRenewal('shape-mismatch', 'removed twice', { removed: [alice, alice] });
await badRenewal('shape-mismatch', 'removed with an id of 15 bytes', { removed: [alice.slice(1)] });
await badRenewal('directory-foreign', 'a renewal of another desk', { desk: await keyOf('other root') });
await badRenewal('directory-renewer', 'a renewal by nobody known', {}, { by: 'other renewer' });
await badRenewal('directory-renewer', 'a renewal by the root', {}, { by: 'root' });
await badRenewal('directory-renewer', 'a renewal by a member', {}, { by: 'alice' });
await badRenewal('directory-renewer', 'a renewal signed for another purpose', {}, { purpose: 'directory' });
await badRenewal('directory-renewer', 'a renewal that outlasts its renewer', {}, {
  base: { renewers: [{ key: await keyOf('renewer'), until: ISSUED + 3 * DAY - 1 }] },
});
await badRenewal('directory-renewer', 'a renewal of a base without renewers', {}, { base: { renewers: [] } });
await badRenewal('directory-invalid', 'a renewal of another version', { version: 2 });
await badRenewal('directory-invalid', 'a renewal of version 0', { version: 0 });
await badRenewal('directory-invalid', 'a renewal of another base', { base: baseHashOf(plainBase[0]) });
await badRenewal('directory-invalid', 'a base named by its hash without label', { base: sha256((await seal(await directoryOf(team)))[0]) });
await badRenewal('directory-invalid', 'a renewal older than its base', { issuedAt: ISSUED - 1, freshUntil: ISSUED + HOUR });
await badRenewal('directory-invalid', 'a renewal fresh until it was issued', { freshUntil: ISSUED + DAY });
await badRenewal('directory-invalid', 'a renewal fresh for longer than 72 hours', { freshUntil: ISSUED + 4 * DAY + 1 });
await badRenewal('directory-invalid', 'a renewal longer than its base allows', {}, { base: { renewUntil: ISSUED + 3 * DAY - 1 } });
await badRenewal('directory-invalid', 'removed who is no member', { removed: [deviceIdOf(await keyOf('eve'))] });
await badRenewal('directory-invalid', 'removed the archive', { removed: [carol] });

// Order and freshness.
async function at(version: number, renewal: Partial<Renewal> | null = null, changes: Partial<Directory> = {}): Promise<string> {
  const directory = await directoryOf(team, { version, ...changes });
  const base = await seal(directory);
  return toHex(bundleOf(base, renewal === null ? null : await seal(renewalOf(directory, base[0], renewal), 'renewer', 'renewal')));
}

function order(outcome: string, name: string, held: string | null, candidate: string, now = NOW): void {
  orders.push({ name, held, candidate, now, outcome });
}

const first = await at(1);
const second = await at(2);
const renewed = await at(1, { renewal: 2 });
const shrunk = await at(1, { renewal: 3, removed: [alice] });
const end = ISSUED + 48 * HOUR;
order('newer', 'the first one, fresh', null, first);
order('newer', 'the first one, a renewal', null, shrunk, ISSUED + 2 * DAY);
order('newer', 'the first one, 10 minutes after its end', null, first, end + 10 * MINUTE);
order('directory-stale', 'the first one, later than that', null, first, end + 10 * MINUTE + 1);
order('newer', 'the first one, issued 10 minutes from now', null, first, ISSUED - 10 * MINUTE);
order('directory-stale', 'the first one, issued later than that', null, first, ISSUED - 10 * MINUTE - 1);
order('newer', 'the first one, its base stale, its renewal fresh', null, renewed, ISSUED + 3 * DAY);
order('newer', 'a higher version', first, second);
order('newer', 'a higher version, stale', first, second, end + DAY);
order('newer', 'a higher version, issued in the future', first, second, ISSUED - DAY);
order('newer', 'a higher version with a lower renewal', shrunk, await at(2, { renewal: 1 }));
order('newer', 'a higher version that brings back a member', shrunk, second);
order('newer', 'a renewal of the base held', first, renewed);
order('newer', 'a renewal with a higher number', renewed, shrunk);
order('newer', 'a renewal that removes the same', shrunk, await at(1, { renewal: 4, removed: [alice] }));
order('newer', 'a renewal that removes more', shrunk, await at(1, { renewal: 9, removed: both }));
order('newer', 'a renewal that is stale', first, renewed, ISSUED + 9 * DAY);
order('same', 'the same base', first, first);
order('same', 'the same renewal', shrunk, shrunk);
order('same', 'the same, stale', first, first, end + DAY);
order('directory-older', 'a lower version', second, first);
order('directory-older', 'a lower version with a higher renewal', second, shrunk);
order('directory-older', 'a lower renewal', shrunk, renewed);
order('directory-older', 'the base without its renewal', renewed, first);
order('directory-equivocation', 'another base of the same version', first, await at(1, null, { name: 'Example Bank 2' }));
order('directory-equivocation', 'a renewal of another base of the same version', first, await at(1, { renewal: 5 }, { name: 'Example Bank 2' }));
order('directory-equivocation', 'another base of the same version, without the renewal held', renewed, await at(1, null, { name: 'Example Bank 2' }));
order('directory-equivocation', 'another renewal of the same number', renewed, await at(1, { renewal: 2, removed: [alice] }));
order('directory-not-shrinking', 'a renewal that brings back a member', shrunk, await at(1, { renewal: 4 }));
order('directory-not-shrinking', 'a renewal that removes another instead', shrunk, await at(1, { renewal: 4, removed: [bob] }));

const file = { section: '5', deskKey: toHex(root), bundles, order: orders };
writeFileSync(new URL('directory.json', import.meta.url), JSON.stringify(file, null, 2) + '\n');
console.log(`${bundles.length} bundles, ${orders.length} orders`);
