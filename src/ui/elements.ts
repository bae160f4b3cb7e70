/**
 * Registers the shared components.
 * @module
 */
import { ScComposer } from './composer.ts';
import { define } from './define.ts';
import { ScPadlock } from './padlock.ts';
import { ScTranscript } from './transcript.ts';

/** A function, not an import for its effect: bundlers may drop those. */
export function defineElements(): void {
  define('sc-composer', ScComposer);
  define('sc-padlock', ScPadlock);
  define('sc-transcript', ScTranscript);
}
