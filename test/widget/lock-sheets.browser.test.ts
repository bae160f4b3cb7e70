import { expect } from '@open-wc/testing';
import { ChatError, codeOf } from '../../src/errors.ts';
import { deepActiveElement } from '../../src/ui/focus-return.ts';
import { DoubleClient } from '../support/double-client.ts';
import { button, choose, enter, guestScene, lockScene, menuTexts, rest } from './lock-scene.ts';
import { cleanUp, find, must, openScene, panelOf, press, settled, stored, textOf, until } from './scene.ts';

const failing = (code: string, details: Record<string, number> = {}): ChatError =>
  new ChatError('environment', code, code, { details });

const card = (chat: HTMLElement): HTMLElement | null => find(chat, 'sc-lock-card');
const panelText = (chat: HTMLElement): string => textOf(must(chat, 'sc-panel'));

describe('the invitation to a lock', () => {
  afterEach(cleanUp);

  it('comes after the first message, below it, and disturbs nobody who writes', async () => {
    const { chat } = await openScene();
    await rest(chat);
    expect(card(chat)).to.equal(null);
    must(chat, 'textarea').focus();
    await chat.send('Hello');
    await until(() => card(chat) !== null, 'the card');
    await rest(chat);
    const text = textOf(must(chat, 'sc-lock-card'));
    for (const words of ['Keep this chat on this device', 'Choose a PIN', 'Use a passkey', 'Not now'])
      expect(text).to.contain(words);
    expect(card(chat)?.closest('[aria-modal]') === null, 'no dialog').to.equal(true);
    expect(must(chat, 'sc-transcript').contains(card(chat))).to.equal(true);
    expect(deepActiveElement()).to.equal(must(chat, 'textarea'));
    await expect(chat).to.be.accessible();
  });

  it('leads to a PIN: choose, repeat, done, said in one sentence', async () => {
    const { chat, lock, of } = await guestScene();
    button(chat, 'Choose a PIN').click();
    await until(() => find(chat, 'sc-lock-sheet') !== null);
    await rest(chat);
    expect(panelText(chat)).to.contain('Six digits').and.to.contain('After ten wrong tries');
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    await expect(chat).to.be.accessible();
    await enter(chat, '290317');
    expect(textOf(must(chat, 'sc-lock-sheet'))).to.contain('Repeat your PIN');
    await expect(chat).to.be.accessible();
    await enter(chat, '290317');
    expect(lock.pin).to.equal('290317');
    expect(find(chat, 'sc-lock-sheet')).to.equal(null);
    expect(card(chat)).to.equal(null);
    expect(textOf(must(chat, '.banner.success'))).to.equal('Your PIN is set. From now on, it opens this chat.');
    expect(must(chat, '.banner.success').closest('[role=status]')).not.to.equal(null);
    expect(of('sc-lock')).to.deep.equal([]);
    await expect(chat).to.be.accessible();
    await chat.send('Another one');
    must(chat, '.more').click();
    await settled(chat);
    must(chat, '.menu button').click();
    await settled(chat);
    expect(find(chat, '.banner.success'), 'gone when the user goes on').to.equal(null);
  });

  it('is not left while the PIN is being set, which nothing takes back', async () => {
    const { chat, lock } = await guestScene();
    button(chat, 'Choose a PIN').click();
    await rest(chat);
    await enter(chat, '290317');
    let finish = (): void => undefined;
    lock.working = new Promise((resolve) => (finish = resolve));
    await enter(chat, '290317');
    const close = must(chat, '[aria-label="Close without changing anything"]');
    expect(close.getAttribute('aria-disabled')).to.equal('true');
    close.click();
    press(must(chat, '.entry'), 'Escape');
    await rest(chat);
    expect(find(chat, 'sc-lock-sheet')).not.to.equal(null);
    finish();
    await until(() => lock.pin === '290317');
    await rest(chat);
    expect(find(chat, 'sc-lock-sheet')).to.equal(null);
    expect(panelText(chat)).to.contain('Your PIN is set');
  });

  it('refuses what is too common, mistyped or cannot be set, and asks again', async () => {
    const { chat, lock } = await guestScene();
    button(chat, 'Choose a PIN').click();
    await rest(chat);
    const failure = (): string => must(chat, '.failure').textContent.trim();
    await enter(chat, '1234');
    await enter(chat, '4321');
    expect(failure()).to.equal('Those were not the same. Please choose again.');
    expect(textOf(must(chat, 'sc-lock-sheet'))).to.contain('Choose a PIN');
    await enter(chat, '1111');
    await enter(chat, '1111');
    expect(failure()).to.equal('Too many people choose that PIN. Please take another one.');
    await enter(chat, '290317');
    expect(failure()).to.equal('');
    lock.failure = failing('vault-offline');
    await enter(chat, '290317');
    expect(failure()).to.contain('There is no connection');
    expect(textOf(must(chat, 'sc-lock-sheet')), 'what was chosen stands').to.contain('Repeat your PIN');
    expect(lock.pin).to.equal(null);
    await enter(chat, '290317');
    expect(lock.pin).to.equal('290317');
  });

  it('leads to a passkey', async () => {
    const { chat, lock, of } = await guestScene();
    lock.failure = failing('passkey-cancelled');
    button(chat, 'Use a passkey').click();
    await rest(chat);
    expect(panelText(chat)).to.contain('The passkey was not used');
    expect(of('sc-error')).to.deep.equal([{ code: 'passkey-cancelled', recoverable: true }]);
    button(chat, 'Use a passkey').click();
    await until(() => lock.passkey);
    await rest(chat);
    expect(card(chat)).to.equal(null);
    expect(panelText(chat)).to.contain('Your passkey is set').and.not.to.contain('was not used');
  });

  it('declined is not repeated in this conversation, also after a reload, but in the next', async () => {
    const { chat, lock } = await guestScene();
    button(chat, 'Not now').click();
    await rest(chat);
    expect(card(chat)).to.equal(null);
    const again = new DoubleClient({ lock });
    const { conversation } = await again.startConversation({ topic: null, text: 'Hello' });
    chat.next = async () => again;
    chat.receipts = true; // opens anew, as the next page does
    await until(() => chat.state === 'online' && chat.conversations.length === 1);
    await rest(chat);
    expect(card(chat)).to.equal(null);
    again.desk.end(conversation);
    await chat.startConversation();
    await chat.send('Something else');
    await until(() => card(chat) !== null, 'the card again');
    expect(lock.pin).to.equal(null);
  });

  it('offers a PIN alone where there are no passkeys', async () => {
    const { chat } = await guestScene({ passkeyPossible: false });
    expect(textOf(must(chat, 'sc-lock-card')))
      .to.contain('Choose a PIN')
      .and.not.to.contain('passkey');
  });

  it('lock="passkey" offers that alone, and nothing where there is none', async () => {
    const { chat } = await guestScene({}, { lock: 'passkey' });
    expect(chat.lockKind).to.equal('passkey');
    expect(textOf(must(chat, 'sc-lock-card')))
      .to.contain('Use a passkey')
      .and.not.to.contain('PIN');
    await expect(chat).to.be.accessible();
    cleanUp();
    const without = await guestScene({ passkeyPossible: false }, { lock: 'passkey' });
    expect(card(without.chat)).to.equal(null);
  });

  it('lock="off" offers nothing; the attribute takes effect at once', async () => {
    const { chat, client } = await guestScene({}, { lock: 'off' });
    expect(card(chat)).to.equal(null);
    must(chat, '.more').click();
    await settled(chat);
    expect(menuTexts(chat)).to.deep.equal(['End conversation', 'Delete from this device']);
    chat.setAttribute('lock', 'pin');
    await until(() => card(chat) !== null, 'the card');
    chat.setAttribute('lock', 'what');
    await rest(chat);
    expect(chat.lockKind, 'an unknown value is the default').to.equal('pin');
    expect(card(chat)).not.to.equal(null);
    expect(client.closed, 'the client stays open').to.equal(false);
  });

  it('has no place where nothing outlives the tab', async () => {
    for (const history of ['session', 'none']) {
      const { chat } = await guestScene({}, { history });
      expect(chat.opened[0]?.history).to.equal(history);
      expect(card(chat)).to.equal(null);
      expect(stored(), 'nor does a mark').to.deep.equal([]);
      expect(await chat.changePin().catch(codeOf)).to.equal('vault-memory');
      cleanUp();
    }
  });

  for (const theme of ['light', 'dark']) {
    it(`is accessible, ${theme}, right to left, narrow`, async () => {
      const { chat } = await guestScene({}, { theme, dir: 'rtl', mode: 'inline' });
      (chat.parentElement as HTMLElement).style.inlineSize = '320px';
      await rest(chat);
      await expect(chat).to.be.accessible();
      const log = must(chat, '.log');
      expect(log.scrollWidth).to.be.at.most(log.clientWidth + 1);
    });
  }
});

