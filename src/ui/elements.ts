/**
 * Registers the shared components. Import it for its effect.
 * @module
 */
import { ScComposer } from './composer.ts';
import { define } from './define.ts';
import { ScPadlock } from './padlock.ts';
import { ScTranscript } from './transcript.ts';

define('sc-composer', ScComposer);
define('sc-padlock', ScPadlock);
define('sc-transcript', ScTranscript);
