/**
 * `<test-chat>`: the element with a client in memory, by the seam that the element has for it.
 * @module
 */
import { fixture, fixtureCleanup, html } from '@open-wc/testing';
import type { CustomerClient } from '../../src/engine/views.ts';
import { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import type { ScPanel } from '../../src/widget/panel.ts';
import type { CustomerOptions } from '../../src/widget/client.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { DoubleClient, type DoubleOptions } from '../support/double-client.ts';

/** Each page's own: test pages run side by side and share their storage. */
export const PAGE_DESK_KEY = formatDeskKey(crypto.getRandomValues(new Uint8Array(32)));

export class TestChat extends SecureChatElement {
  /** What the next opening gives, or why it fails. */
  next: (options: CustomerOptions) => Promise<CustomerClient> = async () => new DoubleClient();
  readonly opened: CustomerOptions[] = [];
  erased = 0;

  protected override async openClient(options: CustomerOptions): Promise<CustomerClient> {
    this.opened.push(options);
    return this.next(options);
  }

  protected override async eraseStored(): Promise<void> {
    this.erased++;
  }
}
if (!customElements.get('test-chat')) customElements.define('test-chat', TestChat);

/** Every event of the element, in order. */
export const EVENTS = [
  ...['sc-ready', 'sc-open', 'sc-before-close', 'sc-close', 'sc-unread', 'sc-status'],
  ...['sc-conversation-start', 'sc-conversation-end', 'sc-message-sent', 'sc-message-received', 'sc-typing'],
  ...['sc-agent-change', 'sc-verification-change', 'sc-link-click', 'sc-storage-lost', 'sc-error'],
  ...['sc-lock', 'sc-unlock'],
] as const;

export interface Scene {
  readonly chat: TestChat;
  readonly client: DoubleClient;
  readonly desk: DoubleClient['desk'];
  readonly heard: { readonly type: string; readonly detail: unknown }[];
  /** Details of the events of a type. */
  readonly of: (type: (typeof EVENTS)[number]) => unknown[];
}

/** The element in the page, closed. `contents` is its light DOM. */
export async function scene(
  attributes: Record<string, string> = {},
  options: DoubleOptions & { contents?: string; next?: TestChat['next'] } = {},
): Promise<Scene> {
  const client = new DoubleClient(options);
  const chat = document.createElement('test-chat') as TestChat;
  chat.next = options.next ?? (async () => client);
  const all: Record<string, string> = { relay: 'wss://chat.example', 'desk-key': PAGE_DESK_KEY, ...attributes };
  for (const [name, value] of Object.entries(all)) chat.setAttribute(name, value);
  // Colours are measured at rest.
  chat.style.setProperty('--sc-duration', '0.01ms');
  if (options.contents !== undefined) {
    const range = document.createRange();
    chat.append(range.createContextualFragment(options.contents));
  }
  const heard: { type: string; detail: unknown }[] = [];
  for (const type of EVENTS) {
    chat.addEventListener(type, (event) => heard.push({ type, detail: (event as CustomEvent<unknown>).detail }));
  }
  const host = await fixture<HTMLElement>(html`<div></div>`);
  host.append(chat);
  await settled();
  const of = (type: string): unknown[] => heard.filter((event) => event.type === type).map(({ detail }) => detail);
  return { chat, client, desk: client.desk, heard, of };
}

/** The element, open, with what it loads. */
export async function openScene(...args: Parameters<typeof scene>): Promise<Scene> {
  const made = await scene(...args);
  made.chat.show();
  await until(
    () => panelOf(made.chat)?.opened === true && (made.chat.state === 'online' || made.chat.state === 'offline'),
  );
  await settled(made.chat);
  const moving = find(made.chat, '.panel')?.getAnimations() ?? [];
  await Promise.all(moving.map(({ finished }) => finished));
  return made;
}

/** Open, with a conversation that Sara has joined. */
export async function activeScene(...args: Parameters<typeof scene>): Promise<Scene & { id: string }> {
  const made = await openScene(...args);
  const { conversation } = await made.chat.send('Hello');
  made.desk.join(conversation);
  made.desk.say(conversation, 'Good morning');
  await settled(made.chat);
  return { ...made, id: conversation };
}

export function panelOf(chat: HTMLElement): ScPanel | null {
  return chat.shadowRoot?.querySelector('sc-panel') ?? null;
}

export function launcherOf(chat: HTMLElement): HTMLButtonElement {
  return chat.shadowRoot?.querySelector('button') as HTMLButtonElement;
}

/** First match in the element's shadow trees, in the order of the page. */
export function find<E extends Element = HTMLElement>(root: Element, selector: string): E | null {
  const search = (node: Element | ShadowRoot): E | null => {
    for (const child of node.children) {
      if (child.matches(selector)) return child as E;
      const found = (child.shadowRoot && search(child.shadowRoot)) ?? search(child);
      if (found) return found;
    }
    return null;
  };
  return (root.shadowRoot && search(root.shadowRoot)) ?? null;
}

export function must<E extends Element = HTMLElement>(root: Element, selector: string): E {
  const found = find<E>(root, selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** Text as it is rendered, shadow trees included. */
export function textOf(root: Element): string {
  const read = (node: Node): string => {
    if (node instanceof HTMLElement && node.hidden) return '';
    if (node instanceof HTMLSlotElement && node.assignedNodes().length > 0)
      return node.assignedNodes().map(read).join('');
    if (node instanceof Text) return node.data;
    const inner = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
    return [...inner.childNodes].map(read).join(' ');
  };
  return read(root).replace(/\s+/g, ' ').trim();
}

/** Lets promises, microtasks and Lit's updates come to rest. */
export async function settled(chat?: HTMLElement): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (!chat) continue;
    await panelOf(chat)?.updateComplete;
  }
}

export async function until(condition: () => boolean, what = 'a condition'): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Types into the composer as a user does. */
export async function type(chat: HTMLElement, text: string): Promise<HTMLTextAreaElement> {
  const field = must<HTMLTextAreaElement>(chat, 'textarea');
  field.focus();
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  await settled(chat);
  return field;
}

export function press(target: Element, key: string, init: KeyboardEventInit = {}): boolean {
  return target.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...init }),
  );
}

/** What this page's elements have left in the storage. */
export function stored(): string[] {
  return Object.keys(localStorage).filter((key) => key.includes(PAGE_DESK_KEY.slice(4, 20)));
}

export function cleanUp(): void {
  fixtureCleanup();
  for (const key of stored()) localStorage.removeItem(key);
}
