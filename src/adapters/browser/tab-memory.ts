/**
 * What a tab keeps over a navigation.
 * @module
 */
import type { TabMemory } from '../../engine/ports/device.ts';
import { toBytes, toText } from './base64url.ts';
import { tabStorage } from './tab-storage.ts';

/** @param name told apart from all others of the origin, as for `browserPorts` */
export function tabMemory(name: string): TabMemory {
  const key = `${name} tab`;
  const storage = tabStorage();
  return {
    read() {
      const text = storage.read(key);
      return text === null ? null : toBytes(text);
    },
    write: (bytes) => storage.write(key, toText(bytes)),
    clear: () => storage.remove(key),
  };
}
