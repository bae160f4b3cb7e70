import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { isCommonPin } from '../../src/vault/common-pins.ts';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { Agent, Customer, launchProfile } from '../support/browser.ts';
import { chooseFromMenu, enterPin, idlePad, stateOf } from '../support/lock-steps.ts';
import { Stack } from '../support/stack.ts';

/** A word that stands nowhere else and that no compression shortens. */
const word = (): string => {
  const letters = [...randomBytes(14)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
  return `q${letters}z`;
};

/** Twelve digits that stand nowhere else. */
const pin = (): string => {
  const digits = [...randomBytes(12)].map((byte) => byte % 10).join('');
  return isCommonPin(digits) ? pin() : digits;
};

/** What a word looks like in bytes: as text in one or two bytes a letter, in hexadecimal, in base64 wherever it begins. */
function disguises(text: string): Buffer[] {
  const plain = Buffer.from(text);
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), plain]).toString('base64');
    // What stands at the ends depends on the neighbours.
    return Buffer.from(encoded.slice(shift === 0 ? 0 : 4, -4));
  });
  return [plain, Buffer.from(text, 'utf16le'), Buffer.from(plain.toString('hex')), ...base64];
}

/** Where a word stands among these contents. */
function places(text: string, contents: ReadonlyMap<string, Buffer>): string[] {
  const looks = disguises(text);
  return [...contents].filter(([, bytes]) => looks.some((look) => bytes.includes(look))).map(([name]) => name);
}

async function filesBelow(directory: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      found.set(path.slice(directory.length), await readFile(path));
    }
  }
  return found;
}

