/**
 * The script of a page: registers `<secure-chat>`. Harmless where there is no document.
 * @module
 */
import { define } from '../ui/define.ts';
import { SecureChatElement } from './secure-chat-element.ts';

define('secure-chat', SecureChatElement);

export { SecureChatElement };
export type { EarlyCall } from './early-calls.ts';
export type * from '../ui/events.ts';
