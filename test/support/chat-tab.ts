/**
 * One tab with `<secure-chat>`, driven by the element's methods, and what it shows. It needs no frames: it works in a tab
 * behind others.
 * @module
 */
import type { BrowserContext, Page } from 'playwright-core';
import type { ScTranscript } from '../../src/ui/transcript.ts';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';

/** A message as a transcript shows it. */
export interface ShownMessage {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly own: boolean;
}

/** What a transcript shows: all of it, and the codes of the conversation's notices. */
export interface Shown {
  readonly messages: readonly ShownMessage[];
  readonly notices: readonly string[];
}

export class ChatTab {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens a page with the chat, and the chat. @throws Error with the code why it does not open */
  static async open(context: BrowserContext, address: string): Promise<ChatTab> {
    const tab = new ChatTab(await context.newPage());
    // From the beginning: where a conversation waits, the chat opens by itself.
    await tab.page.addInitScript(() => {
      addEventListener('sc-error', ({ detail }) => sessionStorage.setItem('failure', detail.code), { capture: true });
    });
    await tab.page.goto(address);
    await tab.#show();
    return tab;
  }

  async #show(): Promise<void> {
    const failure = await this.page.evaluate(async () => {
      const chat = document.querySelector('secure-chat') as SecureChatElement;
      await customElements.whenDefined('secure-chat');
      chat.show();
      const failed = async (): Promise<string | null> => {
        while (chat.state !== 'failed') await new Promise((resolve) => setTimeout(resolve, 20));
        return sessionStorage.getItem('failure');
      };
      return Promise.race([chat.ready.then(() => null), failed()]);
    });
    if (failure !== null) throw new Error(failure);
  }

  /** Sends by the element's method; resolves when it does, which is when the text cannot be lost any more. */
  async send(text: string): Promise<void> {
    await this.page.evaluate(async (said) => {
      await (document.querySelector('secure-chat') as SecureChatElement).send(said);
    }, text);
  }

  /** Sends one after the other; what was accepted is told as it happens. */
  async sendAll(texts: readonly string[], accepted: (text: string) => void = () => undefined): Promise<void> {
    for (const text of texts) {
      await this.send(text);
      accepted(text);
    }
  }

  /** Whether this tab takes the mail and sends for all. */
  async leads(): Promise<boolean> {
    return this.page.evaluate(async () => {
      const name = `who ${crypto.randomUUID()}`;
      const { held } = await navigator.locks.request(name, () => navigator.locks.query());
      const own = held?.find((lock) => lock.name === name)?.clientId;
      return held?.some((lock) => lock.name?.endsWith(' leader') === true && lock.clientId === own) ?? false;
    });
  }

  shows(): Promise<Shown> {
    return transcriptOf(this.page);
  }

  /** Waits until all these texts stand in the conversation. */
  reads(...texts: readonly string[]): Promise<void> {
    return readsAll(this.page, texts);
  }

  /** Kills the tab's process, as when it runs out of memory. */
  async crash(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const crashed = new Promise((resolve) => this.page.once('crash', resolve));
    // It never answers.
    void session.send('Page.crash').catch(() => undefined);
    await crashed;
    await this.page.close();
  }
}

/** Waits until all these texts stand in the conversation on a page. */
export async function readsAll(page: Page, texts: readonly string[], within = 30_000): Promise<void> {
  const limit = Date.now() + within;
  for (;;) {
    const { messages } = await transcriptOf(page);
    const missing = texts.filter((text) => !messages.some((message) => message.text === text));
    if (missing.length === 0) return;
    if (Date.now() > limit) throw new Error(`not shown: ${missing.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Everything that the transcript of a page shows, its earlier pages too. */
export function transcriptOf(page: Page): Promise<Shown> {
  return page.evaluate(async () => {
    const find = (root: ParentNode): ScTranscript | null => {
      for (const element of root.querySelectorAll('*')) {
        if (element.localName === 'sc-transcript') return element as ScTranscript;
        const inner = element.shadowRoot === null ? null : find(element.shadowRoot);
        if (inner !== null) return inner;
      }
      return null;
    };
    const transcript = find(document);
    if (transcript === null) return { messages: [], notices: [] };
    while (transcript.more) {
      const before = transcript.messages?.length ?? 0;
      transcript.shadowRoot?.querySelector<HTMLElement>('.earlier')?.click();
      const limit = Date.now() + 5_000;
      while (transcript.more && (transcript.messages?.length ?? 0) === before && Date.now() < limit) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const messages = (transcript.messages ?? []).map(({ id, kind, text, own }) => ({ id, kind, text, own }));
    return { messages, notices: [...transcript.notices] };
  });
}
