/**
 * How the element comes by its client.
 * @module
 */
import { browserPorts } from '../adapters/browser/browser-ports.ts';
import type { DeskClient } from '../engine/views.ts';
import type { Invitation } from '../identity/enrolment.ts';

/** What is needed to open a desk. `invitation` and `name` go together: with them a new device asks to join. */
export interface OpenDeskOptions {
  /** The relay's address, `wss:` (`ws:` on this machine alone). */
  readonly relay: string;
  readonly invitation: Invitation | null;
  readonly name: string | null;
}

/** Opens the desk whose keys this browser stores, or makes them. */
export interface DeskOpener {
  /** Whether this browser stores a desk's identity. */
  find(): Promise<boolean>;
  /** @throws ChatError of the store, the vault, the invitation or the address */
  open(options: OpenDeskOptions): Promise<DeskClient>;
  /** Deletes the identity and all that is stored with it, in all tabs. No client is open then. */
  forget(): Promise<void>;
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
    try {
      const client = await openDeskClient({ ports, ...options });
      return { ...client, close: () => client.close().finally(() => ports.records.close()) };
    } catch (error) {
      ports.records.close();
      throw error;
    }
  },

  async forget() {
    const { records } = await browserPorts(PROFILE);
    await records.destroy();
  },
};
