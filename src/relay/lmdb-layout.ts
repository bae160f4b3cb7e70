/**
 * How rows and mail lie in LMDB: binary keys that sort as they should, values with a fixed head.
 * @module
 */
import { concat, utf8 } from '../bytes/bytes.ts';
import { dayOf, type NewMail, type StoredMail, type StoredRow, type StoreTable } from './store.ts';

const SEPARATOR = '/';
const KINDS = ['frame', 'reset'] as const;
const ROW_HEAD = 16;
const MAIL_HEAD = 25;

/** `table/key`. */
export function rowKey(table: StoreTable, key: string): Uint8Array {
  return utf8(table + SEPARATOR + key);
}

/** The inverse of `rowKey`. */
export function rowNameOf(bytes: Uint8Array): { table: StoreTable; key: string } {
  const text = Buffer.from(bytes).toString('latin1');
  const at = text.indexOf(SEPARATOR);
  return { table: text.slice(0, at) as StoreTable, key: text.slice(at + 1) };
}

/** version ‖ expires (0: never) ‖ value */
export function rowValue(version: number, expires: number | null, value: Uint8Array): Uint8Array {
  return concat(u64(version), u64(expires ?? 0), value);
}

export function rowOf(key: string, bytes: Uint8Array): StoredRow {
  const expires = u64At(bytes, 8);
  return {
    key,
    version: u64At(bytes, 0),
    expires: expires === 0 ? null : expires,
    value: bytes.subarray(ROW_HEAD),
  };
}

/** expires ‖ row key: the index that `sweep` walks. */
export function expiryKey(expires: number, row: Uint8Array): Uint8Array {
  return concat(u64(expires), row);
}

export function expiryOf(key: Uint8Array): { expires: number; row: Uint8Array } {
  return { expires: u64At(key, 0), row: key.subarray(8) };
}

/** device ‖ seq */
export function mailKey(device: Uint8Array, seq: number): Uint8Array {
  return concat(device, u64(seq));
}

/** from ‖ kind ‖ at ‖ bytes */
export function mailValue({ from, kind, at, bytes }: NewMail): Uint8Array {
  return concat(from, Uint8Array.of(KINDS.indexOf(kind)), u64(at), bytes);
}

export function mailOf(key: Uint8Array, value: Uint8Array): StoredMail {
  return {
    to: key.subarray(0, 16),
    seq: u64At(key, 16),
    from: value.subarray(0, 16),
    kind: KINDS[value[16] ?? 0] ?? 'frame',
    at: u64At(value, 17),
    bytes: value.subarray(MAIL_HEAD),
  };
}

/** day ‖ device: on that day the mailbox took mail. */
export function dayKey(at: number, device: Uint8Array): Uint8Array {
  return concat(u64(dayOf(at)), device);
}

/** Counters, each 8 bytes. */
export function countersValue(...counters: readonly number[]): Uint8Array {
  return concat(...counters.map(u64));
}

export function counterAt(bytes: Uint8Array | undefined, index: number): number {
  return bytes === undefined ? 0 : u64At(bytes, 8 * index);
}

/** The first key after all that start with the prefix, which is not all 0xff. */
export function afterPrefix(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix);
  let last = end.length - 1;
  while (last > 0 && end[last] === 0xff) last--;
  end[last] = (end[last] ?? 0) + 1;
  return end.subarray(0, last + 1);
}

/** Big-endian, of a safe integer; without BigInt, which these hot paths would feel. */
function u64(value: number): Uint8Array {
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return out;
}

function u64At(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
