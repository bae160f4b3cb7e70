/**
 * The script of the agents' page: registers `<secure-chat-desk>`. Harmless where there is no document.
 * @module
 */
import { define } from '../ui/define.ts';
import { defineElements } from '../ui/elements.ts';
import { ScPinPad } from '../ui/pin-pad.ts';
import { ScDeskConfirm } from './confirm-dialog.ts';
import { ScDeskConversation } from './conversation-pane.ts';
import { ScDeskCustomer } from './customer-card.ts';
import { ScDeskDoor } from './door-page.ts';
import { ScDeskDuty } from './duty-switch.ts';
import { ScDeskConsole } from './desk-console.ts';
import { SecureChatDesk } from './desk-element.ts';
import { ScDeskEnrol } from './enrol-page.ts';
import { ScDeskHealth } from './health-strip.ts';
import { ScDeskHelp } from './help-dialog.ts';
import { ScDeskLists } from './conversation-lists-element.ts';
import { ScDeskLock } from './lock-page.ts';
import { ScDeskLockSettings } from './lock-settings.ts';
import { ScDeskPalette } from './command-palette.ts';
import { ScDeskProtect } from './protect-page.ts';

defineElements();
define('sc-pin-pad', ScPinPad);
define('sc-desk-confirm', ScDeskConfirm);
define('sc-desk-conversation', ScDeskConversation);
define('sc-desk-customer', ScDeskCustomer);
define('sc-desk-door', ScDeskDoor);
define('sc-desk-duty', ScDeskDuty);
define('sc-desk-enrol', ScDeskEnrol);
define('sc-desk-health', ScDeskHealth);
define('sc-desk-help', ScDeskHelp);
define('sc-desk-lists', ScDeskLists);
define('sc-desk-lock', ScDeskLock);
define('sc-desk-lock-settings', ScDeskLockSettings);
define('sc-desk-palette', ScDeskPalette);
define('sc-desk-protect', ScDeskProtect);
define('sc-desk-console', ScDeskConsole);
define('secure-chat-desk', SecureChatDesk);

export { SecureChatDesk };
export type { DeskOpener, OpenDeskOptions } from './client.ts';
