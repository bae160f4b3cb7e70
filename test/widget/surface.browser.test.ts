import { expect } from '@open-wc/testing';
import { activeScene, cleanUp, find, must, openScene, panelOf, scene, settled, textOf, until } from './scene.ts';

/** As rendered, through the shadow roots. */
const shown = (element: Element | null): boolean => (element?.getClientRects().length ?? 0) > 0;

describe('the slots of <secure-chat>', () => {
  afterEach(cleanUp);

  const contents = (slot: string, tag = 'span'): string => `<${tag} slot="${slot}" id="mine">Mine</${tag}>`;

  it('launcher', async () => {
    const { chat } = await scene({}, { contents: contents('launcher') });
    expect(shown(chat.querySelector('#mine'))).to.equal(true);
    expect(shown(find(chat, '.launcher svg'))).to.equal(false);
  });

  for (const slot of ['logo', 'header', 'header-actions', 'welcome', 'composer-start', 'composer-end', 'footer']) {
    it(slot, async () => {
      const { chat } = await openScene({}, { contents: contents(slot) });
      expect(shown(chat.querySelector('#mine'))).to.equal(true);
      await expect(chat).to.be.accessible();
    });
  }

  it('offline', async () => {
    const { chat, desk } = await openScene({}, { contents: contents('offline') });
    expect(shown(chat.querySelector('#mine'))).to.equal(false);
    desk.connection('offline');
    await settled(chat);
    expect(shown(chat.querySelector('#mine'))).to.equal(true);
    expect(textOf(must(chat, '.banner'))).to.equal('Mine');
  });

  it('replace what stands there, and give it back when they are emptied', async () => {
    const { chat } = await openScene({}, { contents: contents('welcome') });
    expect(find(chat, '.welcome h3')).to.equal(null);
    chat.querySelector('#mine')?.remove();
    await settled(chat);
    expect(must(chat, '.welcome h3').textContent).to.equal('How can we help?');
    const late = document.createElement('b');
    late.slot = 'logo';
    chat.append(late);
    await settled(chat);
    expect(find(chat, '.avatar')).to.equal(null);
    late.slot = 'footer';
    await settled(chat);
    expect(find(chat, '.avatar')).not.to.equal(null);
  });
});

describe('the parts of <secure-chat>', () => {
  let sheet: HTMLStyleElement;
  afterEach(() => {
    sheet.remove();
    cleanUp();
  });

  /** Whether a page's rule for the part reaches the element. */
  const reaches = (part: string, element: Element | null): boolean => {
    sheet.textContent = `test-chat::part(${part}) { --reached: yes }`;
    return element !== null && getComputedStyle(element).getPropertyValue('--reached') === 'yes';
  };
  beforeEach(() => {
    sheet = document.head.appendChild(document.createElement('style'));
  });

  it('can be styled from the page', async () => {
    const { chat, desk, id } = await activeScene();
    await chat.send('One more');
    await settled(chat);
    const places: Record<string, string> = {
      base: '.base',
      launcher: '.launcher',
      badge: '.badge',
      panel: '.panel',
      header: '.header',
      title: '.title',
      status: '.status',
      lock: '.lock',
      verified: '.sentence',
      recording: '.recording',
      log: '.log',
      day: '.day',
      message: '.message',
      bubble: '.bubble',
      own: '.message.own .bubble',
      agent: '.message.other .bubble',
      meta: '.meta',
      receipt: '.receipt',
      composer: 'div.composer',
      input: 'textarea',
      send: '.send',
    };
    for (const [part, selector] of Object.entries(places)) {
      expect(reaches(part, find(chat, selector)), part).to.equal(true);
    }
    desk.connection('offline');
    await settled(chat);
    expect(reaches('banner', find(chat, '.banner'))).to.equal(true);
    expect(id).not.to.equal('');
  });

  it('have one calm banner for a lost connection', async () => {
    const { chat, desk } = await openScene();
    desk.connection('offline');
    desk.problem('relay-unreachable');
    await settled(chat);
    expect(find(chat, '.banner.danger'), 'said once, and without alarm').to.equal(null);
    desk.problem('store-full');
    await settled(chat);
    expect(find(chat, '.banner.danger')).not.to.equal(null);
  });
});

