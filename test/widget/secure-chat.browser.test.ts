import { expect } from '@open-wc/testing';
import { ChatError, codeOf } from '../../src/errors.ts';
import '../../src/widget/early-calls.ts';
import { deepActiveElement } from '../../src/ui/focus-return.ts';
import { DESK_KEY as SIGNED_KEY, DoubleClient } from '../support/double-client.ts';
import {
  activeScene,
  cleanUp,
  find,
  launcherOf,
  must,
  openScene,
  PAGE_DESK_KEY,
  panelOf,
  press,
  scene,
  settled,
  stored,
  textOf,
  type,
  until,
} from './scene.ts';

const codeOfRejection = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: unknown) => codeOf(error),
  );

describe('<secure-chat>', () => {
  afterEach(cleanUp);

  describe('before it is opened', () => {
    it('shows a launcher, opens no client and stores nothing', async () => {
      const { chat, heard } = await scene();
      expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Open chat');
      expect(launcherOf(chat).getBoundingClientRect().height).to.be.at.least(44);
      expect(panelOf(chat)).to.equal(null);
      expect(chat.opened).to.deep.equal([]);
      expect(chat.state).to.equal('idle');
      expect(heard).to.deep.equal([]);
      expect(stored()).to.deep.equal([]);
    });

    it('comes back by itself when a conversation is waiting', async () => {
      const first = await openScene();
      await first.chat.send('Hello');
      await settled(first.chat);
      expect(stored().map((key) => key.split(':')[2])).to.have.members(['waiting', 'stored']);
      first.chat.remove();
      await settled();
      const second = await scene();
      await until(() => second.chat.state === 'online');
      expect(panelOf(second.chat)).to.equal(null);
      expect(second.chat.unread).to.equal(0);
    });

    it('leaves no mark when nothing outlives the page', async () => {
      const { chat } = await openScene({}, { verification: { storage: 'memory' } });
      await chat.send('Hello');
      await settled(chat);
      expect(stored()).to.deep.equal([]);
    });

    it('takes properties set before it was defined', async () => {
      const made = document.createElement('late-chat') as HTMLElement & { heading: string; open: boolean };
      made.heading = 'Help';
      made.open = true;
      document.body.append(made);
      const { TestChat } = await import('./scene.ts');
      customElements.define('late-chat', class extends TestChat {});
      expect(made.getAttribute('heading')).to.equal('Help');
      expect(made.hasAttribute('open')).to.equal(true);
      made.remove();
    });

    it('runs what the page asked for before the script came', async () => {
      const calls: string[] = [];
      globalThis.secureChat = [(chat) => calls.push(chat.localName)];
      await scene();
      expect(calls).to.deep.equal(['test-chat']);
      globalThis.secureChat?.push((chat) => calls.push(`${chat.localName} again`));
      await settled();
      expect(calls).to.deep.equal(['test-chat', 'test-chat again']);
      globalThis.secureChat = undefined;
    });
  });

  describe('a wrong configuration', () => {
    for (const [name, attributes, code] of [
      ['no desk key', { 'desk-key': '' }, 'desk-key-missing'],
      ['a mistyped desk key', { 'desk-key': SIGNED_KEY.replace('AAEC', 'AAED') }, 'desk-key-malformed'],
      ['no relay', { relay: '' }, 'relay-missing'],
      ['a relay without encryption', { relay: 'ws://chat.example' }, 'relay-insecure'],
    ] as const) {
      it(`${name}: says so, and never connects`, async () => {
        const { chat, of } = await scene(attributes);
        expect(of('sc-error')).to.deep.equal([{ code, recoverable: false }]);
        expect(chat.state).to.equal('misconfigured');
        expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Open chat, not available');
        expect(must(chat, '.badge').textContent).to.equal('!');
        launcherOf(chat).click();
        await until(() => panelOf(chat)?.opened === true);
        await settled(chat);
        const panel = panelOf(chat);
        expect(panel && textOf(panel))
          .to.contain('Chat is not available here')
          .and.to.contain(`Code: ${code}`);
        expect(find(chat, 'textarea')).to.equal(null);
        expect(await codeOfRejection(chat.send('Hello'))).to.equal(code);
        expect(chat.opened).to.deep.equal([]);
        await expect(chat).to.be.accessible();
      });
    }

    it('is over once the attributes are right', async () => {
      const { chat } = await scene({ 'desk-key': 'dk1_x' });
      chat.deskKey = PAGE_DESK_KEY;
      await settled();
      expect(chat.state).to.equal('idle');
      expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Open chat');
    });
  });

  describe('opening and closing', () => {
    it('by the launcher: the focus goes in, Escape closes, the focus comes back', async () => {
      const { chat, of } = await scene();
      launcherOf(chat).focus();
      launcherOf(chat).click();
      await until(() => deepActiveElement()?.localName === 'textarea');
      expect(chat.open).to.equal(true);
      expect(chat.opened).to.deep.equal([
        { relay: 'wss://chat.example', deskKey: PAGE_DESK_KEY, receipts: false, history: 'persist', lockAfter: 15 },
      ]);
      expect(of('sc-ready')).to.have.length(1);
      expect(of('sc-open')).to.have.length(1);
      press(deepActiveElement() as Element, 'Escape');
      await settled(chat);
      expect(chat.open).to.equal(false);
      expect(deepActiveElement()).to.equal(launcherOf(chat));
      expect(of('sc-before-close')).to.have.length(1);
      expect(of('sc-close')).to.have.length(1);
    });

    it('slowly: the focus waits in the window and goes on to the text field', async () => {
      const { chat, client } = await scene();
      let open = (): void => undefined;
      chat.next = () => new Promise((resolve) => (open = () => resolve(client)));
      launcherOf(chat).click();
      await until(() => deepActiveElement()?.classList.contains('panel') === true);
      expect(textOf(must(chat, 'sc-panel'))).to.contain('Opening the chat');
      await expect(chat).to.be.accessible();
      open();
      await until(() => deepActiveElement()?.localName === 'textarea');
    });

    it('by the close button', async () => {
      const { chat } = await openScene();
      must(chat, '[aria-label="Close chat"]').click();
      await settled(chat);
      expect(chat.open).to.equal(false);
      await until(() => getComputedStyle(must(chat, '.panel')).visibility === 'hidden');
    });

    it('by methods; a listener can keep it open', async () => {
      const { chat } = await openScene();
      chat.addEventListener('sc-before-close', (event) => event.preventDefault(), { once: true });
      chat.hide();
      expect(chat.open).to.equal(true);
      chat.toggle();
      expect(chat.open).to.equal(false);
      chat.toggle();
      expect(chat.open).to.equal(true);
    });

    it('gives the focus back to the button of the page that opened it', async () => {
      const { chat } = await scene({ 'hide-launcher': '' });
      const button = document.createElement('button');
      chat.before(button);
      button.focus();
      chat.show();
      await until(() => deepActiveElement()?.localName === 'textarea');
      chat.hide();
      await settled(chat);
      expect(document.activeElement).to.equal(button);
    });

    it('by the attribute at the start, without taking the focus', async () => {
      const { chat } = await scene({ open: '' });
      await until(() => chat.state === 'online');
      await settled(chat);
      expect(panelOf(chat)?.opened).to.equal(true);
      expect(document.activeElement).to.equal(document.body);
    });

    it('goes on when it is moved, and ends when it is removed', async () => {
      const { chat, client } = await openScene();
      const home = chat.parentElement as HTMLElement;
      const other = document.createElement('div');
      home.append(other);
      other.append(chat);
      await settled(chat);
      expect(client.closed).to.equal(false);
      expect(chat.state).to.equal('online');
      chat.remove();
      await settled();
      expect(client.closed).to.equal(true);
      expect(chat.state).to.equal('idle');
      home.append(chat);
      chat.next = async () => new DoubleClient();
      await until(() => chat.state === 'online');
      expect(panelOf(chat)?.opened).to.equal(true);
    });
  });

  describe('attributes', () => {
    it('heading: the title, else the signed name', async () => {
      const { chat } = await openScene();
      expect(must(chat, '[part=title]').textContent).to.equal('Bank Example');
      chat.heading = 'Help desk';
      await settled(chat);
      expect(must(chat, '[part=title]').textContent).to.equal('Help desk');
      expect(must(chat, '.panel').getAttribute('aria-label')).to.equal('Help desk');
    });

    it('theme', async () => {
      const { chat } = await openScene({ theme: 'light' });
      const ground = (): string => getComputedStyle(must(chat, '.panel')).backgroundColor;
      expect(ground()).to.equal('rgb(255, 255, 255)');
      chat.theme = 'dark';
      expect(ground()).to.equal('rgb(20, 25, 26)');
      expect(chat.theme).to.equal('dark');
      chat.setAttribute('theme', 'pink');
      expect(chat.theme).to.equal('auto');
    });

    it('accent: kept where it fills, corrected where it draws, and warned of', async () => {
      const { chat, of } = await scene({ accent: 'gold', theme: 'light' });
      await settled();
      expect(getComputedStyle(launcherOf(chat)).backgroundColor).to.equal('rgb(255, 215, 0)');
      expect(getComputedStyle(launcherOf(chat)).color).to.equal('rgb(0, 4, 4)');
      expect(of('sc-error')).to.deep.equal([{ code: 'accent-contrast', recoverable: true }]);
      chat.accent = '#8a1538';
      await settled();
      expect(getComputedStyle(launcherOf(chat)).color).to.equal('rgb(255, 255, 255)');
      chat.accent = 'not a colour';
      await settled();
      expect(of('sc-error').at(-1)).to.deep.equal({ code: 'accent-malformed', recoverable: true });
    });

    it('position', async () => {
      const { chat } = await scene({ position: 'start' });
      expect(launcherOf(chat).getBoundingClientRect().left).to.be.closeTo(24, 1);
      chat.position = 'end';
      expect(launcherOf(chat).getBoundingClientRect().right).to.be.closeTo(
        document.documentElement.clientWidth - 24,
        1,
      );
    });

    it('mode inline: in the page, without launcher and close button, always shown', async () => {
      const { chat } = await scene({ mode: 'inline' });
      await until(() => chat.state === 'online');
      await settled(chat);
      expect(launcherOf(chat).hidden).to.equal(true);
      expect(find(chat, '[aria-label="Close chat"]')).to.equal(null);
      const panel = must(chat, '.panel');
      expect(panel.getAttribute('role')).to.equal('region');
      expect(getComputedStyle(panelOf(chat) as Element).position).to.equal('static');
      press(must(chat, 'textarea'), 'Escape');
      expect(panelOf(chat)?.opened).to.equal(true);
    });

    it('mode fullscreen: the whole page, modal', async () => {
      const { chat } = await openScene({ mode: 'fullscreen' });
      const box = (panelOf(chat) as Element).getBoundingClientRect();
      expect([box.left, box.top]).to.deep.equal([0, 0]);
      expect(box.width).to.be.closeTo(document.documentElement.clientWidth, 1);
      expect(must(chat, '.panel').getAttribute('aria-modal')).to.equal('true');
    });

    it('hide-launcher', async () => {
      const { chat } = await scene({ 'hide-launcher': '' });
      expect(launcherOf(chat).hidden).to.equal(true);
      chat.hideLauncher = false;
      await settled();
      expect(launcherOf(chat).hidden).to.equal(false);
    });

    it('disabled: nothing opens, what is open ends', async () => {
      const { chat, client } = await openScene();
      chat.disabled = true;
      await settled();
      expect(client.closed).to.equal(true);
      expect(panelOf(chat)).to.equal(null);
      expect(launcherOf(chat).disabled).to.equal(true);
      expect(await codeOfRejection(chat.send('x'))).to.equal('disabled');
    });

    it('lang: dates as there, texts marked with their language', async () => {
      const { chat } = await activeScene({ lang: 'en-US' });
      expect(must(chat, '.panel').lang).to.equal('en-US');
      expect(must(chat, '.meta time').textContent).to.match(/AM|PM/);
      chat.lang = 'en-GB';
      await settled(chat);
      expect(must(chat, '.meta time').textContent).not.to.match(/AM|PM/);
    });

    it('receipts, relay and desk-key: a change opens the client anew', async () => {
      const { chat, client } = await openScene();
      const second = new DoubleClient();
      chat.next = async () => second;
      chat.receipts = true;
      chat.relay = 'wss://other.example';
      await until(() => chat.opened.length === 2 && chat.state === 'online');
      expect(client.closed).to.equal(true);
      expect(chat.opened[1]).to.include({ relay: 'wss://other.example', deskKey: PAGE_DESK_KEY, receipts: true });
    });

    it('dir: everything is mirrored', async () => {
      const { chat } = await activeScene({ dir: 'rtl' });
      const own = must(chat, '.message.own .bubble').getBoundingClientRect();
      const other = must(chat, '.message.other .bubble').getBoundingClientRect();
      expect(own.left).to.be.below(other.left);
      expect(launcherOf(chat).getBoundingClientRect().left).to.be.below(100);
      await expect(chat).to.be.accessible();
    });
  });

  describe('properties and methods', () => {
    it('have values once it is ready', async () => {
      const { chat } = await scene();
      expect(chat.conversations).to.deep.equal([]);
      expect(chat.verification).to.equal(null);
      void chat.setDraft('Hello');
      await chat.ready;
      expect(chat.verification?.state).to.equal('verified');
      expect(chat.state).to.equal('online');
      expect(chat.agent).to.equal(null);
    });

    it('send begins a conversation, and goes on with it', async () => {
      const { chat, of, client } = await scene();
      const first = await chat.send('Hello');
      const second = await chat.send({ text: 'Anybody there?' });
      expect(second.conversation).to.equal(first.conversation);
      await settled(chat);
      expect(chat.conversations).to.have.length(1);
      expect(of('sc-message-sent')).to.deep.equal([first, second]);
      client.desk.join(first.conversation, 'Omar');
      await settled(chat);
      expect(chat.agent?.name).to.equal('Omar');
    });

    it('startConversation shows a new one with topic and draft', async () => {
      const { chat } = await scene();
      await chat.startConversation({ topic: 'Cards', draft: 'My card' });
      await until(() => find<HTMLTextAreaElement>(chat, 'textarea')?.value === 'My card');
      expect(chat.open).to.equal(true);
      must(chat, '[aria-label=Send]').click();
      await settled(chat);
      expect(chat.conversations[0]?.topic).to.equal('Cards');
    });

    it('openConversation, endConversation, setDraft', async () => {
      const { chat, of } = await activeScene();
      const id = chat.conversations[0]?.id ?? '';
      await chat.startConversation();
      await settled(chat);
      expect(find(chat, '[role=log]')).to.equal(null);
      await chat.openConversation(id);
      await settled(chat);
      expect(find(chat, '[role=log]')).not.to.equal(null);
      await chat.setDraft('Later');
      await settled(chat);
      expect(must<HTMLTextAreaElement>(chat, 'textarea').value).to.equal('Later');
      await chat.endConversation();
      await settled(chat);
      expect(of('sc-conversation-end')).to.deep.equal([{ conversation: id }]);
      expect(textOf(must(chat, 'sc-panel'))).to.contain('This conversation has ended');
      expect(find(chat, 'textarea')).to.equal(null);
      expect(await codeOfRejection(chat.openConversation('nowhere'))).to.equal('conversation-unknown');
    });

    it('verify opens the padlock', async () => {
      const { chat } = await scene();
      const verification = await chat.verify();
      await settled(chat);
      expect(verification?.deskKey).to.equal(SIGNED_KEY);
      expect(textOf(must(chat, '.sheet')))
        .to.contain('Who answers is verified')
        .and.to.contain(SIGNED_KEY);
    });

    it('logout closes; with wipe everything is deleted', async () => {
      const { chat, client } = await activeScene();
      await chat.logout({ wipe: true });
      expect(client.wiped).to.equal(true);
      expect(client.closed).to.equal(true);
      expect(chat.open).to.equal(false);
      expect(chat.state).to.equal('idle');
      expect(stored()).to.deep.equal([]);
      const other = await activeScene();
      await other.chat.logout();
      expect(other.client.wiped).to.equal(false);
      expect(other.client.closed).to.equal(true);
    });

    it('logout with wipe needs no open client', async () => {
      const { chat } = await scene();
      await chat.logout({ wipe: true });
      expect(chat.erased).to.equal(1);
      expect(chat.opened).to.deep.equal([]);
    });

    it('strings replace single texts', async () => {
      const { chat } = await openScene();
      chat.strings = { welcomeTitle: 'Ask us anything', openChat: 'Open chat with us' };
      await settled(chat);
      expect(textOf(must(chat, 'sc-panel'))).to.contain('Ask us anything');
      expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Open chat with us');
    });
  });

  describe('when it cannot open', () => {
    it('says so, tells the page, and tries again when asked', async () => {
      const { chat, of, client } = await scene();
      chat.next = async () => {
        throw new ChatError('environment', 'store-lost', 'no database');
      };
      chat.show();
      await until(() => chat.state === 'failed');
      await settled(chat);
      expect(of('sc-error')).to.deep.equal([{ code: 'store-lost', recoverable: false }]);
      expect(of('sc-storage-lost')).to.deep.equal([{ code: 'store-lost' }]);
      await expect(chat).to.be.accessible();
      chat.next = async () => client;
      must(chat, '.unavailable button').click();
      await until(() => chat.state === 'online');
      await settled(chat);
      expect(find(chat, 'textarea')).not.to.equal(null);
    });

    it('tries again by itself when the device comes online', async () => {
      const { chat, of, client } = await scene();
      chat.next = async () => {
        throw new ChatError('environment', 'vault-offline', 'no relay');
      };
      chat.show();
      await until(() => chat.state === 'failed');
      window.dispatchEvent(new Event('online'));
      await settled(chat);
      expect(of('sc-error')).to.deep.equal([{ code: 'vault-offline', recoverable: true }]);
      chat.next = async () => client;
      window.dispatchEvent(new Event('online'));
      await until(() => chat.state === 'online');
    });

    it('begins anew when what is stored will never open again', async () => {
      const { chat, client } = await scene();
      chat.next = async () => {
        throw new ChatError('environment', 'vault-lost', 'expired');
      };
      chat.show();
      await until(() => chat.state === 'failed');
      await settled(chat);
      expect(textOf(must(chat, 'sc-panel'))).to.contain('Earlier conversations are gone');
      chat.next = async () => client;
      must(chat, '.unavailable button').click();
      await until(() => chat.state === 'online');
      expect(chat.erased).to.equal(1);
    });
  });

  describe('writing', () => {
    it('goes on without a click: the first message, the next ones, the end', async () => {
      const { chat, desk } = await openScene();
      await type(chat, 'Hello');
      press(must(chat, 'textarea'), 'Enter');
      await settled(chat);
      expect(chat.conversations).to.have.length(1);
      expect(deepActiveElement()).to.equal(must(chat, 'textarea'));
      const id = chat.conversations[0]?.id ?? '';
      desk.join(id);
      await settled(chat);
      expect(deepActiveElement()).to.equal(must(chat, 'textarea'));
      desk.end(id);
      await settled(chat);
      expect(deepActiveElement()).to.equal(must(chat, '.panel'));
      press(must(chat, '.panel'), 'Escape');
      expect(chat.open).to.equal(false);
    });

    it('gives the text back when it could not be stored, and says why', async () => {
      const { chat, client, of } = await openScene();
      client.failNext = new ChatError('environment', 'store-full', 'no room');
      await type(chat, 'Hello');
      must(chat, '[aria-label=Send]').click();
      await settled(chat);
      expect(must<HTMLTextAreaElement>(chat, 'textarea').value).to.equal('Hello');
      expect(textOf(must(chat, '[role=alert] .banner'))).to.contain('no storage left');
      expect(of('sc-error')).to.deep.equal([{ code: 'store-full', recoverable: true }]);
    });

    it('keeps a draft over a closed panel and another conversation', async () => {
      const { chat, client, id } = await activeScene();
      await type(chat, 'Half a sen');
      chat.hide();
      chat.show();
      await settled(chat);
      expect(must<HTMLTextAreaElement>(chat, 'textarea').value).to.equal('Half a sen');
      await chat.startConversation();
      await settled(chat);
      expect(must<HTMLTextAreaElement>(chat, 'textarea').value).to.equal('');
      expect(client.view(id).draft).to.equal('Half a sen');
    });

    it('tells the desk that one types', async () => {
      const { chat, client, id } = await activeScene();
      await type(chat, 'W');
      await type(chat, '');
      expect(client.typed).to.deep.equal([
        { conversation: id, on: true },
        { conversation: id, on: false },
      ]);
    });
  });

  describe('unread messages', () => {
    it('are counted on the closed launcher, and read when they are seen', async () => {
      const { chat, desk, client, of, id } = await activeScene();
      chat.hide();
      await settled(chat);
      desk.say(id, 'One');
      desk.say(id, 'Two');
      await settled(chat);
      expect(chat.unread).to.equal(2);
      expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Open chat, 2 unread messages');
      expect(must(chat, '.badge').textContent).to.equal('2');
      const before = client.read.length;
      chat.show();
      await settled(chat);
      await until(() => chat.unread === 0);
      expect(client.read.length).to.be.above(before);
      expect(textOf(must(chat, '.log'))).to.contain('New messages');
      expect(of('sc-unread').at(-1)).to.deep.equal({ unread: 0 });
    });
  });

  describe('events', () => {
    it('tell of typing', async () => {
      const { chat, desk, of, id } = await activeScene();
      desk.type(id);
      await settled(chat);
      expect(textOf(must(chat, '.log'))).to.contain('Sara is typing');
      expect(of('sc-typing')).to.deep.equal([{ conversation: id, typing: true }]);
    });

    it('sc-status follows the connection', async () => {
      const { desk, chat, of } = await openScene();
      desk.connection('offline');
      await settled(chat);
      expect(of('sc-status')).to.deep.equal([{ state: 'loading' }, { state: 'online' }, { state: 'offline' }]);
    });

    it('sc-link-click can be cancelled', async () => {
      const { chat, desk, of, id } = await activeScene();
      const message = desk.say(id, 'See https://bank.example/help');
      await settled(chat);
      const link = must<HTMLAnchorElement>(chat, '.text a');
      expect(link.rel).to.equal('noopener noreferrer');
      expect(link.target).to.equal('_blank');
      chat.addEventListener('sc-link-click', (event) => event.preventDefault());
      const click = new MouseEvent('click', { bubbles: true, composed: true, cancelable: true });
      link.dispatchEvent(click);
      expect(click.defaultPrevented).to.equal(true);
      expect(of('sc-link-click')).to.deep.equal([{ href: 'https://bank.example/help', message }]);
    });

    it('carry no text of any message', async () => {
      const { chat, desk, heard, id } = await activeScene();
      desk.say(id, 'Your PIN is 4711');
      await type(chat, 'My secret');
      must(chat, '[aria-label=Send]').click();
      await settled(chat);
      expect(JSON.stringify(heard)).not.to.match(/4711|secret|Hello|morning/i);
    });
  });
});
