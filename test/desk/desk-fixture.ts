/**
 * A `<secure-chat-desk>` on the page, over a desk in memory, and ways to look into it.
 * @module
 */
import { fixtureSync, html, waitUntil } from '@open-wc/testing';
import '../../src/desk/secure-chat-desk.ts';
import type { DeskOpener, OpenDeskOptions } from '../../src/desk/client.ts';
import type { ScDeskConsole } from '../../src/desk/desk-console.ts';
import type { SecureChatDesk } from '../../src/desk/desk-element.ts';
import type { ScDeskLists } from '../../src/desk/conversation-lists-element.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';

export interface Mounted {
  readonly element: SecureChatDesk;
  /** What the opener was asked for, in order. */
  readonly opened: OpenDeskOptions[];
  /** The element that `selector` names somewhere below, through all shadow roots. */
  find<E extends HTMLElement = HTMLElement>(selector: string): E;
  all(selector: string): HTMLElement[];
  /** Text on screen, as one line. */
  text(selector: string): string;
  /** The client that was opened last: the given one, and one more each time that it was closed. */
  readonly client: DoubleDeskClient;
  readonly console: ScDeskConsole;
  readonly lists: ScDeskLists;
}

export interface MountOptions {
  /** Whether the browser holds an identity. */
  readonly found?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly opener?: Partial<DeskOpener>;
  readonly theme?: 'light' | 'dark';
  readonly dir?: 'ltr' | 'rtl';
  readonly relay?: string;
}

/** Stands in for the page's storage, which test files that run at the same time would share. */
const kept = new Map<string, string>();
Object.defineProperty(globalThis, 'localStorage', {
  configurable: true,
  value: {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  },
});

/** Everything that matches below, through all shadow roots, in the order of the page. */
function deepAll(root: ParentNode, selector: string): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('*')].flatMap((element) => [
    ...(element.matches(selector) ? [element] : []),
    ...(element.shadowRoot ? deepAll(element.shadowRoot, selector) : []),
  ]);
}

/** The focused element itself. */
export function focused(): Element | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

/** Whatever is on its way has arrived: answers of the store, events of dialogs, updates of every level. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve));
}

export async function mount(client: DoubleDeskClient, options: MountOptions = {}): Promise<Mounted> {
  const { found = true, width = 1440, height = 900, theme = 'light', dir = 'ltr' } = options;
  const opened: OpenDeskOptions[] = [];
  let current = client;
  const opener: DeskOpener = {
    find: async () => found,
    open: async (asked) => {
      opened.push(asked);
      client.lock.open(asked.unlock);
      if (current.closed) current = new DoubleDeskClient(client.desk, client.device, client.lock);
      return current;
    },
    forget: async () => undefined,
    ...options.opener,
  };
  kept.clear();
  const frame = fixtureSync<HTMLElement>(html`<div dir=${dir}></div>`);
  Object.assign(frame.style, { inlineSize: `${width}px`, blockSize: `${height}px` });
  const element = document.createElement('secure-chat-desk');
  element.opener = opener;
  element.theme = theme;
  element.relay = options.relay ?? null;
  element.style.setProperty('--sc-desk-block-size', '100%');
  element.style.setProperty('--sc-duration', '0.01ms');
  frame.append(element);
  await settled();
  const all = (selector: string): HTMLElement[] => deepAll(element.shadowRoot ?? element, selector);
  const find = <E extends HTMLElement = HTMLElement>(selector: string): E => {
    const found = all(selector)[0];
    if (!found) throw new Error(`nothing matches ${selector}`);
    return found as E;
  };
  return {
    element,
    opened,
    all,
    find,
    text: (selector) => find(selector).textContent.replace(/\s+/g, ' ').trim(),
    get client() {
      return current;
    },
    get console() {
      return find<ScDeskConsole>('sc-desk-console');
    },
    get lists() {
      return find<ScDeskLists>('sc-desk-lists');
    },
  };
}

/** The row of a conversation, in whichever list. */
export function row(mounted: Mounted, id: string): HTMLElement {
  return mounted.find(`.row[data-id="${id}"]`);
}

export function claimButton(mounted: Mounted, id: string): HTMLButtonElement | null {
  return row(mounted, id).closest('li')?.querySelector<HTMLButtonElement>('.claim') ?? null;
}

/** Rows of one list, from top to bottom. */
export function rowsOf(mounted: Mounted, list: string): HTMLElement[] {
  return [...mounted.find(`ul[aria-label="${list}"]`).querySelectorAll<HTMLElement>('.row')];
}

export async function open(mounted: Mounted, id: string): Promise<void> {
  row(mounted, id).click();
  await settled();
}

/** A key pressed where the focus is, or on the page. */
export async function press(key: string, options: KeyboardEventInit = {}): Promise<KeyboardEvent> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...options });
  (focused() ?? document.body).dispatchEvent(event);
  await settled();
  return event;
}

/** Writes into a field as a person does. */
export async function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): Promise<void> {
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  await settled();
}

export { waitUntil };
