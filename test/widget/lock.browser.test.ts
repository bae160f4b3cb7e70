import { expect } from '@open-wc/testing';
import { ChatError, codeOf } from '../../src/errors.ts';
import { deepActiveElement } from '../../src/ui/focus-return.ts';
import { DoubleVault } from '../support/double-vault.ts';
import { button, choose, enter, guestScene, lockedScene, lockedVault, lockScene, rest } from './lock-scene.ts';
import {
  cleanUp,
  find,
  launcherOf,
  must,
  PAGE_DESK_KEY,
  panelOf,
  press,
  scene,
  settled,
  textOf,
  type,
  until,
} from './scene.ts';

const failing = (code: string, details: Record<string, number> = {}): ChatError =>
  new ChatError('environment', code, code, { details });

/** The user comes back to the tab. */
const come = (): boolean => window.dispatchEvent(new Event('focus'));

describe('a locked chat', () => {
  afterEach(cleanUp);

  it('is a pad that reveals nothing but the number of unread messages', async () => {
    const { chat, of } = await lockedScene({ pin: '4711', unread: 2 }, { heading: 'Help' });
    expect(chat.state).to.equal('locked');
    expect(chat.locked).to.equal(true);
    expect(chat.unread).to.equal(2);
    const text = textOf(must(chat, 'sc-panel'));
    expect(text).to.contain('Enter your PIN').and.to.contain('2 unread messages').and.to.contain('Forgot your PIN?');
    expect(text).not.to.contain('Bank Example');
    for (const selector of ['textarea', 'sc-transcript', 'sc-padlock', '.more', '.banner'])
      expect(find(chat, selector), selector).to.equal(null);
    expect(text).not.to.contain('Use a passkey');
    expect(chat.conversations).to.deep.equal([]);
    expect(chat.verification).to.equal(null);
    expect(of('sc-lock')).to.deep.equal([null]);
    expect(of('sc-error')).to.deep.equal([]);
    expect(of('sc-status')).to.deep.equal([{ state: 'loading' }, { state: 'locked' }]);
  });

  it('shows on the launcher of the next page, which nobody has opened', async () => {
    const first = await guestScene({ pin: '4711' });
    first.chat.remove();
    await settled();
    first.lock.unread = 3;
    first.lock.lockNow();
    const { chat } = await lockScene(first.lock);
    await until(() => chat.state === 'locked');
    expect(launcherOf(chat).getAttribute('aria-label')).to.equal('Open chat, locked, 3 unread messages');
    expect(must(chat, '.badge').textContent).to.equal('3');
    expect(find(chat, '.launcher path')?.getAttribute('d')).to.match(/^M8 10\.4/);
    expect(panelOf(chat)).to.equal(null);
    await expect(chat).to.be.accessible();
  });

  it('has the focus in the pad; the right PIN opens, and the focus goes on to the text field', async () => {
    const { chat, of } = await lockedScene({ pin: '4711' });
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    await enter(chat, '4711');
    await until(() => chat.state === 'online');
    await rest(chat);
    expect(chat.locked).to.equal(false);
    expect(find(chat, 'sc-lock-screen')).to.equal(null);
    expect(deepActiveElement()).to.equal(must(chat, 'textarea'));
    expect(of('sc-unlock')).to.deep.equal([null]);
    expect(of('sc-ready')).to.have.length(1);
  });

  it('says how many tries a wrong PIN leaves, and keeps the focus', async () => {
    const { chat, of } = await lockedScene({ pin: '4711' });
    await enter(chat, '9999');
    expect(must(chat, '.failure').textContent.trim()).to.equal('That is not your PIN. You have 9 tries left.');
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    expect(chat.state).to.equal('locked');
    await enter(chat, '9998');
    expect(must(chat, '.failure').textContent).to.contain('8 tries left');
    expect(of('sc-error'), 'whoever mistypes is nobody’s business').to.deep.equal([]);
    expect(of('sc-lock')).to.have.length(1);
    await expect(chat).to.be.accessible();
  });

  for (const [code, details, words] of [
    ['vault-pin-wrong', { left: 1 }, 'You have 1 try left; after that, no PIN opens what is stored here.'],
    ['vault-delayed', { retryAfter: 45_000 }, 'Wait 45 seconds, then try again.'],
    ['vault-offline', {}, 'without one the PIN cannot be checked'],
    ['vault-relay-fault', {}, 'Your PIN was not at fault'],
    ['load-failed', {}, 'Please check your connection'],
    ['store-lost', {}, 'Code: store-lost'],
  ] as const) {
    it(`${code}: says so, and stays locked`, async () => {
      const { chat, lock } = await lockedScene({ pin: '4711' });
      lock.failure = failing(code, details);
      await enter(chat, '4711');
      expect(textOf(must(chat, 'sc-pin-pad'))).to.contain(words);
      expect(chat.state).to.equal('locked');
      await expect(chat).to.be.accessible();
    });
  }

  it('opens by passkey, if there is one, with or without a PIN', async () => {
    const both = await lockedScene({ pin: '4711', passkey: true });
    await expect(both.chat).to.be.accessible();
    button(both.chat, 'Use a passkey').click();
    await until(() => both.chat.state === 'online');
    expect(both.chat.opened.at(-1)?.unlock).to.deep.equal({ by: 'passkey' });
    cleanUp();
    const { chat } = await lockedScene({ passkey: true, unread: 1 });
    expect(textOf(must(chat, 'sc-lock-screen'))).to.contain('Only your passkey opens it');
    expect(find(chat, 'sc-pin-pad')).to.equal(null);
    expect(deepActiveElement()).to.equal(button(chat, 'Use a passkey'));
    await expect(chat).to.be.accessible();
    button(chat, 'Use a passkey').click();
    await until(() => chat.state === 'online');
  });

  it('says that a passkey was not used', async () => {
    const { chat, lock } = await lockedScene({ passkey: true });
    lock.failure = failing('passkey-cancelled');
    button(chat, 'Use a passkey').click();
    await rest(chat);
    expect(textOf(must(chat, 'sc-lock-screen'))).to.contain('The passkey was not used');
    expect(deepActiveElement()).to.equal(button(chat, 'Use a passkey'));
    expect(chat.state).to.equal('locked');
  });

  it('opens by itself when another tab has, or the connection is back: without disturbing who types', async () => {
    const { chat, lock, of } = await lockedScene({ pin: '4711' });
    press(must(chat, '.entry'), '4');
    come();
    await settled(chat);
    expect(chat.state).to.equal('locked');
    expect(find(chat, '.dot.filled'), 'what was entered stays').not.to.equal(null);
    lock.open({ by: 'pin', pin: '4711' }); // in the other tab
    window.dispatchEvent(
      new StorageEvent('storage', { key: `sc:${PAGE_DESK_KEY.slice(4, 20)}:stored`, newValue: '2' }),
    );
    await until(() => chat.state === 'online');
    expect(of('sc-unlock')).to.have.length(1);
    expect(of('sc-error')).to.deep.equal([]);
    await rest(chat);
    const active = deepActiveElement();
    expect(active === must(chat, '.panel'), 'what is still typed as a PIN becomes no message').to.equal(true);
  });

  it('asks nothing any more of what it hides, nor of the lock once it is open', async () => {
    const { chat, lock } = await guestScene({ pin: '4711' });
    await choose(chat, 'End conversation');
    expect(find(chat, '.question')).not.to.equal(null);
    lock.lockNow();
    await until(() => find(chat, 'sc-lock-screen') !== null);
    await rest(chat);
    expect(find(chat, '.question')).to.equal(null);
    button(chat, 'Forgot your PIN?').click();
    await rest(chat);
    lock.open({ by: 'pin', pin: '4711' }); // in another tab
    come();
    await until(() => chat.state === 'online');
    await rest(chat);
    expect(find(chat, '.question')).to.equal(null);
    expect(chat.erased).to.equal(0);
  });

  it('forgets what was entered when it is closed', async () => {
    const { chat } = await lockedScene({ pin: '4711' });
    for (const key of '471') press(must(chat, '.entry'), key);
    await rest(chat);
    expect(find(chat, '.dot.filled')).not.to.equal(null);
    chat.hide();
    await rest(chat);
    chat.show();
    await rest(chat);
    expect(find(chat, '.dot.filled')).to.equal(null);
  });

  it('has room for help of the page, and its pad can be styled from there', async () => {
    const sheet = document.head.appendChild(document.createElement('style'));
    sheet.textContent = 'test-chat::part(pin) { --reached: yes }';
    const { chat } = await lockedScene(
      { pin: '4711' },
      {},
      { contents: '<a slot="lock-help" href="#help" id="mine">Help</a>' },
    );
    expect(chat.querySelector('#mine')?.getClientRects().length).to.be.above(0);
    expect(getComputedStyle(must(chat, '.pin')).getPropertyValue('--reached')).to.equal('yes');
    sheet.remove();
    await expect(chat).to.be.accessible();
  });

  for (const [name, attributes] of [
    ['dark', { theme: 'dark' }],
    ['right to left', { dir: 'rtl' }],
    ['in the page', { mode: 'inline' }],
    ['the whole page', { mode: 'fullscreen' }],
  ] as const) {
    it(`is accessible: ${name}`, async () => {
      const { chat } = await lockedScene({ pin: '4711', passkey: true, unread: 2 }, attributes);
      await expect(chat).to.be.accessible();
      await enter(chat, '9999');
      await expect(chat).to.be.accessible();
      const screen = must(chat, '.screen');
      expect(screen.scrollWidth).to.be.at.most(screen.clientWidth + 1);
    });
  }
});

