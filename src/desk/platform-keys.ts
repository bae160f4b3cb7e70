/**
 * How keys are called on this machine.
 * @module
 */

/** The key chord that opens the commands. */
export function paletteKeys(platform: string = navigator.platform): string {
  return `${command(platform)} K`;
}

/** The key chord that locks the desk. */
export function lockKeys(platform: string = navigator.platform): string {
  return `${command(platform)} ⇧ L`;
}

function command(platform: string): string {
  return /mac|iphone|ipad/i.test(platform) ? '⌘' : 'Ctrl';
}