describe('the lock’s menu', () => {
  afterEach(cleanUp);

  const items = async (chat: HTMLElement): Promise<string[]> => {
    must(chat, '.more').click();
    await settled(chat);
    const texts = menuTexts(chat);
    must(chat, '.more').click();
    await settled(chat);
    return texts.filter((text) => /PIN|passkey|Lock/.test(text));
  };

  it('offers what can be done', async () => {
    const guest = await guestScene();
    expect(await items(guest.chat)).to.deep.equal(['Set a PIN', 'Add a passkey']);
    cleanUp();
    const pin = await guestScene({ pin: '4711' });
    expect(await items(pin.chat)).to.deep.equal(['Lock now', 'Change PIN', 'Add a passkey']);
    cleanUp();
    const both = await guestScene({ pin: '4711', passkey: true });
    expect(await items(both.chat)).to.deep.equal(['Lock now', 'Change PIN', 'Remove passkey']);
    cleanUp();
    const passkey = await guestScene({ passkey: true });
    expect(await items(passkey.chat), 'the only way in cannot be removed').to.deep.equal(['Lock now', 'Set a PIN']);
    cleanUp();
    const old = await guestScene({ passkeyPossible: false });
    expect(await items(old.chat)).to.deep.equal(['Set a PIN']);
  });

  it('locks', async () => {
    const { chat } = await guestScene({ pin: '4711' });
    await choose(chat, 'Lock now');
    await until(() => chat.locked);
  });

  it('changes the PIN: the present one, a new one twice; a wrong one is asked for again, the new one stands', async () => {
    const { chat, lock } = await guestScene({ pin: '4711' });
    await choose(chat, 'Change PIN');
    const sheet = (): string => textOf(must(chat, 'sc-lock-sheet'));
    expect(sheet()).to.contain('Enter your present PIN');
    expect(sheet(), 'there is no passkey').not.to.contain('Forgot it?');
    await expect(chat).to.be.accessible();
    await enter(chat, '0000');
    expect(sheet()).to.contain('Choose a new PIN');
    await enter(chat, '290317');
    await enter(chat, '290317');
    expect(sheet()).to.contain('Enter your present PIN').and.to.contain('9 tries left');
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    await expect(chat).to.be.accessible();
    await enter(chat, '4711');
    expect(find(chat, 'sc-lock-sheet')).to.equal(null);
    expect(lock.pin).to.equal('290317');
    expect(panelText(chat)).to.contain('Your PIN is changed.');
  });

  it('a passkey stands in for a PIN that was forgotten', async () => {
    const { chat, lock } = await guestScene({ pin: '4711', passkey: true });
    await choose(chat, 'Change PIN');
    button(chat, 'Forgot it? Use your passkey').click();
    await rest(chat);
    expect(textOf(must(chat, 'sc-lock-sheet'))).to.contain('Choose a new PIN');
    await enter(chat, '290317');
    await enter(chat, '290317');
    expect(lock.pin).to.equal('290317');
  });

  it('adds a passkey, and removes it after a question', async () => {
    const { chat, lock } = await guestScene({ pin: '4711' });
    await choose(chat, 'Add a passkey');
    await until(() => lock.passkey);
    await choose(chat, 'Remove passkey');
    expect(textOf(must(chat, '.question'))).to.contain('only your PIN opens this chat');
    await expect(chat).to.be.accessible();
    button(chat, 'Keep it').click();
    await rest(chat);
    expect(lock.passkey).to.equal(true);
    await choose(chat, 'Remove passkey');
    button(chat, 'Remove').click();
    await rest(chat);
    expect(lock.passkey).to.equal(false);
    expect(panelText(chat)).to.contain('The passkey is removed.');
  });
});

