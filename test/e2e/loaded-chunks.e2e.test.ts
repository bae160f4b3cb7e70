import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

interface ChunkLists {
  readonly atOnce: readonly string[];
  readonly beforeFirstMessage: readonly string[];
  readonly onDemand: readonly string[];
  readonly otherHistory: readonly string[];
  readonly worker: readonly string[];
}

describe('what a chat loads until the first message', function () {
  this.timeout(60_000);
  let stack: Stack;
  let browser: Browser;
  const lists = JSON.parse(readFileSync('dist/browser/chunks.json', 'utf8')) as Record<string, ChunkLists>;
  const { atOnce, beforeFirstMessage, onDemand, otherHistory, worker } = lists['secure-chat.js'] as ChunkLists;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    // Without anybody at the desk nothing is sent.
    const agent = await Agent.in(browser, 'Sara');
    await agent.enrols(await stack.invitation());
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('is what the build says, on which the limits of size rest', async () => {
    const customer = await Customer.in(browser);
    const loaded = new Set<string>();
    customer.context.on('request', (request) => {
      const path = new URL(request.url()).pathname;
      const known = [...beforeFirstMessage, ...onDemand, ...otherHistory, ...worker].find((file) =>
        path.endsWith(`/${file}`),
      );
      if (known !== undefined) loaded.add(known);
    });
    await customer.visit(stack.page());
    await customer.launcher.waitFor();
    expect([...loaded].sort()).to.deep.equal([...atOnce].sort());
    await customer.opensChat();
    await customer.page.waitForLoadState('networkidle');
    expect([...loaded].sort()).to.deep.equal([...beforeFirstMessage].sort());
    await customer.says('Hello');
    await customer.sees('Sent');
  });
});
