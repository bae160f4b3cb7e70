/**
 * How the element comes by its client.
 * @module
 */
import type { DeskClient } from '../engine/views.ts';
import { ChatError } from '../errors.ts';
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
  /** @throws ChatError of the store, the invitation or the engine; nothing is left half done then */
  open(options: OpenDeskOptions): Promise<DeskClient>;
}

/** The engine over this browser's store, locks and network. */
export const browserOpener: DeskOpener = {
  find: async () => {
    throw new ChatError('internal', 'engine-missing', 'the engine is not linked yet');
  },
  open: async () => {
    throw new ChatError('internal', 'engine-missing', 'the engine is not linked yet');
  },
};