describe('a sheet', () => {
  afterEach(cleanUp);

  it('keeps the focus inside, leaves with Escape, and gives it back', async () => {
    const { chat, lock } = await guestScene({ pin: '4711' });
    must(chat, 'textarea').focus();
    await chat.changePin();
    await rest(chat);
    const sheet = must(chat, '[role=dialog].sheet');
    expect(sheet.getAttribute('aria-modal')).to.equal('true');
    expect(deepActiveElement()).to.equal(must(chat, '.entry'));
    for (let count = 0; count < 4; count++) {
      press(deepActiveElement() as Element, 'Tab');
      expect(must(chat, 'sc-lock-sheet').matches(':focus-within')).to.equal(true);
    }
    must(chat, '.entry').focus();
    press(must(chat, '.entry'), '4');
    press(must(chat, '.entry'), 'Escape');
    await rest(chat);
    expect(find(chat, 'sc-lock-sheet'), 'the first clears the pad').not.to.equal(null);
    press(must(chat, '.entry'), 'Escape');
    await rest(chat);
    expect(find(chat, 'sc-lock-sheet')).to.equal(null);
    expect(chat.open).to.equal(true);
    expect(deepActiveElement()).to.equal(must(chat, 'textarea'));
    expect(lock.pin).to.equal('4711');
  });

  it('changePin() asks for the first PIN where there is none', async () => {
    const { chat } = await guestScene();
    chat.hide();
    await chat.changePin();
    await rest(chat);
    expect(chat.open).to.equal(true);
    expect(panelOf(chat)?.opened).to.equal(true);
    expect(textOf(must(chat, 'sc-lock-sheet'))).to.contain('Choose a PIN');
    button(chat, '').click(); // the cross
    await rest(chat);
  });

  it('goes with the panel', async () => {
    const { chat } = await guestScene({ pin: '4711' });
    await chat.changePin();
    await rest(chat);
    chat.hide();
    await rest(chat);
    chat.show();
    await rest(chat);
    expect(find(chat, 'sc-lock-sheet')).to.equal(null);
  });
});

