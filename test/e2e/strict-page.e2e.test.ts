import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

interface Violation {
  readonly directive: string;
  readonly blocked: string;
}

/** Collects what a page's policy blocked, from before its first script on. */
function collectViolations(): void {
  const list: Violation[] = [];
  Object.assign(globalThis, { violations: list });
  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
    list.push({ directive: effectiveDirective, blocked: blockedURI });
  });
}

const violationsOf = (person: Customer | Agent): Promise<Violation[]> =>
  person.page.evaluate(() => (globalThis as unknown as { violations: Violation[] }).violations);

describe('pages with the strictest policy', function () {
  this.timeout(120_000);
  const pages = [
    'index.html',
    'payments.html',
    'cards.html',
    'mortgage.html',
    'help.html',
    'settings.html',
    'logout.html',
  ];
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;
  let agent: Agent;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    agent = await Agent.in(browser, 'Sara');
    for (const { context } of [customer, agent]) await context.addInitScript(collectViolations);
    await agent.enrols(await stack.invitation());
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('are served under it', async () => {
    const { headers } = await fetch(stack.page());
    expect(headers.get('content-security-policy')).to.equal(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        `connect-src 'self' ${stack.relay}; require-trusted-types-for 'script'; trusted-types lit-html secure-chat`,
    );
    expect((await fetch(`${stack.origin}/desk`)).headers.get('content-security-policy'))
      .to.match(/^default-src 'none'; script-src 'self'; style-src 'self';/)
      // PINs are stretched there.
      .and.to.include("; worker-src 'self';");
  });

  it('hold a whole conversation without a violation', async () => {
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says('See https://example.com/ and <b>this</b> <img src=x onerror=alert(1)>');
    await agent.claims();
    await agent.says('<script>alert(1)</script> javascript:alert(1)');
    await customer.reads('<script>alert(1)</script> javascript:alert(1)');
    await customer.sees('Read');
    for (const person of [customer, agent]) expect(await violationsOf(person)).to.deep.equal([]);
  });

  it('show the chat on every page of the bank', async () => {
    for (const name of pages) {
      await customer.visit(stack.page(name));
      await customer.opensChat();
      await customer.reads('<script>alert(1)</script> javascript:alert(1)');
      expect(await violationsOf(customer), name).to.deep.equal([]);
    }
  });

  it('have nothing to complain of, and ask nobody else for anything', () => {
    for (const { watch } of [customer, agent]) {
      expect(watch.complaints).to.deep.equal([]);
      expect([...watch.origins]).to.deep.equal([stack.origin]);
      expect(new Set(watch.sockets)).to.deep.equal(new Set([`${stack.relay}/v1`]));
    }
  });

  it('would tell of a violation: the policy is in force', async () => {
    await customer.page.evaluate(() => {
      const style = document.createElement('style');
      style.textContent = 'body { color: red }';
      document.head.append(style);
    });
    expect((await violationsOf(customer)).map(({ directive }) => directive)).to.deep.equal(['style-src-elem']);
    const sink = await customer.page.evaluate(() => {
      try {
        document.body.insertAdjacentHTML('beforeend', '<p></p>');
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(sink).to.equal('TypeError');
  });
});