describe('a forgotten PIN', () => {
  afterEach(cleanUp);

  it('has its question in sight where there is little room and the text is large', async () => {
    const { chat } = await lockedScene({ pin: '4711' });
    const room = { '--sc-font-size': '30px', '--sc-inline-size': '320px', '--sc-block-size': '420px' };
    for (const [name, value] of Object.entries(room)) chat.style.setProperty(name, value);
    button(chat, 'Forgot your PIN?').click();
    await rest(chat);
    const question = must(chat, '.question');
    await Promise.all(question.getAnimations().map(({ finished }) => finished));
    expect(question.getBoundingClientRect().top).to.be.at.least(must(chat, '.panel').getBoundingClientRect().top);
    for (const answer of ['Delete and start over', 'Keep everything'].map((text) => button(chat, text)))
      expect(answer.scrollWidth, answer.textContent).to.be.at.most(answer.clientWidth);
    await expect(chat).to.be.accessible();
  });

  it('says what is lost, asks, deletes, and begins anew', async () => {
    const { chat, lock, of } = await lockedScene({ pin: '4711' });
    button(chat, 'Forgot your PIN?').click();
    await rest(chat);
    expect(textOf(must(chat, '.question')))
      .to.contain('will be deleted for good')
      .and.to.contain('new device');
    expect(chat.erased).to.equal(0);
    await expect(chat).to.be.accessible();
    button(chat, 'Keep everything').click();
    await rest(chat);
    expect(chat.erased).to.equal(0);
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    button(chat, 'Forgot your PIN?').click();
    await rest(chat);
    const fresh = new DoubleVault();
    chat.next = async () => new (await import('../support/double-client.ts')).DoubleClient({ lock: fresh });
    button(chat, 'Delete and start over').click();
    await until(() => chat.state === 'online');
    await rest(chat);
    expect(chat.erased).to.equal(1);
    expect(chat.locked).to.equal(false);
    expect(of('sc-storage-lost')).to.deep.equal([]);
    expect(textOf(must(chat, 'sc-panel'))).to.contain('How can we help?');
    expect(lock.pin).to.equal('4711');
  });

  it('lost at the relay: says so, keeps everything, and removes only when told to', async () => {
    const { chat, lock, of } = await lockedScene({ pin: '4711' });
    lock.failure = failing('vault-lost');
    await enter(chat, '4711');
    expect(textOf(must(chat, 'sc-lock-screen')))
      .to.contain('Your PIN no longer works here')
      .and.to.contain('Nothing is deleted until you say so');
    expect(find(chat, 'sc-pin-pad')).to.equal(null);
    expect(of('sc-storage-lost')).to.deep.equal([{ code: 'vault-lost' }]);
    expect(chat.erased).to.equal(0);
    await expect(chat).to.be.accessible();
    button(chat, 'Enter the PIN again').click();
    await rest(chat);
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    lock.failure = failing('vault-lost');
    await enter(chat, '4711');
    button(chat, 'Remove and start over').click();
    await rest(chat);
    expect(chat.erased, 'asks first').to.equal(0);
    lock.pin = null;
    button(chat, 'Delete and start over').click();
    await until(() => chat.state === 'online');
    expect(chat.erased).to.equal(1);
  });

  it('lost at the relay, with a passkey: opens by it, and then asks for a new PIN', async () => {
    const { chat, lock, of } = await lockedScene({ pin: '4711', passkey: true });
    lock.failure = failing('vault-lost');
    await enter(chat, '4711');
    expect(textOf(must(chat, 'sc-lock-screen'))).to.contain('Your passkey still opens this chat');
    expect(of('sc-storage-lost'), 'it is not lost').to.deep.equal([]);
    button(chat, 'Use a passkey').click();
    await until(() => find(chat, 'sc-lock-sheet') !== null);
    await rest(chat);
    expect(textOf(must(chat, 'sc-lock-sheet')))
      .to.contain('Choose a new PIN')
      .and.to.contain('it is asked for once more');
    await expect(chat).to.be.accessible();
    await enter(chat, '290317');
    await enter(chat, '290317');
    expect(lock.pin).to.equal('290317');
    expect(find(chat, 'sc-lock-sheet')).to.equal(null);
    expect(textOf(must(chat, 'sc-panel'))).to.contain('Your PIN is changed.');
  });

  it('damaged: says so and keeps it', async () => {
    const { chat, lock } = await lockedScene({ pin: '4711' });
    lock.failure = failing('vault-damaged');
    await enter(chat, '4711');
    expect(textOf(must(chat, 'sc-lock-screen')))
      .to.contain('What is stored here does not open')
      .and.to.contain('Nothing was deleted');
    expect(chat.erased).to.equal(0);
    await expect(chat).to.be.accessible();
  });

  it('damaged before there is a pad: kept, tried again, removed only after a question', async () => {
    const { chat, of } = await scene();
    chat.next = async () => {
      throw failing('vault-damaged');
    };
    chat.show();
    await until(() => chat.state === 'failed');
    await settled(chat);
    expect(of('sc-storage-lost')).to.deep.equal([{ code: 'vault-damaged' }]);
    button(chat, 'Try again').click();
    await settled(chat);
    expect(chat.erased).to.equal(0);
    button(chat, 'Remove and start over').click();
    await settled(chat);
    expect(chat.erased).to.equal(0);
    await expect(chat).to.be.accessible();
    button(chat, 'Delete and start over').click();
    await settled(chat);
    expect(chat.erased).to.equal(1);
  });
});

