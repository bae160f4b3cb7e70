import { expect } from 'chai';
import type { Browser, Locator } from 'playwright-core';
import { Agent, AGENTS_PIN, Customer, launchBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

const WORD = 'Hello from Lisbon';

describe('a desk with a lock', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;
  let agent: Agent;

  const locked = (): Locator => agent.page.getByRole('heading', { name: 'Locked', exact: true });
  const pad = (): Locator => agent.page.getByRole('application', { name: 'Enter your PIN', exact: true });
  const enter = async (pin: string): Promise<void> => {
    await pad().waitFor();
    await agent.page.keyboard.type(pin);
    await agent.page.keyboard.press('Enter');
  };

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    agent = await Agent.in(browser, 'Sara');
    await agent.enrols(await stack.invitation());
    await customer.visit(stack.page());
    await customer.opensChat();
    await customer.says(WORD);
    await agent.claims();
    await agent.reads(WORD);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('asks for the PIN after a reload, and says neither whose it is nor what is in it', async () => {
    await agent.page.reload();
    await locked().waitFor();
    expect(await agent.page.title()).to.equal('Desk');
    expect(await agent.page.getByRole('main').innerText()).not.to.match(/Tidewell|Sara|Lisbon/);
  });

  it('says how many tries are left, and opens with the right one', async () => {
    await enter('111222');
    await agent.page.getByText('You have 9 tries left').waitFor();
    await enter(AGENTS_PIN);
    await agent.isIn();
    await agent.mine.getByText(WORD).click();
    await agent.reads(WORD);
  });

  it('opens the next tab by the one that is open, and locks both with one button', async () => {
    const first = agent.page;
    await agent.opensTab(`${stack.origin}/desk`);
    await agent.isIn();
    await agent.page.getByRole('button', { name: 'Lock now', exact: true }).click();
    await locked().waitFor();
    await first.getByRole('heading', { name: 'Locked', exact: true }).waitFor();
    expect(await first.getByText(WORD).count()).to.equal(0);
    await agent.closeTab();
    await agent.opensTab(`${stack.origin}/desk`);
    await locked().waitFor();
    await first.close();
  });

  it('counts what arrives until it is locked, and loses nothing that arrives then', async () => {
    await customer.says('Are you there?');
    await enter(AGENTS_PIN);
    await agent.isIn();
    await agent.mine.getByText('Are you there?').waitFor();
    await agent.page.keyboard.press('Control+Shift+L');
    await agent.page.getByText('1 unread message').waitFor();
    await agent.page.waitForFunction(() => document.title === '(1) Desk');
  });

  it('takes another PIN, which is the only one then', async () => {
    await agent.unlocks();
    await agent.page.getByRole('button', { name: 'PIN and passkey' }).click();
    await agent.page.getByRole('button', { name: 'Change PIN' }).click();
    for (const [question, pin] of [
      ['Enter your present PIN', AGENTS_PIN],
      ['Choose a new PIN', '602915'],
      ['Repeat your PIN', '602915'],
    ] as const) {
      await agent.page.getByRole('application', { name: question, exact: true }).waitFor();
      await agent.page.keyboard.type(pin);
      await agent.page.keyboard.press('Enter');
    }
    await agent.page.getByText('The PIN is changed.').waitFor();
    await agent.page.getByRole('button', { name: 'Lock now', exact: true }).last().click();
    await enter(AGENTS_PIN);
    await agent.page.getByText('That is not your PIN').waitFor();
    await enter('602915');
    await agent.isIn();
  });

  it('has not complained of anything, nor asked anybody else', () => {
    expect(agent.watch.complaints).to.deep.equal([]);
    expect([...agent.watch.origins]).to.deep.equal([stack.origin]);
  });

  it('opens by a passkey also without a connection, where a PIN cannot', async () => {
    const session = await agent.context.newCDPSession(agent.page);
    await session.send('WebAuthn.enable');
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, hasPrf: true, automaticPresenceSimulation: true },
      },
    });
    await agent.page.getByRole('button', { name: 'PIN and passkey' }).click();
    await agent.page.getByRole('button', { name: 'Add a passkey' }).click();
    await agent.page.getByText('The passkey opens the desk now.').waitFor();
    await agent.page.keyboard.press('Escape');
    await agent.page.keyboard.press('Control+Shift+L');
    await locked().waitFor();
    await agent.context.setOffline(true);
    await stack.killRelay();
    await enter('602915');
    await agent.page.getByText('There is no connection').waitFor();
    await agent.page.getByRole('button', { name: 'Open with passkey' }).click();
    await agent.isIn();
    await agent.page.getByText('It counts when you are back online').waitFor();
    await stack.startRelay();
    await agent.context.setOffline(false);
  });

  it('with a forgotten PIN begins again, as a stranger', async () => {
    await agent.page.keyboard.press('Control+Shift+L');
    await agent.page.getByRole('button', { name: 'Forgot your PIN?' }).click();
    await agent.page.getByText('Customers you spoke with will see another device').waitFor();
    await agent.page.getByRole('button', { name: 'Delete and begin again' }).click();
    await agent.page.getByRole('heading', { name: 'This browser is not part of a desk' }).waitFor();
    await agent.enrols(await stack.invitation());
    expect(stack.desk.members).to.have.length(2);
  });
});
