import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

describe('two agents claim the same customer at once', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;
  let agents: Agent[];
  let winner: Agent;
  let loser: Agent;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    agents = await Promise.all(['Sara', 'Tom'].map((name) => Agent.in(browser, name)));
    for (const agent of agents) await agent.enrols(await stack.invitation());
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says('Who will it be?');
    for (const agent of agents) await agent.waiting.getByRole('button', { name: 'Claim', exact: true }).waitFor();
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('gives it to one of them, and tells the other at once who was faster', async () => {
    const buttons = await Promise.all(
      agents.map(({ waiting }) => waiting.getByRole('button', { name: 'Claim', exact: true }).elementHandle()),
    );
    // Without looking first, as Playwright would: the slower one may find that the button has just gone.
    await Promise.all(buttons.map((button) => button?.evaluate((element) => (element as HTMLElement).click())));
    winner = await Promise.any(agents.map((agent) => agent.field.waitFor().then(() => agent)));
    loser = agents.find((agent) => agent !== winner) as Agent;
    await loser.page.getByText(`Taken by ${winner.name}`).first().waitFor();
  });

  it('lets the one write and not the other', async () => {
    await winner.says('It is me');
    await customer.reads('It is me');
    await customer.reads(`${winner.name} joined`);
    expect(await customer.count(`${loser.name} joined`)).to.equal(0);
    expect(await loser.field.count()).to.equal(0);
    expect(await loser.waiting.getByRole('button', { name: 'Claim', exact: true }).count()).to.equal(0);
  });

  it('keeps what is said from then on from the other', async () => {
    await customer.says('Good that it is you');
    await winner.reads('Good that it is you');
    expect(await loser.page.getByText('Good that it is you').count()).to.equal(0);
    expect(await loser.page.getByText('It is me', { exact: true }).count()).to.equal(0);
  });
});