describe('the custom properties of <secure-chat>', () => {
  afterEach(() => {
    document.documentElement.removeAttribute('style');
    cleanUp();
  });

  const colours: Record<string, [string, 'backgroundColor' | 'color' | 'borderBlockEndColor']> = {
    '--sc-accent': ['.launcher', 'backgroundColor'],
    '--sc-on-accent': ['.launcher', 'color'],
    '--sc-surface': ['.panel', 'backgroundColor'],
    '--sc-surface-raised': ['div.composer', 'backgroundColor'],
    '--sc-text': ['textarea', 'color'],
    '--sc-muted': ['.status', 'color'],
    '--sc-border': ['.header', 'borderBlockEndColor'],
    '--sc-danger': ['.badge', 'backgroundColor'],
    '--sc-success': ['.lock svg', 'color'],
    '--sc-own-bg': ['.message.own .bubble', 'backgroundColor'],
    '--sc-own-text': ['.message.own .bubble', 'color'],
    '--sc-agent-bg': ['.message.other .bubble', 'backgroundColor'],
    '--sc-agent-text': ['.message.other .bubble', 'color'],
  };

  it('set colours, from the element or any ancestor', async () => {
    const { chat } = await activeScene();
    for (const [name, [selector, property]] of Object.entries(colours)) {
      for (const target of [document.documentElement, chat]) {
        target.style.setProperty(name, 'rgb(1, 2, 3)');
        await settled();
        expect(getComputedStyle(must(chat, selector))[property], name).to.equal('rgb(1, 2, 3)');
        target.style.removeProperty(name);
      }
    }
  });

  it('set type, size and place', async () => {
    const { chat } = await openScene();
    const set = (name: string, value: string): void => chat.style.setProperty(name, value);
    const panel = must(chat, '.panel');
    const box = (): DOMRect => (panelOf(chat) as Element).getBoundingClientRect();
    set('--sc-font', 'monospace');
    set('--sc-font-size', '20px');
    expect(getComputedStyle(panel).fontFamily).to.equal('monospace');
    expect(getComputedStyle(panel).fontSize).to.equal('20px');
    set('--sc-radius', '3px');
    expect(getComputedStyle(panel).borderStartStartRadius).to.equal('3px');
    set('--sc-shadow', 'none');
    expect(getComputedStyle(panel).boxShadow).to.equal('none');
    set('--sc-inline-size', '300px');
    set('--sc-block-size', '350px');
    set('--sc-inset', '10px');
    set('--sc-z-index', '7');
    expect(box().width).to.be.closeTo(300, 1);
    expect(box().height).to.be.closeTo(350, 1);
    expect(box().right).to.be.closeTo(document.documentElement.clientWidth - 10, 1);
    expect(getComputedStyle(panelOf(chat) as Element).zIndex).to.equal('7');
    set('--sc-duration', '77ms');
    expect(getComputedStyle(panel).transitionDuration).to.contain('0.077s');
  });
});

describe('<secure-chat> in every state', () => {
  afterEach(cleanUp);

  for (const theme of ['light', 'dark']) {
    it(`is accessible: closed, ${theme}`, async () => {
      const { chat } = await scene({ theme });
      await expect(chat).to.be.accessible();
    });

    it(`is accessible: before the first message, ${theme}`, async () => {
      const { chat } = await openScene({ theme });
      await expect(chat).to.be.accessible();
    });

    it(`is accessible: waiting, active, typing, offline, a problem, ended, ${theme}`, async () => {
      const { chat, desk } = await openScene({ theme });
      const { conversation: id } = await chat.send('Hello, see https://bank.example');
      await settled(chat);
      expect(textOf(must(chat, 'sc-panel'))).to.contain('Someone will join shortly');
      await expect(chat).to.be.accessible();
      desk.join(id);
      desk.say(id, 'See https://bank.example');
      desk.happen(id, { kind: 'refused', text: 'message-signature' });
      desk.notice(id, 'gap');
      desk.type(id);
      await settled(chat);
      await expect(chat).to.be.accessible();
      desk.connection('offline');
      desk.problem('store-full');
      desk.progress(id, 'failed');
      await settled(chat);
      expect(textOf(must(chat, 'sc-panel')))
        .to.contain('You are offline')
        .and.to.contain('no storage left');
      await expect(chat).to.be.accessible();
      desk.end(id);
      await settled(chat);
      await expect(chat).to.be.accessible();
    });

    it(`is accessible: padlock in each state, ${theme}`, async () => {
      const { chat, desk } = await openScene({ theme });
      for (const state of ['verified', 'none', 'stale', 'alarm'] as const) {
        desk.verification({ state });
        await chat.verify();
        await settled(chat);
        await expect(chat).to.be.accessible();
        must(chat, '.sheet .icon-button').click();
        await settled(chat);
        await expect(chat).to.be.accessible();
      }
    });

    it(`is accessible: list, menu, question, ${theme}`, async () => {
      const { chat, client } = await activeScene({ theme });
      await client.startConversation({ topic: 'Mortgage', text: 'And my mortgage?' });
      await settled(chat);
      must(chat, '[aria-label="More options"]').click();
      await settled(chat);
      await expect(chat).to.be.accessible();
      must(chat, '.menu li:nth-child(2) button').click();
      await settled(chat);
      expect(textOf(must(chat, '.question'))).to.contain('End this conversation?');
      await expect(chat).to.be.accessible();
      must(chat, '.question .button:last-child').click();
      await settled(chat);
      must(chat, '[aria-label="All conversations"]').click();
      await settled(chat);
      expect(textOf(must(chat, '.list'))).to.contain('Mortgage');
      await expect(chat).to.be.accessible();
    });
  }

  it('has only targets of at least 24 px, the main ones 44', async () => {
    const { chat } = await activeScene();
    for (const selector of ['.send', '.lock', '[aria-label="Close chat"]', '[aria-label="More options"]', 'textarea']) {
      const { height } = must(chat, selector).getBoundingClientRect();
      expect(height, selector).to.be.at.least(selector === 'textarea' ? 42 : 44);
    }
  });

  it('lives with 320 px: nothing is cut off sideways', async () => {
    const frame = document.createElement('iframe');
    const { chat } = await activeScene({ mode: 'inline' });
    const box = chat.parentElement as HTMLElement;
    box.style.inlineSize = '320px';
    await until(() => must(chat, '.panel').clientWidth <= 320);
    for (const selector of ['.panel', '.log', 'div.composer', '.header']) {
      const element = must(chat, selector);
      expect(element.scrollWidth, selector).to.be.at.most(element.clientWidth + 1);
    }
    frame.remove();
  });
});
