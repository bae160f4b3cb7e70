import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

describe('the relay is killed in the middle of a conversation', function () {
  this.timeout(150_000);
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
    await customer.says('Before the storm');
    await agent.claims();
    await agent.says('I am here');
    await customer.reads('I am here');
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  /** Both have all of it, each once, in the order in which its sender wrote it. */
  async function expectWhole(words: readonly string[], from: Customer | Agent, to: Customer | Agent): Promise<void> {
    for (const word of words) await to.reads(word, 60_000);
    for (const person of [from, to]) {
      for (const word of words) expect(await person.count(word), word).to.equal(1);
      const text = await person.log.innerText();
      const places = words.map((word) => text.indexOf(word));
      expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    }
  }

  it('delivers afterwards what was written meanwhile, once', async () => {
    await stack.killRelay();
    const asked = [1, 2, 3].map((n) => `Are you still there, ${n}?`);
    const told = [1, 2].map((n) => `Yes, number ${n}`);
    for (const word of asked) await customer.says(word);
    for (const word of told) await agent.says(word);
    expect(await agent.count('Are you still there, 1?')).to.equal(0);
    await stack.startRelay();
    await expectWhole(asked, customer, agent);
    await expectWhole(told, agent, customer);
  });

  it('loses and doubles nothing of what is under way at that moment', async () => {
    const words = Array.from({ length: 12 }, (_, n) => `Line ${n + 1} of twelve`);
    const replies = Array.from({ length: 6 }, (_, n) => `Reply ${n + 1} of six`);
    const writing = (async () => {
      for (const word of words) await customer.says(word);
    })();
    const answering = (async () => {
      for (const word of replies) await agent.says(word);
    })();
    await customer.reads('Line 3 of twelve');
    await stack.killRelay();
    await Promise.all([writing, answering]);
    await stack.startRelay();
    await expectWhole(words, customer, agent);
    await expectWhole(replies, agent, customer);
  });

  it('goes on as if nothing had been', async () => {
    await customer.says('That was quite something');
    await agent.reads('That was quite something');
    await agent.says('It was');
    await customer.reads('It was');
    await agent.sees('Delivered');
  });
});
