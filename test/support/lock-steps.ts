/**
 * What people do with a chat's lock, and what is to be seen of a locked page.
 * @module
 */
import type { CDPSession, Locator, Page } from 'playwright-core';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';

/** Types a PIN and confirms it, when the pad asks this. */
export async function enterPin(page: Page, question: string, pin: string): Promise<void> {
  await idlePad(page, question);
  await page.keyboard.type(pin);
  await page.keyboard.press('Enter');
}

/** The pad that asks this. */
export function padOf(page: Page, question = 'Enter your PIN'): Locator {
  return page.getByRole('application', { name: question, exact: true });
}

/** Waits until a PIN can be entered: the one before has been checked. */
export async function idlePad(page: Page, question = 'Enter your PIN'): Promise<void> {
  await padOf(page, question).and(page.locator('[aria-busy=false]')).waitFor();
}

/** Chooses what the chat's menu offers. */
export async function chooseFromMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'More options' }).click();
  await page.getByRole('button', { name: item, exact: true }).click();
}

/** Waits until the chat is in this state. */
export async function stateOf(page: Page, state: SecureChatElement['state']): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.querySelector<SecureChatElement>('secure-chat')?.state === wanted,
    state,
  );
}

/** Everything that stands in a page: texts, comments, attributes, and what fields hold, in all shadow roots; and its title. */
export function everythingIn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const found: string[] = [document.title];
    const left: Node[] = [document.documentElement];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      if (node instanceof CharacterData) found.push(node.data);
      if (node instanceof Element) {
        for (const { name, value } of node.attributes) found.push(name, value);
        if (node.shadowRoot) left.push(node.shadowRoot);
      }
      if (node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement) found.push(node.value);
      left.push(...node.childNodes);
    }
    return found.join('\n');
  });
}

/** What the chat has left in a page's storage: rows in its databases, and keys that it has put beside them. */
export function storedBy(page: Page): Promise<{ rows: number; keys: string[] }> {
  return page.evaluate(async () => {
    let rows = 0;
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name ?? '');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error('no database'));
      });
      for (const table of database.objectStoreNames) {
        const count = database.transaction(table).objectStore(table).count();
        rows += await new Promise<number>((resolve) => (count.onsuccess = () => resolve(count.result)));
      }
      database.close();
    }
    return { rows, keys: [...Object.keys(localStorage), ...Object.keys(sessionStorage)] };
  });
}

/** Gives a page an authenticator that knows its user. */
export async function plugInAuthenticator(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, hasPrf: true, automaticPresenceSimulation: true },
    },
  });
  return session;
}
