import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Customer, launchBrowser } from '../support/browser.ts';
import { enterPin } from '../support/lock-steps.ts';
import { Stack } from '../support/stack.ts';

const PIN = '739164';
const HELLO = 'Please do not forget me';
const TOLD = 'The browser has removed the conversations that were stored here.';

describe('a browser that removes what is stored', function () {
  this.timeout(60_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  beforeEach(async () => {
    customer = await Customer.in(browser);
    await customer.context.addInitScript(() => {
      addEventListener('sc-storage-lost', ({ detail }) => (document.title = `lost: ${detail.code}`), { capture: true });
    });
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says(HELLO);
  });
  afterEach(() => customer.leaves());

  /** As browsers do when space runs low: the databases go, and what the page has put beside them may stay. */
  async function evicts(): Promise<void> {
    const session = await customer.context.newCDPSession(customer.page);
    await session.send('Storage.clearDataForOrigin', { origin: stack.origin, storageTypes: 'indexeddb' });
    await session.detach();
  }

  const lost = (): Promise<string> => customer.page.title();
  const told = (): Promise<void> => customer.page.getByText(TOLD).waitFor();

  it('is noticed on the next visit, and said; a new conversation begins', async () => {
    await customer.visit('about:blank');
    await evicts();
    await customer.visit(stack.page());
    await customer.page.waitForFunction(() => document.title.startsWith('lost:'));
    expect(await lost()).to.equal('lost: storage-evicted');
    await customer.opensChat();
    await told();
    expect(await customer.page.getByText(HELLO).count()).to.equal(0);
    await customer.says('Then once more');
  });

  it('is said once: the next page speaks of it no more', async () => {
    await customer.visit('about:blank');
    await evicts();
    await customer.visit(stack.page());
    await customer.opensChat();
    await told();
    await customer.visit(stack.page('help.html'));
    await customer.opensChat();
    await customer.page.getByRole('dialog').getByText('How can we help?').waitFor();
    expect(await customer.page.getByText(TOLD).count()).to.equal(0);
    expect(await lost()).not.to.include('lost:');
  });

  it('is noticed and said also where a PIN was set: nobody is asked for it in vain', async () => {
    await customer.page.getByRole('button', { name: 'Choose a PIN' }).click();
    await enterPin(customer.page, 'Choose a PIN', PIN);
    await enterPin(customer.page, 'Repeat your PIN', PIN);
    await customer.page.getByText('Your PIN is set.').waitFor();
    await customer.visit('about:blank');
    await evicts();
    await customer.visit(stack.page());
    await customer.opensChat();
    await told();
    expect(await lost()).to.equal('lost: storage-evicted');
  });

  it('is said at once where the chat is open', async () => {
    await evicts();
    await customer.page.getByText('The stored conversations on this device are gone.').waitFor();
    expect(await lost()).to.equal('lost: store-lost');
  });
});
