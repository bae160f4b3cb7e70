import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { Agent, AGENTS_PIN, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

/** The accessible name of what has the focus, wherever in the shadow trees it is. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
    return (element?.ariaLabel ?? label ?? element?.textContent ?? '').replace(/\s+/g, ' ').trim();
  });

/** Presses Tab until something with this name has the focus, as someone without a mouse does. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 80; presses++) {
    const here = await focused(page);
    if (name.test(here)) return;
    passed.push(here);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to ${String(name)}, only to: ${passed.join(' | ')}`);
}

describe('a conversation without a mouse', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;
  let agent: Agent;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    agent = await Agent.in(browser, 'Sara');
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('lets an agent in', async () => {
    await agent.visit(await stack.invitation());
    await agent.page.getByRole('textbox', { name: 'Your name' }).waitFor();
    await tabTo(agent.page, /^Your name$/);
    await agent.page.keyboard.type('Sara');
    await agent.page.keyboard.press('Enter');
    for (const name of ['Choose a PIN', 'Repeat your PIN']) {
      const entry = agent.page.getByRole('application', { name, exact: true });
      await entry.waitFor();
      expect(await entry.evaluate((element) => element.matches(':focus')), name).to.equal(true);
      await agent.page.keyboard.type(AGENTS_PIN);
      await agent.page.keyboard.press('Enter');
    }
    await agent.page.getByRole('button', { name: 'Not now' }).waitFor();
    await tabTo(agent.page, /^Not now$/);
    await agent.page.keyboard.press('Enter');
    await agent.isIn();
  });

  it('begins: the launcher is reached, opens, and puts the focus where one writes', async () => {
    await customer.visit(stack.page());
    await customer.launcher.waitFor();
    await tabTo(customer.page, /^Open chat/);
    await customer.page.keyboard.press('Enter');
    await customer.field.waitFor();
    await expectFocus(customer.page, /^Message$/);
    await customer.page.keyboard.type('Hello by keyboard');
    await customer.page.keyboard.press('Enter');
    await customer.reads('Hello by keyboard');
  });

  it('is claimed from the list and answered', async () => {
    await agent.waiting.getByText('Hello by keyboard').waitFor();
    await tabTo(agent.page, /^Claim$/);
    await agent.page.keyboard.press('Enter');
    await agent.field.waitFor();
    await agent.reads('Hello by keyboard');
    await tabTo(agent.page, /^Message$/);
    await agent.page.keyboard.type('Answer by keyboard');
    await agent.page.keyboard.press('Enter');
    await customer.reads('Answer by keyboard');
  });

  it('goes on by Tab and Enter on the send button', async () => {
    await expectFocus(customer.page, /^Message$/);
    await customer.page.keyboard.type('Second line');
    await tabTo(customer.page, /^Send$/);
    await customer.page.keyboard.press('Enter');
    await agent.reads('Second line');
    await customer.sees('Read');
  });

  it('closes by Escape, gives the focus back to the launcher, and opens again', async () => {
    await tabTo(customer.page, /^Message$/);
    await customer.page.keyboard.press('Escape');
    await customer.log.waitFor({ state: 'hidden' });
    await expectFocus(customer.page, /^Open chat/);
    await customer.page.keyboard.press('Space');
    await customer.reads('Answer by keyboard');
    await expectFocus(customer.page, /^Message$/);
  });
});

async function expectFocus(page: Page, name: RegExp): Promise<void> {
  await page.waitForFunction(() => document.activeElement !== document.body);
  const end = Date.now() + 5_000;
  while (!name.test(await focused(page)) && Date.now() < end) await page.waitForTimeout(50);
  expect(await focused(page)).to.match(name);
}
