/**
 * What a vault with a lock needs of the browser.
 * @module
 */
import type { DevicePorts, MissingProtection } from '../../engine/ports/device.ts';
import { browserPasskeys } from './passkeys.ts';
import { Persistence } from './persistence.ts';
import { workerStretcher } from './pin-stretcher.ts';
import { tabChannel } from './tab-channel.ts';
import { tabMemory } from './tab-memory.ts';

/**
 * The device's ports of one profile in one tab.
 * @param name as for `browserPorts`
 */
export function browserDevice(name: string): DevicePorts {
  const persistence = new Persistence();
  const stretcher = workerStretcher();
  const passkeys = browserPasskeys();
  return {
    stretcher,
    passkeys,
    memory: tabMemory(name),
    channel: tabChannel(name),
    persist: () => persistence.persist(),
    missing() {
      const missing: [MissingProtection, boolean][] = [
        ['locks', !('locks' in navigator)],
        ['passkeys', passkeys?.able !== true],
        ['worker', stretcher?.able !== true],
        ['persistence', persistence.granted === false],
        ['secure-context', !isSecureContext],
      ];
      return missing.filter(([, is]) => is).map(([name]) => name);
    },
  };
}
