import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Agent, launchBrowser } from '../support/browser.ts';
import { ChatTab, readsAll, transcriptOf, type Shown } from '../support/chat-tab.ts';
import { FrameLedger } from '../support/frame-ledger.ts';
import { ProfileBrowser } from '../support/profile-browser.ts';
import { until } from '../support/relay-world.ts';
import { Stack } from '../support/stack.ts';

const texts = ({ messages }: Shown): string[] => messages.filter(({ kind }) => kind === 'text').map(({ text }) => text);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('several tabs of one profile', function () {
  this.timeout(120_000);
  let stack: Stack;
  let desk: Browser;
  let agent: Agent;
  let directory: string;
  let phone: ProfileBrowser;
  let tabs: ChatTab[];
  let frames: FrameLedger;
  /** Everything that `send()` has accepted, or that the agent has said. */
  let said: string[];
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
    directory = await mkdtemp(join(tmpdir(), 'tabs-'));
    phone = await ProfileBrowser.start(join(directory, 'profile'));
    frames = new FrameLedger();
    frames.follow(phone.context);
    tabs = [];
    said = [];
    await opensTab();
    const first = `Hello, I am number ${++customers}`;
    await sends(tab(0), first);
    await agent.claims();
    // The conversation before this one was on screen until now.
    await agent.reads(first);
    await answers('Good morning');
    await tab(0).reads(...said);
  });
  afterEach(async () => {
    await phone.kill();
    await rm(directory, { recursive: true });
  });

  const tab = (index: number): ChatTab => tabs[index] ?? expect.fail(`no tab ${index}`);

  async function opensTab(): Promise<ChatTab> {
    const opened = await ChatTab.open(phone.context, stack.page('help.html'));
    tabs.push(opened);
    return opened;
  }

  async function sends(from: ChatTab, ...words: string[]): Promise<void> {
    await from.sendAll(words, (text) => said.push(text));
  }

  async function answers(text: string): Promise<void> {
    await agent.says(text);
    said.push(text);
  }

  /** The tab that leads, first in the list. */
  async function leaderFirst(): Promise<void> {
    await until(async () => (await Promise.all(tabs.map((one) => one.leads()))).filter(Boolean).length === 1);
    const leading = await Promise.all(tabs.map((one) => one.leads()));
    tabs = [...tabs.filter((_, i) => leading[i]), ...tabs.filter((_, i) => !leading[i])];
  }

  /** All tabs and the agent show everything, each once, nothing else but `perhaps`, and the tabs in the same order. */
  async function expectWhole(perhaps: readonly string[] = []): Promise<void> {
    for (const one of tabs) await one.reads(...said);
    await readsAll(agent.page, said);
    const [here, ...others] = await Promise.all(tabs.map((one) => one.shows()));
    const there = await transcriptOf(agent.page);
    for (const shown of [here, ...others, there]) {
      expect(shown?.notices).to.deep.equal([]);
      expect(shown?.messages.filter(({ kind }) => kind === 'refused')).to.deep.equal([]);
    }
    if (here === undefined) expect.fail('no tab is open');
    for (const other of others) expect(other.messages).to.deep.equal(here.messages);
    const known = texts(here);
    expect(known.filter((text) => said.includes(text) || !perhaps.includes(text))).to.have.members(said);
    expect(new Set(known).size).to.equal(known.length);
    expect(texts(there)).to.have.members(known);
    // What one side has said stands in one order on both.
    for (const own of [true, false]) {
      const order = texts({ ...here, messages: here.messages.filter((message) => message.own === own) });
      expect(texts({ ...there, messages: there.messages.filter((message) => message.own !== own) })).to.deep.equal(
        order,
      );
    }
  }

  function expectNoKeyTwice(atLeast: number): void {
    expect(frames.names).to.be.at.least(atLeast);
    expect(frames.reused).to.deep.equal([]);
  }

  for (const count of [2, 5]) {
    it(`${count} write at once while the agent answers`, async () => {
      while (tabs.length < count) await opensTab();
      const lists = tabs.map((_, i) =>
        Array.from({ length: 40 / count }, (_unused, n) => `Tab ${i + 1}, line ${n + 1}`),
      );
      await Promise.all([
        ...tabs.map((one, i) => sends(one, ...(lists[i] ?? []))),
        (async () => {
          for (const number of ['one', 'two', 'three', 'four', 'five', 'six']) await answers(`Answer ${number}`);
        })(),
      ]);
      await expectWhole();
      expect(said).to.have.length(48);
      const shown = texts(await tab(0).shows());
      for (const list of lists) expect(shown.filter((text) => list.includes(text))).to.deep.equal(list);
      // Each text in a frame of its own, and an acknowledgement of what the agent has said.
      expectNoKeyTwice(48);
    });
  }

  it('lose nothing and show nothing twice when the leading one dies', async () => {
    await opensTab();
    const perhaps: string[] = [];

    /** The first tab dies so many ms after both have begun to write and the agent to answer. */
    async function diesAfter(ms: number): Promise<void> {
      const write = async (one: ChatTab, name: string): Promise<void> => {
        for (const n of [1, 2, 3, 4]) {
          const text = `${name} tab, ${ms} ms, ${n}`;
          perhaps.push(text);
          await sends(one, text);
        }
      };
      const dying = write(tab(0), 'Dying').catch((error: unknown) => {
        if (!/crash|closed/.test(String(error))) throw error;
      });
      const staying = write(tab(1), 'Staying');
      const answering = answers(`After ${ms} ms`);
      await pause(ms);
      await tabs.shift()?.crash();
      await Promise.all([dying, staying, answering]);
    }

    for (const ms of [0, 15, 40, 80, 140, 220]) {
      await leaderFirst();
      await diesAfter(ms);
      await opensTab();
    }
    await expectWhole(perhaps);

    // Right behind the answer of `send()`, in the tab that leads and in one that does not.
    await leaderFirst();
    await sends(tab(0), 'Said by who led');
    await tabs.shift()?.crash();
    await opensTab();
    await leaderFirst();
    await sends(tab(1), 'Said beside who led');
    await tabs.shift()?.crash();
    await expectWhole(perhaps);
    expectNoKeyTwice(30);
  });

  it('and the whole browser dies: what was accepted arrives when it is started again', async () => {
    const perhaps: string[] = [];
    for (const ms of [0, 30, 90, 200]) {
      await opensTab();
      const writing = tabs.map(async (one, i) => {
        for (const n of [1, 2, 3]) {
          const text = `Tab ${i + 1}, ${ms} ms, ${n}`;
          perhaps.push(text);
          await sends(one, text);
        }
      });
      const outcomes = Promise.allSettled(writing);
      const answering = answers(`After ${ms} ms`);
      if (ms === 0) await Promise.race(writing);
      else await pause(ms);
      await phone.kill();
      await Promise.all([outcomes, answering]);
      phone = await ProfileBrowser.start(phone.directory);
      frames.follow(phone.context);
      tabs = [];
      await opensTab();
    }
    await expectWhole(perhaps);
    expectNoKeyTwice(20);
  });
});
