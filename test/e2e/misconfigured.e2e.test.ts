import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { Customer, launchBrowser } from '../support/browser.ts';
import { newDevice } from '../support/office-fixtures.ts';
import { Stack } from '../support/stack.ts';

interface Told {
  readonly code: string;
  readonly recoverable: boolean;
}

function collectErrors(): void {
  const list: Told[] = [];
  Object.assign(globalThis, { told: list });
  addEventListener('sc-error', (event) => list.push((event as CustomEvent<Told>).detail));
}

describe('a page that embeds the chat wrongly', function () {
  this.timeout(120_000);
  let stack: Stack;
  let browser: Browser;
  let customer: Customer;

  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchBrowser()]);
  });
  after(async () => {
    await browser.close();
    await stack.stop();
  });
  beforeEach(async () => {
    customer = await Customer.in(browser);
    await customer.context.addInitScript(collectErrors);
  });
  afterEach(() => customer.leaves());

  /** The bank's first page with another element in the place of its own, which nobody has opened. */
  async function visitWith(attributes: Record<string, string>): Promise<void> {
    await customer.visit(stack.page());
    await customer.launcher.waitFor();
    await customer.page.locator('secure-chat').evaluate((chat, attributes) => {
      const other = document.createElement('secure-chat');
      for (const [name, value] of Object.entries(attributes)) other.setAttribute(name, value);
      chat.replaceWith(other);
    }, attributes);
  }

  const told = (): Promise<Told[]> => customer.page.evaluate(() => (globalThis as unknown as { told: Told[] }).told);

  const key = (): string => stack.desk.deskKey;
  /** The last character carries the checksum's end. */
  const mistyped = (): string => `${key().slice(0, -1)}${key().endsWith('A') ? 'B' : 'A'}`;

  const wrong: [what: string, attributes: () => Record<string, string>, code: string, text: RegExp][] = [
    ['no desk-key', () => ({ relay: stack.relay }), 'desk-key-missing', /desk-key attribute is missing/],
    [
      'a mistyped desk-key',
      () => ({ relay: stack.relay, 'desk-key': mistyped() }),
      'desk-key-malformed',
      /desk-key attribute is malformed/,
    ],
    ['no relay', () => ({ 'desk-key': key() }), 'relay-missing', /relay attribute is missing/],
    [
      'an unprotected relay on another machine',
      () => ({ relay: 'ws://chat.example', 'desk-key': key() }),
      'relay-insecure',
      /not encrypted/,
    ],
    [
      'a relay that is no address',
      () => ({ relay: 'chat.example', 'desk-key': key() }),
      'relay-malformed',
      /not a web address/,
    ],
  ];

  for (const [what, attributes, code, text] of wrong) {
    it(`says so, and connects to nobody: ${what}`, async () => {
      await visitWith(attributes());
      const launcher = customer.page.getByRole('button', { name: 'Open chat, not available' });
      await launcher.click();
      await customer.page.getByText(text).first().waitFor();
      expect(await told()).to.deep.equal([{ code, recoverable: false }]);
      expect(await customer.field.count()).to.equal(0);
      const outcome = await customer.page.locator('secure-chat').evaluate((chat: SecureChatElement) =>
        chat.send('hello').then(
          () => 'sent',
          (error: { code: string }) => error.code,
        ),
      );
      expect(outcome).to.equal(code);
      expect(customer.watch.sockets).to.deep.equal([]);
      expect([...customer.watch.origins]).to.deep.equal([stack.origin]);
    });
  }

  it('sends nothing with the key of another desk, whatever the relay is', async () => {
    const other = formatDeskKey((await newDevice()).key);
    await visitWith({ relay: stack.relay, 'desk-key': other });
    await customer.opensChat();
    await customer.says('Is this the bank?');
    await customer.page.waitForTimeout(3_000);
    expect(await customer.count('Sent')).to.equal(0);
    expect(await customer.count('Delivered')).to.equal(0);
    expect((await told()).map(({ code }) => code)).to.include('desk-unknown');
  });
});
