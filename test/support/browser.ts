/**
 * Chromium for end-to-end tests, and the people who use it: what they do is said in roles and names, as someone with a
 * screen reader would.
 * @module
 */
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { chromeFlags, findChrome } from './find-chrome.mjs';

/** How long anything may take that a person waits for, ms. */
const PATIENCE = 15_000;

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChrome(), args: chromeFlags });
}

/** A context whose profile is on disk, to be looked at afterwards. */
export async function launchProfile(directory: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(directory, { executablePath: findChrome(), args: chromeFlags });
}

/** What a page must not do, and what it said on the wire. */
class Watch {
  /** Errors and warnings on the console, uncaught errors, violations of the page's policy. */
  readonly complaints: string[] = [];
  /** Origins that were asked for anything. */
  readonly origins = new Set<string>();
  /** WebSockets that were opened: their URLs. */
  readonly sockets: string[] = [];
  /** Every WebSocket message, in both directions. */
  readonly frames: Buffer[] = [];

  constructor(context: BrowserContext) {
    context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:') this.origins.add(origin);
    });
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    context.on('weberror', (error) => this.complaints.push(`uncaught: ${error.error().message}`));
    context.on('page', (page) => this.#listen(page));
    for (const page of context.pages()) this.#listen(page);
  }

  #listen(page: Page): void {
    page.on('websocket', (socket) => {
      this.sockets.push(socket.url());
      const keep = ({ payload }: { payload: string | Buffer }): void => {
        this.frames.push(Buffer.from(payload));
      };
      socket.on('framesent', keep);
      socket.on('framereceived', keep);
    });
  }
}

/** Someone in a browser context of their own. */
class Person {
  readonly context: BrowserContext;
  readonly watch: Watch;
  #page: Page | null = null;

  protected constructor(context: BrowserContext) {
    this.context = context;
    this.watch = new Watch(context);
    context.setDefaultTimeout(PATIENCE);
  }

  /** The tab on screen. */
  get page(): Page {
    if (this.#page === null) throw new Error('no tab is open');
    return this.#page;
  }

  /** Goes to an address in the tab on screen, or a new one. */
  async visit(address: string): Promise<void> {
    this.#page ??= await this.context.newPage();
    await this.#page.goto(address);
  }

  /** Opens one more tab, which is then the one on screen. */
  async opensTab(address: string): Promise<void> {
    this.#page = await this.context.newPage();
    await this.#page.goto(address);
  }

  async closeTab(): Promise<void> {
    await this.page.close();
    this.#page = null;
  }

  /** What was said in the conversation on screen. */
  get log(): Locator {
    return this.page.getByRole('log', { name: 'Conversation' });
  }

  get field(): Locator {
    return this.page.getByRole('textbox', { name: 'Message', exact: true });
  }

  /** Waits until a text stands in the conversation. */
  async reads(text: string, within = PATIENCE): Promise<void> {
    await this.log.getByText(text, { exact: true }).first().waitFor({ timeout: within });
  }

  /** How often a text stands in the conversation. */
  async count(text: string): Promise<number> {
    return this.log.getByText(text, { exact: true }).count();
  }

  /** Writes and sends; resolves when it stands in the conversation. */
  async says(text: string): Promise<void> {
    await this.field.fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
    await this.reads(text);
  }

  /** Waits until the newest own message has come so far: `Sent`, `Delivered`, `Read`. */
  async sees(progress: 'Sending' | 'Sent' | 'Delivered' | 'Read', count = 1): Promise<void> {
    await this.log
      .getByText(progress, { exact: true })
      .nth(count - 1)
      .waitFor({ state: 'attached' });
  }

  async leaves(): Promise<void> {
    await this.context.close();
  }
}

/** Someone on the bank's pages. */
export class Customer extends Person {
  static async in(browser: Browser): Promise<Customer> {
    return new Customer(await browser.newContext());
  }

  static of(context: BrowserContext): Customer {
    return new Customer(context);
  }

  /** The launcher, with or without unread messages. */
  get launcher(): Locator {
    return this.page.getByRole('button', { name: /^Open chat/ });
  }

  async opensChat(): Promise<void> {
    await this.launcher.click();
    await this.field.waitFor();
  }
}

/** Any will do that is not among the commonest. */
export const AGENTS_PIN = '284937';

/** Someone at the desk. */
export class Agent extends Person {
  readonly name: string;
  readonly #pin: string;

  private constructor(context: BrowserContext, name: string, pin = AGENTS_PIN) {
    super(context);
    this.name = name;
    this.#pin = pin;
  }

  static async in(browser: Browser, name: string): Promise<Agent> {
    return new Agent(await browser.newContext(), name);
  }

  static of(context: BrowserContext, name: string, pin = AGENTS_PIN): Agent {
    return new Agent(context, name, pin);
  }

  get waiting(): Locator {
    return this.page.getByRole('list', { name: 'Waiting' });
  }

  get mine(): Locator {
    return this.page.getByRole('list', { name: 'Mine' });
  }

  /** Opens the invitation's link, asks to join and chooses a PIN; resolves when the desk has opened. */
  async enrols(link: string): Promise<void> {
    await this.visit(link);
    await this.page.getByRole('textbox', { name: 'Your name' }).fill(this.name);
    await this.page.getByRole('button', { name: 'Make keys and ask to join' }).click();
    await this.chooses();
    await this.isIn();
  }

  /** Chooses the PIN that a new desk asks for, and no passkey. */
  async chooses(): Promise<void> {
    for (const question of ['Choose a PIN', 'Repeat your PIN']) await this.#enters(question);
    await this.page.getByRole('button', { name: 'Not now' }).click();
  }

  /** Opens the locked desk with the PIN. */
  async unlocks(): Promise<void> {
    await this.#enters('Enter your PIN');
    await this.isIn();
  }

  async #enters(question: string): Promise<void> {
    await this.page.getByRole('application', { name: question, exact: true }).waitFor();
    await this.page.keyboard.type(this.#pin);
    await this.page.keyboard.press('Enter');
  }

  /** Waits until the desk is open. */
  async isIn(): Promise<void> {
    await this.page.getByRole('radio', { name: 'On duty' }).waitFor({ state: 'attached' });
  }

  /** Takes the customer who waits longest, and is in the conversation. */
  async claims(): Promise<void> {
    await this.waiting.getByRole('button', { name: 'Claim', exact: true }).first().click();
    await this.field.waitFor();
  }
}
