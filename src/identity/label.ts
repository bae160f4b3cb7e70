/**
 * Labels that keep the uses of one key or hash apart. docs/protocol.md §2.1.
 * @module
 */
import { utf8 } from '../bytes/bytes.ts';

/** L(p): `secure-chat/1 `, the purpose (ASCII without a zero byte) and one zero byte. */
export function label(purpose: string): Uint8Array {
  return utf8(`secure-chat/1 ${purpose}\0`);
}
