import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

const WORD = 'Hello from Lisbon';

describe('how long a conversation is kept', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  /** The demo's page with another attribute, on every load. */
  const visit = async (history: 'session' | 'none'): Promise<Customer> => {
    const customer = await Customer.in(browser);
    await customer.context.addInitScript((value) => {
      (window.secureChat ??= []).push((chat) => (chat.history = value));
    }, history);
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says(WORD);
    return customer;
  };
  const inChat = (page: Page): ReturnType<Page['getByText']> => page.locator('secure-chat').getByText(WORD);
  const marks = (page: Page): Promise<string[]> =>
    page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('sc:')));
  const verified = (page: Page): Promise<string | undefined> =>
    page.evaluate(() => (document.querySelector('secure-chat') as SecureChatElement).verification?.storage);

  it('session: over a reload, and in no other tab', async () => {
    const customer = await visit('session');
    const { page } = customer;
    await page.reload();
    await customer.opensChat();
    await inChat(page).first().waitFor();
    const other = Customer.of(page.context()); // its next tab
    await other.visit(stack.page());
    await other.opensChat();
    await other.page.locator('secure-chat').getByText('How can we help?').waitFor();
    expect(await inChat(other.page).count()).to.equal(0);
    await other.says('Another matter');
    expect(await marks(page)).to.deep.equal([]);
  });

  it('none: not over a reload, and nothing is stored', async () => {
    const customer = await visit('none');
    const { page } = customer;
    expect(await verified(page)).to.equal('memory');
    expect(await page.evaluate(() => indexedDB.databases())).to.deep.equal([]);
    expect(await marks(page)).to.deep.equal([]);
    expect(await page.evaluate(() => sessionStorage.length)).to.equal(0);
    await page.reload();
    await customer.opensChat();
    await page.locator('secure-chat').getByText('How can we help?').waitFor();
    expect(await inChat(page).count()).to.equal(0);
  });
});
