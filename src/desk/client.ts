/**
 * How the element comes by its client.
 * @module
 */
import { browserDevice } from '../adapters/browser/browser-device.ts';
import { browserPorts } from '../adapters/browser/browser-ports.ts';
import type { DeskClient, Unlocking } from '../engine/views.ts';
import type { Invitation } from '../identity/enrolment.ts';

/** What is needed to open a desk. `invitation` and `name` go together: with them a new device asks to join. */
export interface OpenDeskOptions {
  /** The relay's address, `wss:` (`ws:` on this machine alone). */
  readonly relay: string;
  readonly invitation: Invitation | null;
  readonly name: string | null;
  /** Idle time after which the desk locks itself, ms; more than 0. */
  readonly lockAfter: number;
  /** How to open what is locked; not given: what may open by itself does. */
  readonly unlock?: Unlocking;
}

/** Opens the desk whose keys this browser stores, or makes them. */
export interface DeskOpener {
  /** Whether this browser stores a desk's identity. */
  find(): Promise<boolean>;
  /**
   * @throws ChatError `vault-locked` with details `{pin, passkey, unread}`: only `unlock` opens it; others of the store, the
   *   vault, the passkey, the invitation or the address
   */
  open(options: OpenDeskOptions): Promise<DeskClient>;
  /** Deletes the identity and all that is stored with it, in all tabs, without opening it. */
  forget(options: { readonly relay: string }): Promise<void>;
}

/** One browser profile is one agent. */
const PROFILE = 'secure-chat desk';

/** The engine over this browser's store, locks and network. Loaded when it is needed: the pages before it are not. */
export const browserOpener: DeskOpener = {
  async find() {
    const { findDesk } = await import('../engine/desk.ts');
    const ports = await browserPorts(PROFILE);
    try {
      return await findDesk(ports);
    } finally {
      ports.records.close();
    }
  },

  async open(options) {
    const { openDeskClient } = await import('../engine/desk.ts');
    const ports = await browserPorts(PROFILE);
    const close = (): void => ports.records.close();
    try {
      const client = await openDeskClient({ ports, device: browserDevice(PROFILE), ...options });
      void client.ended.then(close);
      return { ...client, close: () => client.close().finally(close) };
    } catch (error) {
      close();
      throw error;
    }
  },

  async forget({ relay }) {
    const { forgetProfile } = await import('../engine/profile.ts');
    const ports = await browserPorts(PROFILE);
    try {
      await forgetProfile({ ports, relay });
    } finally {
      ports.records.close();
    }
  },
};
