/**
 * Messages between the open tabs of one profile.
 * @module
 */
import type { TabChannel } from '../../engine/ports/device.ts';

/** @param name told apart from all others of the origin, as for `browserPorts` */
export function tabChannel(name: string): TabChannel {
  const address = `${name} tabs`;
  const listeners = new Set<(bytes: Uint8Array) => void>();
  /** Open while somebody listens. */
  let open: BroadcastChannel | null = null;

  return {
    post(bytes) {
      // Through the one that listens, if there is one: what it sends does not come back to it.
      const channel = open ?? openChannel(address);
      channel?.postMessage(bytes.slice());
      if (channel !== open) channel?.close();
    },

    listen(listener) {
      // An entry of its own, should one function listen twice.
      const entry = (bytes: Uint8Array): void => listener(bytes);
      listeners.add(entry);
      if (open === null) {
        open = openChannel(address);
        open?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
          if (!(data instanceof Uint8Array)) return;
          for (const each of [...listeners]) if (listeners.has(each)) each(data.slice());
        });
      }
      return () => {
        listeners.delete(entry);
        if (listeners.size > 0) return;
        open?.close();
        open = null;
      };
    },
  };
}

/** Null where there is none: old browsers, documents without an origin of their own. Such a tab is alone. */
function openChannel(address: string): BroadcastChannel | null {
  if (typeof BroadcastChannel === 'undefined') return null;
  try {
    return new BroadcastChannel(address);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
