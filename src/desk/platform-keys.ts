/**
 * How keys are called on this machine.
 * @module
 */

/** The key chord that opens the commands. */
export function paletteKeys(platform: string = navigator.platform): string {
  return /mac|iphone|ipad/i.test(platform) ? '⌘ K' : 'Ctrl K';
}
