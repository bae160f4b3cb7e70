import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

const WORD = 'Hello from Lisbon';
const PIN = '284937';

describe('a customer who locks the chat', function () {
  this.timeout(180_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;

  const chat = (page: Page): ReturnType<Page['locator']> => page.locator('secure-chat');
  const enter = async (page: Page, pin: string): Promise<void> => {
    await chat(page).getByRole('application', { name: /PIN/ }).focus();
    await page.keyboard.type(pin);
    await page.keyboard.press('Enter');
  };
  const state = (page: Page): Promise<string> =>
    page.evaluate(() => (document.querySelector('secure-chat') as SecureChatElement).state);
  const isLocked = (page: Page): Promise<void> =>
    chat(page).getByRole('heading', { name: 'Enter your PIN' }).waitFor({ state: 'attached' });

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says(WORD);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('is invited after the first message, and chooses a PIN', async () => {
    const { page } = customer;
    await chat(page).getByRole('button', { name: 'Choose a PIN' }).click();
    await chat(page).getByRole('heading', { name: 'Choose a PIN' }).waitFor();
    await enter(page, '111111');
    await enter(page, '111111');
    await chat(page).getByText('Too many people choose that PIN').waitFor();
    await enter(page, PIN);
    await chat(page).getByRole('heading', { name: 'Repeat your PIN' }).waitFor();
    await enter(page, PIN);
    await chat(page).getByText('Your PIN is set').waitFor();
  });

  it('is asked for nothing after a reload', async () => {
    const { page } = customer;
    await page.reload();
    await customer.opensChat();
    await chat(page).getByText(WORD).first().waitFor();
  });

  it('locks every tab at once, and opens every tab with one PIN', async () => {
    const { page } = customer;
    const second = await page.context().newPage();
    await second.goto(stack.page());
    await second.evaluate(() => customElements.whenDefined('secure-chat').then(() => undefined));
    await second.evaluate(() => (document.querySelector('secure-chat') as SecureChatElement).show());
    await chat(second).getByText(WORD).first().waitFor({ state: 'attached' });
    await page.bringToFront();
    await page.evaluate(() => (document.querySelector('secure-chat') as SecureChatElement).lock());
    await Promise.all([isLocked(page), isLocked(second)]);
    expect(await page.content()).not.to.contain(WORD);
    expect(await state(second)).to.equal('locked');
    await enter(page, '111222');
    await chat(page).getByText('You have 9 tries left').waitFor();
    await enter(page, PIN);
    await chat(page).getByText(WORD).first().waitFor();
    await second.bringToFront();
    await chat(second).getByText(WORD).first().waitFor();
    await second.close();
  });

  it('changes the PIN', async () => {
    const { page } = customer;
    await page.bringToFront();
    await page.evaluate(() => (document.querySelector('secure-chat') as SecureChatElement).changePin());
    await enter(page, PIN);
    await chat(page).getByRole('heading', { name: 'Choose a new PIN' }).waitFor();
    await enter(page, '831942');
    await chat(page).getByRole('heading', { name: 'Repeat your PIN' }).waitFor();
    await enter(page, '831942');
    await chat(page).getByText('Your PIN is changed').waitFor();
  });

  it('forgets it, and begins anew', async () => {
    const { page } = customer;
    await page.evaluate(() => (document.querySelector('secure-chat') as SecureChatElement).lock());
    await isLocked(page);
    await chat(page).getByRole('button', { name: 'Forgot your PIN?' }).click();
    await chat(page).getByRole('button', { name: 'Delete and start over' }).click();
    await chat(page).getByText('How can we help?').waitFor();
    expect(await page.content()).not.to.contain(WORD);
    await customer.says('Hello again');
  });
});
