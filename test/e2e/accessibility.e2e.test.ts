import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong with the whole page: the rules, and where. */
async function faults(page: Page): Promise<string[]> {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(source);
  const { violations, passes } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)} })`,
  );
  expect(passes.length).to.be.above(10);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.flat().join(' ')}`));
}

describe('accessibility of the whole pages', function () {
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

  it('holds when an agent joins and the desk is empty', async () => {
    await agent.visit(await stack.invitation());
    await agent.page.getByRole('textbox', { name: 'Your name' }).waitFor();
    expect(await faults(agent.page)).to.deep.equal([]);
    await agent.page.getByRole('textbox', { name: 'Your name' }).fill('Sara');
    await agent.page.getByRole('button', { name: 'Make keys and ask to join' }).click();
    await agent.page.getByRole('application', { name: 'Choose a PIN' }).waitFor();
    expect(await faults(agent.page)).to.deep.equal([]);
    await agent.chooses();
    await agent.isIn();
    expect(await faults(agent.page)).to.deep.equal([]);
  });

  it('holds before the chat is opened, and when it waits for its first message', async () => {
    await customer.visit(stack.page());
    await customer.launcher.waitFor();
    expect(await faults(customer.page)).to.deep.equal([]);
    await customer.opensChat();
    await customer.page.waitForTimeout(500); // what moves has come to rest
    expect(await faults(customer.page)).to.deep.equal([]);
  });

  it('holds in a conversation, on both sides, light and dark', async () => {
    await customer.says('Hello there');
    await agent.claims();
    await agent.says('Hello to you, see https://example.com/');
    await customer.reads('Sara joined');
    await customer.sees('Read');
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const { page } of [customer, agent]) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(500);
        expect(await faults(page), colorScheme).to.deep.equal([]);
      }
    }
  });
});
