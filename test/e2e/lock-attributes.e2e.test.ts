import { expect } from 'chai';
import type { Browser, Locator } from 'playwright-core';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { Customer, launchBrowser } from '../support/browser.ts';
import { enterPin, padOf, stateOf, storedBy } from '../support/lock-steps.ts';
import { Stack } from '../support/stack.ts';

const PIN = '739164';
const HELLO = 'This stays between us';

describe('a page that says how the chat is locked and kept', function () {
  this.timeout(90_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;

  const card = (): Locator => customer.page.getByRole('heading', { name: 'Keep this chat on this device' });
  const welcome = (): Locator => customer.page.getByRole('dialog').getByText('How can we help?');

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  /** A customer writes on pages whose chat has one more attribute. */
  async function begins(attribute: string, value: string): Promise<void> {
    customer = await Customer.in(browser);
    await customer.context.addInitScript(
      // Everything is parsed then, and no module has run.
      (given) => {
        document.addEventListener(
          'readystatechange',
          () => document.querySelector('secure-chat')?.setAttribute(...given),
          { once: true },
        );
      },
      [attribute, value] as [string, string],
    );
    await customer.visit(stack.page('cards.html'));
    await customer.opensChat();
    await customer.says(HELLO);
  }
  afterEach(() => customer.leaves());

  async function setsPin(): Promise<void> {
    await customer.page.getByRole('button', { name: 'Choose a PIN' }).click();
    await enterPin(customer.page, 'Choose a PIN', PIN);
    await enterPin(customer.page, 'Repeat your PIN', PIN);
    await customer.page.getByText('Your PIN is set.').waitFor();
  }

  it('locks all tabs by itself when nobody uses any, and not before', async () => {
    const idle = 9_000;
    await begins('lock-after', String(idle / 60_000));
    await setsPin();
    const first = customer.page;
    await customer.opensTab(stack.page('payments.html'));
    await customer.opensChat();
    for (let typed = 0; typed < 1.5 * idle; typed += 1_000) {
      await customer.field.press('a');
      await customer.page.waitForTimeout(1_000);
    }
    for (const page of [customer.page, first]) {
      expect(await page.locator('secure-chat').evaluate((chat: SecureChatElement) => chat.locked)).to.equal(false);
    }
    const since = performance.now();
    await Promise.all([stateOf(customer.page, 'locked'), stateOf(first, 'locked')]);
    expect(performance.now() - since).to.be.above(idle - 3_000);
    await customer.page.reload();
    await stateOf(customer.page, 'locked');
  });

  it('asks on every page with lock-after="0"', async () => {
    await begins('lock-after', '0');
    await setsPin();
    expect(await customer.page.evaluate(() => Object.keys(sessionStorage))).to.deep.equal([]);
    await customer.visit(stack.page('payments.html'));
    await customer.page.getByRole('button', { name: 'Open chat, locked' }).click();
    await enterPin(customer.page, 'Enter your PIN', PIN);
    await customer.reads(HELLO);
    await customer.page.reload();
    await stateOf(customer.page, 'locked');
  });

  it('invites to no lock with lock="off", and takes a PIN from whoever asks for one', async () => {
    await begins('lock', 'off');
    await customer.page.waitForTimeout(500);
    expect(await card().count()).to.equal(0);
    await customer.page.locator('secure-chat').evaluate((chat: SecureChatElement) => chat.changePin());
    await padOf(customer.page, 'Choose a PIN').waitFor();
  });

  it('stores nothing with history="none", and there is nothing to lock', async () => {
    await begins('history', 'none');
    await customer.page.waitForTimeout(500);
    expect(await card().count()).to.equal(0);
    expect(await storedBy(customer.page)).to.deep.equal({ rows: 0, keys: [] });
    const refused = await customer.page
      .locator('secure-chat')
      .evaluate((chat: SecureChatElement) => chat.lock().catch((error: { code: string }) => error.code));
    expect(refused).to.equal('vault-no-lock');
    await customer.page.reload();
    await customer.opensChat();
    await welcome().waitFor();
    expect(await customer.page.getByText(HELLO).count()).to.equal(0);
  });

  it('keeps as long as the tab with history="session", and no longer', async () => {
    await begins('history', 'session');
    await customer.visit(stack.page('payments.html'));
    await customer.opensChat();
    await customer.reads(HELLO);
    expect(await card().count()).to.equal(0);
    await customer.closeTab();
    await customer.opensTab(stack.page('cards.html'));
    await customer.opensChat();
    await welcome().waitFor();
    expect(await customer.page.getByText(HELLO).count()).to.equal(0);
  });
});
