import { expect } from 'chai';
import type { Browser, Locator, Page } from 'playwright-core';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { Agent, Customer, launchBrowser } from '../support/browser.ts';
import { chooseFromMenu, enterPin, everythingIn, idlePad, padOf, stateOf, storedBy } from '../support/lock-steps.ts';
import { Stack } from '../support/stack.ts';

const PIN = '739164';
const NEXT = '602915';
const WRONG = '864205';
const HELLO = 'My sister in Lisbon has my card';
const ANSWER = 'Then we block it at once';
const DRAFT = 'And her number is';
const MEANWHILE = 'It is blocked now';

describe('a chat with a lock', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;
  let agent: Agent;
  /** Its first tab. */
  let first: Page;

  const chat = (page = customer.page): Locator => page.locator('secure-chat');
  const card = (): Locator => customer.page.getByRole('heading', { name: 'Keep this chat on this device' });
  const locks = (): Promise<void> => chat().evaluate((element: SecureChatElement) => element.lock());
  const enters = (pin: string): Promise<void> => enterPin(customer.page, 'Enter your PIN', pin);
  const shows = (text: string): Promise<void> => customer.page.getByText(text).waitFor();
  const welcome = (): Locator => customer.page.getByRole('dialog').getByText('How can we help?');
  const opensLocked = (): Promise<void> => customer.page.getByRole('button', { name: /^Open chat, locked/ }).click();
  /** A text in the conversation of another tab than the one on screen. */
  const inFirst = (text: string): Locator => first.getByRole('log').getByText(text, { exact: true });

  async function expectNothingIn(page: Page, ...words: string[]): Promise<void> {
    const everything = await everythingIn(page);
    expect(everything, 'the search finds').to.include('Tidewell');
    for (const word of words) expect(everything).not.to.include(word);
  }

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
    customer = await Customer.in(browser);
    agent = await Agent.in(browser, 'Sara');
    await agent.enrols(await stack.invitation());
    await customer.visit(stack.page());
    first = customer.page;
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });

  it('is offered after the first message, not before', async () => {
    await customer.opensChat();
    await welcome().waitFor();
    expect(await card().count()).to.equal(0);
    await customer.says(HELLO);
    await card().waitFor();
    await agent.claims();
    await agent.says(ANSWER);
    await customer.reads(ANSWER);
  });

  it('takes a PIN from the keyboard, entered twice, and none of the commonest', async () => {
    const choose = customer.page.getByRole('button', { name: 'Choose a PIN' });
    await customer.field.focus();
    for (let step = 0; step < 12; step++) {
      if (await choose.evaluate((button) => (button.getRootNode() as ShadowRoot).activeElement === button)) break;
      await customer.page.keyboard.press('Shift+Tab');
    }
    await customer.page.keyboard.press('Enter');
    await enterPin(customer.page, 'Choose a PIN', '123456');
    await enterPin(customer.page, 'Repeat your PIN', '123456');
    await shows('Too many people choose that PIN');
    await enterPin(customer.page, 'Choose a PIN', PIN);
    await enterPin(customer.page, 'Repeat your PIN', WRONG);
    await shows('Those were not the same');
    await enterPin(customer.page, 'Choose a PIN', PIN);
    await padOf(customer.page, 'Repeat your PIN').waitFor();
    await customer.page.keyboard.type(PIN);
    await expectNothingIn(customer.page, PIN);
    await customer.page.keyboard.press('Enter');
    await shows('Your PIN is set.');
    expect(await card().count()).to.equal(0);
    expect(await customer.count(ANSWER)).to.equal(1);
  });

  it('asks nothing after a reload, on another page, nor in a second tab', async () => {
    await customer.page.reload();
    await customer.opensChat();
    await customer.reads(ANSWER);
    await customer.visit(stack.page('help.html'));
    await customer.opensChat();
    await customer.reads(HELLO);
    await customer.opensTab(stack.page('cards.html'));
    await customer.opensChat();
    await customer.reads(ANSWER);
  });

  it('locks all tabs at once, and leaves nothing of the conversation in them', async () => {
    await first.getByRole('textbox', { name: 'Message', exact: true }).fill(DRAFT);
    expect(await everythingIn(first))
      .to.include(DRAFT)
      .and.to.include(HELLO)
      .and.to.include(ANSWER);
    await first.waitForTimeout(600);
    const other = stateOf(first, 'locked');
    await locks();
    await Promise.all([stateOf(customer.page, 'locked'), other]);
    for (const page of [customer.page, first]) {
      await padOf(page).waitFor();
      await expectNothingIn(page, HELLO, ANSWER, DRAFT, 'Sara', PIN);
      const known = await chat(page).evaluate(({ conversations, agent, verification }: SecureChatElement) =>
        JSON.stringify({ conversations, agent, verification }),
      );
      expect(known).to.equal('{"conversations":[],"agent":null,"verification":null}');
      expect(await page.evaluate(() => Object.keys(sessionStorage))).to.deep.equal([]);
    }
    await customer.page.getByRole('heading', { name: 'Enter your PIN' }).waitFor();
  });

  it('says how many tries are left after a wrong PIN, and takes none for the same one again', async () => {
    await agent.says(MEANWHILE);
    for (const attempt of ['first', 'same again']) {
      await enters(WRONG);
      await idlePad(customer.page);
      expect(await everythingIn(customer.page), attempt).to.include('You have 9 tries left');
    }
    await enters('864206');
    await shows('You have 8 tries left');
    await expectNothingIn(customer.page, HELLO, MEANWHILE, WRONG, '864206');
  });

  it('opens all tabs with the right one; what was said meanwhile is there, and it goes on', async () => {
    await enters(PIN);
    await customer.reads(MEANWHILE);
    await inFirst(MEANWHILE).waitFor();
    expect(await customer.field.inputValue()).to.equal(DRAFT);
    await customer.says('Thank you');
    await agent.reads('Thank you');
    await inFirst('Thank you').waitFor();
  });

  it('asks when all tabs were closed, and says no more before than that it is locked', async () => {
    await first.close();
    await customer.closeTab();
    await agent.says('Anything else?');
    await customer.opensTab(stack.page());
    await opensLocked();
    await padOf(customer.page).waitFor();
    await expectNothingIn(customer.page, HELLO, 'Thank you', PIN);
    await enters(PIN);
    await customer.reads('Anything else?');
    await customer.reads(HELLO);
  });

  it('takes another PIN, which is the only one then', async () => {
    await chooseFromMenu(customer.page, 'Change PIN');
    await enterPin(customer.page, 'Enter your present PIN', PIN);
    await enterPin(customer.page, 'Choose a new PIN', NEXT);
    await enterPin(customer.page, 'Repeat your PIN', NEXT);
    await shows('Your PIN is changed.');
    await chooseFromMenu(customer.page, 'Lock now');
    await enters(PIN);
    // Ten again: the right one was shown.
    await shows('You have 9 tries left');
  });

  it('says without a connection that the PIN cannot be checked, which costs no try, and recovers', async () => {
    await customer.context.setOffline(true);
    await enters('864207');
    await shows('There is no connection, and without one the PIN cannot be checked.');
    await customer.context.setOffline(false);
    await enters('864207');
    await shows('You have 8 tries left');
    await enters(NEXT);
    await customer.reads('Anything else?');
  });

  it('has not complained of anything but the connection, nor asked anybody else', () => {
    expect(customer.watch.complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED/.test(text))).to.deep.equal([]);
    expect([...customer.watch.origins]).to.deep.equal([stack.origin]);
  });

  it('with a forgotten PIN begins anew, and the agent sees another device', async () => {
    const before = await agent.page.locator('sc-desk-customer .fingerprint').innerText();
    await locks();
    await customer.page.getByRole('button', { name: 'Forgot your PIN?' }).click();
    await shows('see you as a new device.');
    await customer.page.getByRole('button', { name: 'Delete and start over' }).click();
    await welcome().waitFor();
    await expectNothingIn(customer.page, HELLO, ANSWER);
    await customer.says('It is me again');
    await card().waitFor();
    await agent.claims();
    await agent.reads('It is me again');
    expect(await agent.count(HELLO)).to.equal(0);
    const after = await agent.page.locator('sc-desk-customer .fingerprint').innerText();
    expect(after)
      .to.match(/^[\d\s]{20,}$/)
      .and.not.to.equal(before);
  });

  it('is empty in all tabs after logging out with all that is stored', async () => {
    await customer.page.getByRole('button', { name: 'Choose a PIN' }).click();
    await enterPin(customer.page, 'Choose a PIN', PIN);
    await enterPin(customer.page, 'Repeat your PIN', PIN);
    await shows('Your PIN is set.');
    first = customer.page;
    await customer.opensTab(stack.page('help.html'));
    await customer.opensChat();
    await customer.reads('It is me again');
    await locks();
    await padOf(first).waitFor();
    await chat().evaluate((element: SecureChatElement) => element.logout({ wipe: true }));
    for (const page of [customer.page, first]) {
      await stateOf(page, 'idle');
      await expectNothingIn(page, 'It is me again', PIN);
      expect(await storedBy(page)).to.deep.equal({ rows: 0, keys: [] });
    }
    await customer.opensChat();
    await welcome().waitFor();
  });
});