describe('locking', () => {
  afterEach(cleanUp);

  it('lock(): the draft is kept, the conversation is gone from the screen, the pad is there', async () => {
    const { chat, client, id, of } = await guestScene({ pin: '4711' });
    await type(chat, 'Half a sen');
    await chat.lock();
    await until(() => find(chat, 'sc-pin-pad') !== null);
    await rest(chat);
    expect(client.view(id).draft).to.equal('Half a sen');
    expect(client.closed).to.equal(true);
    expect(textOf(must(chat, 'sc-panel'))).not.to.match(/Hello|Bank Example|Half/);
    expect(chat.locked).to.equal(true);
    expect(of('sc-lock')).to.deep.equal([null]);
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    await chat.lock(); // is so already
    expect(of('sc-lock')).to.have.length(1);
  });

  it('lock() needs a lock', async () => {
    const { chat } = await guestScene();
    const code = await chat.lock().catch(codeOf);
    expect(code).to.equal('vault-no-lock');
    expect(chat.locked).to.equal(false);
  });

  it('by another tab or by time: at once, even while a menu or a sheet is open', async () => {
    const { chat, lock, of } = await guestScene({ pin: '4711' });
    await chat.changePin();
    await rest(chat);
    expect(find(chat, 'sc-lock-sheet')).not.to.equal(null);
    lock.lockNow();
    await until(() => chat.locked);
    await rest(chat);
    expect(find(chat, 'sc-lock-sheet')).to.equal(null);
    expect(textOf(must(chat, 'sc-panel'))).not.to.contain('Hello');
    expect(of('sc-status').at(-1)).to.deep.equal({ state: 'locked' });
    expect(of('sc-error')).to.deep.equal([]);
  });

  it('unlock() shows the pad and resolves when it is open', async () => {
    const { chat } = await lockScene(lockedVault({ pin: '4711' }));
    let open = false;
    const done = chat.unlock().then(() => (open = true));
    await until(() => find(chat, 'sc-pin-pad') !== null);
    await rest(chat);
    expect(open).to.equal(false);
    await enter(chat, '4711');
    await done;
    expect(chat.state).to.equal('online');
    await chat.unlock(); // is open
  });

  it('methods that need the conversation are refused while it is locked', async () => {
    const { chat } = await lockedScene({ pin: '4711' });
    for (const work of [chat.send('x'), chat.startConversation(), chat.changePin(), chat.verify()])
      expect(await work.catch(codeOf)).to.equal('vault-locked');
  });

  it('unlock() is given up when the element goes', async () => {
    const { chat } = await lockedScene({ pin: '4711' });
    const code = chat.unlock().catch(codeOf);
    await settled(chat);
    chat.remove();
    expect(await code).to.equal('chat-stopped');
  });

  it('logout({wipe}) works while locked', async () => {
    const { chat } = await lockedScene({ pin: '4711' });
    await chat.logout({ wipe: true });
    expect(chat.erased).to.equal(1);
    expect(chat.state).to.equal('idle');
    expect(chat.open).to.equal(false);
  });

  it('when another tab wipes, this one is as before its first use', async () => {
    const { chat, client } = await guestScene({ pin: '4711' });
    await client.close(); // what the engine does then
    await until(() => chat.state === 'idle');
    expect(chat.open).to.equal(false);
    expect(chat.conversations).to.deep.equal([]);
  });

  it('when another tab wipes while this one is locked, it is as before its first use', async () => {
    const { chat } = await lockedScene({ pin: '4711' });
    const key = `sc:${PAGE_DESK_KEY.slice(4, 20)}:stored`;
    window.dispatchEvent(new StorageEvent('storage', { key, newValue: null }));
    await until(() => chat.state === 'idle');
    expect(chat.open).to.equal(false);
    expect(chat.opened, 'nothing begins unasked').to.have.length(1);
  });

  it('whoever uses the panel is there, and the client is told so', async () => {
    const { chat, lock } = await guestScene({ pin: '4711' });
    const before = lock.touched;
    must(chat, 'textarea').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, composed: true }));
    expect(lock.touched).to.be.above(before);
    const now = lock.touched;
    for (let count = 0; count < 50; count++) press(must(chat, 'textarea'), 'a');
    expect(lock.touched - now, 'not at every key').to.be.at.most(1);
    document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
    expect(lock.touched - now, 'the page’s own use does not count').to.be.at.most(1);
  });
});
