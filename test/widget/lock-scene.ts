/**
 * The element over a profile with a lock, that outlives its clients.
 * @module
 */
import { DoubleClient, type DoubleOptions } from '../support/double-client.ts';
import { DoubleVault } from '../support/double-vault.ts';
import { find, must, openScene, panelOf, press, scene, settled, until, type Scene, type TestChat } from './scene.ts';

export interface LockScene extends Scene {
  readonly lock: DoubleVault;
  /** Every client that was opened. */
  readonly clients: DoubleClient[];
}

/** Closed; nothing was opened yet. */
export async function lockScene(
  vault: Partial<DoubleVault>,
  attributes: Record<string, string> = {},
  options: DoubleOptions & { contents?: string } = {},
): Promise<LockScene> {
  const lock = vault instanceof DoubleVault ? vault : Object.assign(new DoubleVault(), vault);
  const clients: DoubleClient[] = [];
  const next = opener(lock, clients, options);
  const made = await scene(attributes, { ...options, lock, next });
  return { ...made, lock, clients };
}

function opener(lock: DoubleVault, clients: DoubleClient[], options: DoubleOptions): TestChat['next'] {
  return async ({ unlock }) => {
    lock.open(unlock);
    const client = new DoubleClient({ ...options, lock });
    clients.push(client);
    return client;
  };
}

/** One that is locked. */
export function lockedVault(vault: Partial<DoubleVault>): DoubleVault {
  const lock = Object.assign(new DoubleVault(), vault);
  lock.lockNow();
  return lock;
}

/** The pad is on screen. */
export async function lockedScene(...[vault, ...others]: Parameters<typeof lockScene>): Promise<LockScene> {
  const made = await lockScene(lockedVault(vault), ...others);
  made.chat.show();
  await until(
    () => panelOf(made.chat)?.opened === true && find(made.chat, 'sc-lock-screen') !== null,
    'the lock screen',
  );
  await rest(made.chat);
  return made;
}

/** Open, with a first message; `vault` is as it was before it. */
export async function guestScene(
  vault: Partial<DoubleVault> = {},
  attributes: Record<string, string> = {},
): Promise<LockScene & { id: string }> {
  const lock = Object.assign(new DoubleVault(), vault);
  await import('../../src/widget/lock-loaded.ts'); // it comes at once then
  const made = await openScene(attributes, { lock });
  const { conversation: id } = await made.chat.send('Hello');
  await rest(made.chat);
  const clients: DoubleClient[] = [];
  made.chat.next = opener(lock, clients, {});
  return { ...made, lock, clients, id };
}

/** Everything has been drawn, and what moves in has arrived. */
export async function rest(chat: HTMLElement): Promise<void> {
  await settled(chat);
  for (const selector of ['sc-lock-screen', 'sc-lock-sheet', 'sc-lock-card', 'sc-pin-pad']) {
    await (find(chat, selector) as { updateComplete?: Promise<unknown> } | null)?.updateComplete;
  }
  await settled(chat);
}

/** Types into the pad, and confirms. */
export async function enter(chat: HTMLElement, pin: string): Promise<void> {
  await until(() => find(chat, '.entry') !== null, 'the pad');
  must(chat, '.entry').focus();
  for (const key of [...pin, 'Enter']) press(must(chat, '.entry'), key);
  await rest(chat);
}

/** Chooses a line of the menu. */
export async function choose(chat: HTMLElement, text: string): Promise<void> {
  must(chat, '.more').click();
  await settled(chat);
  const item = menuTexts(chat).indexOf(text);
  if (item < 0) throw new Error(`no ${text} among ${menuTexts(chat).join(', ')}`);
  must(chat, `.menu li:nth-child(${item + 1}) button`).click();
  await rest(chat);
}

export function menuTexts(chat: HTMLElement): string[] {
  return [...(find(chat, '.menu')?.querySelectorAll('button') ?? [])].map((button) => button.textContent.trim());
}

/** A button by its text. */
export function button(chat: HTMLElement, text: string): HTMLElement {
  const all: HTMLElement[] = [];
  const visit = (node: Element | ShadowRoot): void => {
    for (const child of node.children) {
      if (child instanceof HTMLButtonElement && child.textContent.trim() === text) all.push(child);
      if (child.shadowRoot) visit(child.shadowRoot);
      visit(child);
    }
  };
  if (chat.shadowRoot) visit(chat.shadowRoot);
  const [found] = all;
  if (!found) throw new Error(`no button ${text}`);
  return found;
}
