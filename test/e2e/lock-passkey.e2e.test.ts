import { expect } from 'chai';
import type { Browser, Locator } from 'playwright-core';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { chooseFromMenu, enterPin, everythingIn, padOf, plugInAuthenticator, stateOf } from '../support/lock-steps.ts';
import { Stack } from '../support/stack.ts';

const PIN = '739164';
const NEXT = '602915';
const HELLO = 'I would like to move house';

describe('a chat with a passkey', function () {
  this.timeout(90_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;
  let agent: Agent;

  const shows = (text: string): Promise<void> => customer.page.getByText(text).waitFor();
  const button = (name: string): Locator => customer.page.getByRole('button', { name, exact: true });
  const offline = (is: boolean): Promise<void> => customer.context.setOffline(is);

  async function locks(): Promise<void> {
    await customer.page.locator('secure-chat').evaluate((chat: SecureChatElement) => chat.lock());
    await stateOf(customer.page, 'locked');
    await customer.log.waitFor({ state: 'detached' });
    expect(await everythingIn(customer.page)).not.to.include(HELLO);
  }

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    agent = await Agent.in(browser, 'Sara');
    await agent.enrols(await stack.invitation());
    await customer.visit(stack.page());
    await plugInAuthenticator(customer.page);
    await customer.opensChat();
    await customer.says(HELLO);
    await agent.claims();
    await agent.reads(HELLO);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('takes one in place of a PIN, and opens by it alone', async () => {
    await button('Use a passkey').click();
    await shows('Your passkey is set.');
    await locks();
    await shows('Only your passkey opens it.');
    expect(await padOf(customer.page).count()).to.equal(0);
    await button('Use a passkey').click();
    await customer.reads(HELLO);
  });

  it('asks nothing on the next page of the tab', async () => {
    await customer.page.reload();
    await customer.opensChat();
    await customer.reads(HELLO);
  });

  it('opens without a connection too, and sends what was written when there is one again', async () => {
    await locks();
    await offline(true);
    await button('Use a passkey').click();
    await customer.reads(HELLO);
    await shows('You are offline.');
    await customer.says('By the sea');
    await customer.sees('Sending');
    await offline(false);
    await agent.reads('By the sea');
  });

  it('takes a PIN beside it, which only a connection checks', async () => {
    await chooseFromMenu(customer.page, 'Set a PIN');
    await enterPin(customer.page, 'Choose a PIN', PIN);
    await enterPin(customer.page, 'Repeat your PIN', PIN);
    await shows('Your PIN is set.');
    await locks();
    await offline(true);
    await enterPin(customer.page, 'Enter your PIN', PIN);
    await shows('There is no connection');
    await button('Use a passkey').click();
    await customer.reads('By the sea');
    await offline(false);
    await customer.page.getByText('You are offline.').waitFor({ state: 'detached' });
  });

  it('gives another PIN in place of a forgotten one', async () => {
    await chooseFromMenu(customer.page, 'Change PIN');
    await button('Forgot it? Use your passkey').click();
    await enterPin(customer.page, 'Choose a new PIN', NEXT);
    await enterPin(customer.page, 'Repeat your PIN', NEXT);
    await shows('Your PIN is changed.');
    await locks();
    await enterPin(customer.page, 'Enter your PIN', PIN);
    await shows('You have 9 tries left');
    await enterPin(customer.page, 'Enter your PIN', NEXT);
    await customer.reads(HELLO);
  });

  it('is removed when it is not wanted any more: the PIN alone opens then', async () => {
    await chooseFromMenu(customer.page, 'Remove passkey');
    await shows('Remove the passkey? After that, only your PIN opens this chat.');
    await button('Remove').click();
    await shows('The passkey is removed.');
    await locks();
    await padOf(customer.page).waitFor();
    expect(await button('Use a passkey').count()).to.equal(0);
    await enterPin(customer.page, 'Enter your PIN', NEXT);
    await customer.reads(HELLO);
    await customer.reads('By the sea');
  });
});
