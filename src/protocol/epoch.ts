/**
 * Epochs: when they open, and how. docs/protocol.md §10.1, §10.2.
 * @module
 */
import type { SessionState } from './session.ts';

/** Whether the newest epoch is the peer's, so that the own next one may be opened (§10). */
export declare function mayOpenEpoch(session: SessionState): boolean;

/**
 * Whether any frame sent now, a receipt too, must open an epoch (§10.2 a–c). Nothing needs to be sent because of it:
 * the next receipt does it.
 */
export declare function owesEpoch(session: SessionState, now: number): boolean;