describe('what a page says of the lock', () => {
  afterEach(cleanUp);

  it('lock-after: minutes, 15 if it does not say or not rightly; a change opens anew', async () => {
    const { chat } = await lockScene({});
    for (const [text, minutes] of [
      ['5', 5],
      ['0', 0],
      ['0.5', 0.5],
      ['', 15],
      ['-1', 15],
      ['soon', 15],
      ['99999999', 15],
    ] as const) {
      chat.setAttribute('lock-after', text);
      expect(chat.lockAfter, text).to.equal(minutes);
    }
    chat.lockAfter = 3;
    await settled();
    chat.show();
    await until(() => chat.state === 'online');
    expect(chat.opened[0]?.lockAfter).to.equal(3);
    chat.lockAfter = 0;
    await until(() => chat.opened.length === 2);
    expect(chat.opened[1]?.lockAfter).to.equal(0);
  });

  it('history: persist if it does not say; a change opens anew', async () => {
    const { chat } = await lockScene({});
    expect(chat.history).to.equal('persist');
    chat.history = 'none';
    await settled();
    chat.show();
    await until(() => chat.state === 'online');
    chat.setAttribute('history', 'for ever');
    await until(() => chat.opened.length === 2);
    expect(chat.opened.map(({ history }) => history)).to.deep.equal(['none', 'persist']);
  });
});
