/**
 * What is loaded when something is locked, or is to be.
 * @module
 */
import { define } from '../ui/define.ts';
import { ScPinPad } from '../ui/pin-pad.ts';
import { ScLockCard } from './lock-card.ts';
import { ScLockScreen } from './lock-screen.ts';
import { ScLockSheet } from './lock-sheet.ts';

/** A function, not an import for its effect: bundlers may drop those. */
export function defineLock(): void {
  define('sc-pin-pad', ScPinPad);
  define('sc-lock-card', ScLockCard);
  define('sc-lock-screen', ScLockScreen);
  define('sc-lock-sheet', ScLockSheet);
}