describe('words that were planted in a conversation', function () {
  this.timeout(180_000);
  const planted = {
    'the topic': word(),
    'a customer’s message': word(),
    'an agent’s message': word(),
    'a customer’s draft': word(),
    'a draft of a conversation not begun': word(),
    'an agent’s draft': word(),
    'the customer’s PIN': pin(),
    'the customer’s PIN of before': pin(),
    'a wrong PIN': pin(),
    'the agent’s PIN': pin(),
  };
  /** The agents' names are in the directory, which is public. */
  const name = word();
  /** Put into the pages' storage in the clear, so that the search proves that it would find. */
  const control = { database: word(), storage: word(), session: word(), pin: pin() };

  let profiles: string;
  const seen = new Map<string, Map<string, Buffer>>();

  before(async () => {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    const stack = await Stack.start();
    const customer = Customer.of(await launchProfile(join(profiles, 'customer')));
    const agent = Agent.of(await launchProfile(join(profiles, 'agent')), name, planted['the agent’s PIN']);
    try {
      await agent.enrols(await stack.invitation());
      await customer.visit(stack.page());
      await plantControls(customer.page);
      await plantControls(agent.page);

      await customer.opensChat();
      await customer.field.fill(planted['a draft of a conversation not begun']);
      await customer.page.waitForTimeout(2_000);
      await customer.page
        .locator('secure-chat')
        .evaluate((chat: SecureChatElement, topic) => chat.startConversation({ topic }), planted['the topic']);
      await customer.says(planted['a customer’s message']);
      await agent.waiting.getByText(planted['the topic']).waitFor();
      await agent.claims();
      await agent.says(planted['an agent’s message']);
      await customer.reads(planted['an agent’s message']);
      await customer.page.getByRole('button', { name: 'Choose a PIN' }).click();
      for (const question of ['Choose a PIN', 'Repeat your PIN']) {
        await enterPin(customer.page, question, planted['the customer’s PIN of before']);
      }
      await customer.page.getByText('Your PIN is set.').waitFor();

      // Drafts, typed key by key, and left long enough to be stored.
      await customer.field.pressSequentially(planted['a customer’s draft']);
      await agent.field.pressSequentially(planted['an agent’s draft']);
      await customer.page.waitForTimeout(2_000);
      await customer.visit(stack.page('help.html'));
      await customer.opensChat();
      await customer.reads(planted['an agent’s message']);
      expect(await customer.field.inputValue()).to.equal(planted['a customer’s draft']);
      await locksAndUnlocks(customer, agent);
      expect(stack.output).to.include('"event"');
      // What lies there while the pages are open may be gone once they are closed: what a session stores, for one.
      for (const who of ['customer', 'agent']) {
        seen.set(`the ${who}’s profile while it was open`, await filesBelow(join(profiles, who)));
      }
    } finally {
      await customer.leaves();
      await agent.leaves();
      await stack.killRelay();
    }
    seen.set('the relay’s files', await filesBelow(stack.data));
    seen.set('the relay’s log', new Map([['log', Buffer.from(stack.output)]]));
    for (const [who, { watch }] of Object.entries({ customer, agent })) {
      expect(watch.frames.length, who).to.be.above(20);
      seen.set(`the ${who}’s frames`, new Map(watch.frames.map((frame, i) => [`frame ${i}`, frame])));
      seen.set(`the ${who}’s profile`, await filesBelow(join(profiles, who)));
    }
    await stack.stop();
  });
  after(() => rm(profiles, { recursive: true }));

  /** Another PIN, locking, a wrong PIN, and the right one: what is sealed with them lies in the files afterwards. */
  async function locksAndUnlocks(customer: Customer, agent: Agent): Promise<void> {
    const { page } = customer;
    const next = planted['the customer’s PIN'];
    await chooseFromMenu(page, 'Change PIN');
    await enterPin(page, 'Enter your present PIN', planted['the customer’s PIN of before']);
    await enterPin(page, 'Choose a new PIN', next);
    await enterPin(page, 'Repeat your PIN', next);
    await page.getByText('Your PIN is changed.').waitFor();
    await page.locator('secure-chat').evaluate((chat: SecureChatElement) => chat.lock());
    await stateOf(page, 'locked');
    await enterPin(page, 'Enter your PIN', planted['a wrong PIN']);
    await idlePad(page);
    await page.getByText('That is not your PIN.').waitFor();
    await enterPin(page, 'Enter your PIN', next);
    await customer.reads(planted['an agent’s message']);
    await agent.page.keyboard.press('Control+Shift+L');
    await agent.unlocks();
  }

  async function plantControls(page: Page): Promise<void> {
    await page.evaluate(async ({ database, storage, session, pin: digits }) => {
      localStorage.setItem('control', storage);
      localStorage.setItem('control PIN', digits);
      sessionStorage.setItem('control', session);
      const opened = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open('control', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('words');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error('no database'));
      });
      await new Promise<void>((resolve, reject) => {
        const change = opened.transaction('words', 'readwrite', { durability: 'strict' });
        change.objectStore('words').put({ text: database }, 'control');
        change.oncomplete = () => resolve();
        change.onerror = () => reject(new Error('not written'));
      });
      opened.close();
    }, control);
  }

  for (const who of ['customer', 'agent']) {
    it(`would be found: what was stored in the clear in the ${who}’s browser is`, () => {
      const foundIn = (text: string, when = ''): string =>
        places(text, seen.get(`the ${who}’s profile${when}`) ?? new Map<string, Buffer>()).join();
      expect(foundIn(control.database)).to.include('IndexedDB');
      expect(foundIn(control.storage)).to.include('Local Storage');
      expect(foundIn(control.pin)).to.include('Local Storage');
      expect(foundIn(control.session, ' while it was open')).to.include('Session Storage');
    });
  }

  it('would be found: the agent’s name is public, and with the relay and the customer', () => {
    for (const where of ['the relay’s files', 'the customer’s frames', 'the agent’s frames']) {
      expect(places(name, seen.get(where) ?? new Map()), where).not.to.be.empty;
    }
    expect(places(name, seen.get('the relay’s log') ?? new Map())).to.be.empty;
  });

  for (const what of Object.keys(planted) as (keyof typeof planted)[]) {
    it(`are found nowhere: ${what}`, () => {
      for (const [where, contents] of seen) expect(places(planted[what], contents), where).to.deep.equal([]);
    });
  }
});
