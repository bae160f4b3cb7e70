import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { Agent, launchBrowser } from '../support/browser.ts';
import { ChatTab, readsAll, transcriptOf } from '../support/chat-tab.ts';
import { FrameLedger } from '../support/frame-ledger.ts';
import { copyProfile, ProfileBrowser } from '../support/profile-browser.ts';
import { Stack } from '../support/stack.ts';
import type { SecureChatElement } from '../../src/widget/secure-chat-element.ts';

describe('an older copy of a profile', function () {
  this.timeout(90_000);
  let stack: Stack;
  let desk: Browser;
  let agent: Agent;
  let directory: string;
  let phone: ProfileBrowser;
  let tab: ChatTab;
  let frames: FrameLedger;
  let customers = 0;

  before(async () => {
    [stack, desk] = await Promise.all([Stack.start(), launchBrowser()]);
    agent = await Agent.in(desk, 'Sara');
    await agent.context.addInitScript('globalThis.__name = (value) => value');
    await agent.enrols(await stack.invitation());
  });
  after(async () => {
    await desk.close();
    await stack.stop();
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'restored-'));
    frames = new FrameLedger();
    await starts('profile');
    tab = await opens();
    const first = `Hello, I am number ${++customers}`;
    await tab.send(first);
    await agent.claims();
    await agent.reads(first);
    await exchange('Before the copy');
  });
  afterEach(async () => {
    await phone.kill();
    await rm(directory, { recursive: true });
  });

  const opens = (): Promise<ChatTab> => ChatTab.open(phone.context, stack.page('help.html'));

  async function starts(name: string): Promise<void> {
    phone = await ProfileBrowser.start(join(directory, name));
    frames.follow(phone.context);
  }

  /** Both say something, and both read it. */
  async function exchange(text: string): Promise<void> {
    await tab.send(text);
    await agent.reads(text);
    await agent.says(`${text}: yes`);
    await tab.reads(`${text}: yes`);
  }

  /** Opens the chat on what cannot be opened any more, and gives the page that says so. */
  async function refused(): Promise<Page> {
    const failure = await opens().catch((error: unknown) => error);
    expect(failure).to.have.property('message', 'vault-lost');
    const page = phone.context.pages().at(-1);
    if (page === undefined) expect.fail('no page is open');
    await page.getByRole('alert').getByText('vault-lost').waitFor();
    return page;
  }

  const agentsTexts = async (): Promise<string[]> =>
    (await transcriptOf(agent.page)).messages.filter(({ kind }) => kind === 'text').map(({ text }) => text);

  /** How many rows of messages lie in the profile. */
  const stored = (page: Page): Promise<number> =>
    page.evaluate(async () => {
      const { name } = (await indexedDB.databases()).find((one) => /^secure-chat dk1_\S+$/.test(one.name ?? '')) ?? {};
      if (name === undefined) return 0;
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error('no database'));
      });
      const rows = db.transaction('messages').objectStore('messages').count();
      const count = await new Promise<number>((resolve) => (rows.onsuccess = () => resolve(rows.result)));
      db.close();
      return count;
    });

  it('is lost, and says so, when the chat was opened on the newer one meanwhile; that one still opens', async () => {
    await phone.close();
    await copyProfile(phone.directory, join(directory, 'older'));
    await starts('profile');
    tab = await opens();
    await exchange('Behind the copy');
    await phone.close();

    await starts('older');
    const page = await refused();
    const rows = await stored(page);
    expect(rows).to.be.above(3);
    await phone.close();

    await starts('profile');
    tab = await opens();
    await tab.reads('Before the copy', 'Behind the copy', 'Behind the copy: yes');
    await exchange('And on it goes');
    expect((await tab.shows()).notices).to.deep.equal([]);
    const heard = await agentsTexts();
    expect(new Set(heard).size).to.equal(heard.length);
    await phone.close();

    // Nothing was destroyed without being asked; asked, the customer is a new device.
    await starts('older');
    const again = await refused();
    expect(await stored(again)).to.equal(rows);
    await again.getByRole('alert').getByRole('button').click();
    await again.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
    expect(await stored(again)).to.equal(0);
    await again.evaluate(async () => {
      await (document.querySelector('secure-chat') as SecureChatElement).send('Somebody new');
    });
    await agent.waiting.getByText('Somebody new').waitFor();
    await agent.claims();
    await agent.reads('Somebody new');
  });

  for (const first of ['agent', 'customer']) {
    it(`heals by a new session when it was not, the ${first} speaking first; the agent loses nothing`, async () => {
      const before = frames.sessions;
      await phone.copyTo(join(directory, 'older'));
      const later = ['Lost, one', 'Lost, two', 'Lost, three'];
      for (const text of later) await exchange(text);
      await phone.kill();

      await starts('older');
      tab = await opens();
      await tab.reads('Before the copy', 'Before the copy: yes');
      const again = ['It is me again', 'As I said'];
      if (first === 'customer') await tab.sendAll(again);
      await agent.says('Are you still there?');
      await tab.reads('Are you still there?');
      if (first === 'agent') await tab.sendAll(again);
      await readsAll(agent.page, again);
      await exchange('All is well');

      const heard = await agentsTexts();
      expect(heard).to.include.members([...later, ...again, 'All is well']);
      expect(new Set(heard).size).to.equal(heard.length);
      const shown = await tab.shows();
      const read = shown.messages.filter(({ kind }) => kind === 'text').map(({ text }) => text);
      expect(new Set(read).size).to.equal(read.length);
      expect(read).to.include.members([...again, 'All is well', 'All is well: yes']);
      // It says that something is missing; what the older copy never had is not made up.
      expect(shown.notices).to.include.members(['rolled-back', 'gap']);
      expect((await transcriptOf(agent.page)).notices.join()).to.match(/restored|message-fork/);
      expect(frames.sessions.filter((session) => !before.includes(session))).not.to.be.empty;
      // Told of nothing, the older copy has used keys anew, which random nonces make harmless (§20).
      if (first === 'customer') expect(frames.reused).not.to.be.empty;
    });
  }
});
