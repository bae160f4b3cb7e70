import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { until } from '../support/relay-world.ts';
import { Stack } from '../support/stack.ts';

describe('a customer asks and an agent answers', function () {
  this.timeout(90_000);
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

  it('lets an invited agent in after approval, with the fingerprint that the administrator saw', async () => {
    await agent.visit(await stack.invitation());
    await agent.page.getByRole('textbox', { name: 'Your name' }).fill('Sara');
    expect(agent.page.url()).to.equal(`${stack.origin}/desk`);
    stack.approves = false;
    await agent.page.getByRole('button', { name: 'Make keys and ask to join' }).click();
    await agent.chooses();
    await until(() => stack.requests.length === 1, 10_000);
    const [request] = stack.requests;
    if (request === undefined) throw new Error('a request is there');
    expect([request.name, request.role]).to.deep.equal(['Sara', 'agent']);
    const shown = agent.page.getByRole('main');
    await shown.getByText('compare this fingerprint').waitFor();
    for (const group of request.fingerprint.split(' ')) expect(await shown.innerText()).to.include(group);
    expect(stack.desk.members).to.be.empty;
    await stack.approve(request);
    await agent.isIn();
    expect(stack.problems).to.be.empty;
  });

  it('brings the first message to the desk’s waiting list', async () => {
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says('Hello, my card is gone');
    await agent.waiting.getByText('Hello, my card is gone').waitFor();
  });

  it('lets the agent claim it and both read each other', async () => {
    await agent.claims();
    await agent.reads('Hello, my card is gone');
    await agent.says('I have frozen it for you');
    await customer.reads('I have frozen it for you');
    await customer.reads('Sara joined');
    expect(await agent.waiting.getByRole('listitem').count()).to.equal(0);
  });

  it('shows how far a message has come', async () => {
    await customer.sees('Read');
    // Customers tell that they have read only where the page says so.
    await agent.sees('Delivered');
    expect(await agent.count('Read')).to.equal(0);
    await customer.page.locator('secure-chat').evaluate((chat) => chat.toggleAttribute('receipts', true));
    await agent.says('Is there anything else?');
    await agent.sees('Read');
  });

  it('shows that the other is typing, and no more when it stops', async () => {
    await agent.field.pressSequentially('One moment', { delay: 20 });
    const typing = customer.log.getByText('Sara is typing');
    await typing.waitFor({ state: 'attached' });
    await agent.field.fill('');
    await typing.waitFor({ state: 'detached' });
  });

  it('keeps each message once, in the order it was said', async () => {
    for (const n of [1, 2, 3]) await customer.says(`And question ${n}`);
    await agent.reads('And question 3');
    await agent.says('Three answers');
    await customer.reads('Three answers');
    const words = [
      'Hello, my card is gone',
      'I have frozen it for you',
      'And question 1',
      'And question 2',
      'And question 3',
    ];
    for (const person of [customer, agent]) {
      const text = await person.log.innerText();
      const places = words.map((word) => text.indexOf(word));
      expect(places).to.deep.equal([...places].sort((a, b) => a - b));
      expect(places[0]).to.be.at.least(0);
      for (const word of words) expect(await person.count(word), word).to.equal(1);
    }
  });

  it('causes no complaint, and asks nobody else for anything', () => {
    for (const { watch } of [customer, agent]) {
      expect(watch.complaints).to.deep.equal([]);
      expect([...watch.origins]).to.deep.equal([stack.origin]);
      expect(watch.sockets.every((url) => url.startsWith(`${stack.relay}/v1`))).to.equal(true);
    }
  });
});
