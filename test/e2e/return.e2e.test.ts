import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { until } from '../support/relay-world.ts';
import { Stack } from '../support/stack.ts';

describe('a customer closes the tab and comes back', function () {
  this.timeout(90_000);
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
    await customer.says('I want to pay back my loan');
    await agent.claims();
    await agent.says('Which one do you mean?');
    await customer.reads('Which one do you mean?');
    await customer.says('The one for the car');
    await agent.reads('The one for the car');
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('is told on another page that there is something new, before the chat is opened', async () => {
    await customer.closeTab();
    await agent.says('You can do that today');
    await agent.says('It costs nothing');
    await customer.visit(stack.page('payments.html'));
    await customer.page.getByRole('button', { name: 'Open chat, 2 unread messages' }).waitFor();
  });

  it('finds the answers and all that was said before, each once and in order', async () => {
    await customer.opensChat();
    const words = [
      'I want to pay back my loan',
      'Which one do you mean?',
      'The one for the car',
      'You can do that today',
      'It costs nothing',
    ];
    for (const word of words) await customer.reads(word);
    for (const word of words) expect(await customer.count(word), word).to.equal(1);
    const text = await customer.log.innerText();
    const places = words.map((word) => text.indexOf(word));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    await agent.sees('Delivered', 3);
  });

  it('goes on with the same agent, also from a second tab', async () => {
    await customer.says('Then I do it now');
    await agent.reads('Then I do it now');
    const tab = customer.page;
    await customer.opensTab(stack.page('help.html'));
    await customer.opensChat();
    await customer.reads('Then I do it now');
    await customer.says('Done, thank you');
    await agent.reads('Done, thank you');
    await tab.getByRole('log', { name: 'Conversation' }).getByText('Done, thank you', { exact: true }).waitFor();
    expect(await agent.count('Done, thank you')).to.equal(1);
  });

  it('finds an unsent draft on the next page', async () => {
    await customer.field.fill('One more thing');
    await customer.page.waitForTimeout(1_000);
    await customer.visit(stack.page('cards.html'));
    await customer.opensChat();
    await until(async () => (await customer.field.inputValue()) === 'One more thing');
    expect(await agent.count('One more thing')).to.equal(0);
  });
});
