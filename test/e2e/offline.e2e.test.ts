import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

describe('a customer without a network', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;
  let agent: Agent;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    agent = await Agent.in(browser, 'Sara');
    await agent.enrols(await stack.invitation());
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says('I am on a train');
    await agent.claims();
    await agent.says('Have a good journey');
    await customer.reads('Have a good journey');
    await customer.sees('Read');
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('sees that they are offline and that the message waits', async () => {
    await customer.context.setOffline(true);
    await customer.page.getByText(/^You are offline/).waitFor();
    await customer.says('Here comes the tunnel');
    await customer.sees('Sending');
    expect(await agent.count('Here comes the tunnel')).to.equal(0);
  });

  it('has it sent by itself when the network is back, once', async () => {
    await customer.context.setOffline(false);
    await agent.reads('Here comes the tunnel', 60_000);
    await customer.page.getByText(/^You are offline/).waitFor({ state: 'detached' });
    await customer.sees('Read', 2);
    await agent.says('And there is light again');
    await customer.reads('And there is light again');
    for (const person of [customer, agent]) expect(await person.count('Here comes the tunnel')).to.equal(1);
  });

  it('may close the tab meanwhile: the message goes out on the next visit, without opening the chat', async () => {
    await customer.context.setOffline(true);
    await customer.page.getByText(/^You are offline/).waitFor();
    await customer.says('My stop is near');
    await customer.closeTab();
    await customer.context.setOffline(false);
    await customer.visit(stack.page('cards.html'));
    await agent.reads('My stop is near', 60_000);
    expect(await agent.count('My stop is near')).to.equal(1);
  });
});
