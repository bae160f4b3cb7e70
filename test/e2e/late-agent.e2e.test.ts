import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

describe('an agent who is enrolled later', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;
  const customers: Customer[] = [];

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  const asks = async (text: string): Promise<Customer> => {
    const customer = await Customer.in(browser);
    customers.push(customer);
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says(text);
    return customer;
  };

  it('finds who asked before there was any agent at all, and can answer', async () => {
    const customer = await asks('Is anybody there yet?');
    const sara = await Agent.in(browser, 'Sara');
    await sara.enrols(await stack.invitation());
    await sara.claims();
    await sara.reads('Is anybody there yet?');
    await sara.says('Now there is');
    await customer.reads('Now there is');
    await sara.leaves();
  });

  it('finds those who wait, the longest first, and reads them when claiming', async () => {
    const first = await asks('I came first');
    await asks('I came second');
    const tom = await Agent.in(browser, 'Tom');
    await tom.enrols(await stack.invitation());
    const rows = tom.waiting.getByRole('listitem');
    await rows.nth(1).waitFor();
    expect(await rows.count()).to.equal(2);
    await tom.claims();
    await tom.reads('I came first');
    await tom.says('Welcome, first one');
    await first.reads('Welcome, first one');
    await tom.claims();
    await tom.reads('I came second');
    expect(stack.desk.members.map(({ name }) => name)).to.have.members(['Sara', 'Tom']);
    expect(stack.desk.signed?.position.version).to.be.at.least(3);
  });
});
