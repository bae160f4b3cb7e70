import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import { focused, mount, press, settled, type, waitUntil, type Mounted } from './desk-fixture.ts';
import { atPad, click, enter, PIN } from './lock-fixture.ts';
import { emptyScene } from './scene.ts';
import type { DoubleVault } from '../support/double-vault.ts';

const NEXT = '602915';
const act = (desk: Mounted, what: string): Promise<void> => click(desk, `[data-do="${what}"]`);
const acts = (desk: Mounted): (string | undefined)[] => desk.all('[data-do]').map(({ dataset }) => dataset.do);
const word = (desk: Mounted): string => desk.text('dialog[open] .word');

async function settings(passkey: boolean, pin = true): Promise<{ desk: Mounted; lock: DoubleVault }> {
  const { sara } = emptyScene();
  const { lock } = sara;
  lock.passkey = passkey;
  if (!pin) lock.pin = null;
  const desk = await mount(sara);
  await click(desk, 'button[aria-label="PIN and passkey"]');
  return { desk, lock };
}

describe('PIN and passkey of an open desk', () => {
  it('are offered as they are', async () => {
    expect(acts((await settings(false)).desk)).to.deep.equal(['lockPinChange', 'lockPasskeyAdd']);
    expect(acts((await settings(true)).desk)).to.deep.equal([
      ...['lockPinChange', 'lockPinReset', 'lockPasskeyRenew', 'lockPasskeyRemove'],
    ]);
    const { desk, lock } = await settings(true, false);
    expect(acts(desk), 'the only way in is not taken away').to.deep.equal(['lockPinSet', 'lockPasskeyRenew']);
    lock.passkeyPossible = false;
    await desk.client.vault.setPin(PIN);
    await settled();
    expect(acts(desk)).to.deep.equal(['lockPinChange', 'lockPinReset', 'lockPasskeyRemove']);
  });

  it('changes the PIN, shown the present one', async () => {
    const { desk, lock } = await settings(false);
    await act(desk, 'lockPinChange');
    expect(desk.text('dialog[open] h2')).to.equal('Change PIN');
    expect(atPad()).to.equal(true);
    await enter('999111');
    await enter(NEXT);
    await enter(NEXT);
    expect(desk.text('.failure')).to.equal('That is not your PIN. You have 9 tries left.');
    expect(lock.pin).to.equal(PIN);
    await enter(PIN);
    expect(lock.pin).to.equal(NEXT);
    expect(word(desk)).to.equal('The PIN is changed. The old one opens nothing any more.');
    expect(focused() === desk.find('[data-do="lockPinChange"]')).to.equal(true);
  });

  it('is not left while the PIN is being changed, and says that it is', async () => {
    const { desk, lock } = await settings(false);
    await act(desk, 'lockPinChange');
    await enter(PIN);
    await enter(NEXT);
    let finish = (): void => undefined;
    lock.working = new Promise((resolve) => (finish = resolve));
    await enter(NEXT);
    for (const way of ['.back', '.close']) {
      expect(desk.find(`dialog[open] ${way}`).getAttribute('aria-disabled')).to.equal('true');
      await click(desk, `dialog[open] ${way}`);
    }
    const cancel = new Event('cancel', { cancelable: true }); // Escape
    desk.find('dialog[open]').dispatchEvent(cancel);
    expect(cancel.defaultPrevented).to.equal(true);
    finish();
    await settled();
    expect([lock.pin, word(desk)]).to.deep.equal([NEXT, 'The PIN is changed. The old one opens nothing any more.']);
  });

  it('resets a forgotten PIN by the passkey', async () => {
    const { desk, lock } = await settings(true);
    await act(desk, 'lockPinReset');
    await enter(NEXT);
    lock.failure = new ChatError('usage', 'passkey-cancelled', 'cancelled');
    await enter(NEXT);
    expect(desk.text('.failure')).to.contain('The passkey was not used');
    expect(lock.pin).to.equal(PIN);
    await enter(NEXT);
    expect(lock.pin).to.equal(NEXT);
  });

  it('sets a PIN beside a passkey', async () => {
    const { desk, lock } = await settings(true, false);
    await act(desk, 'lockPinSet');
    await enter(NEXT);
    await enter(NEXT);
    expect([lock.pin, word(desk)]).to.deep.equal([NEXT, 'The PIN is set.']);
    expect(acts(desk)).to.include('lockPasskeyRemove');
  });

  it('adds a passkey and takes it away', async () => {
    const { desk, lock } = await settings(false);
    lock.failure = new ChatError('environment', 'passkey-unsupported', 'no PRF');
    await act(desk, 'lockPasskeyAdd');
    expect([word(desk), desk.find('.word').getAttribute('role')]).to.deep.equal([
      ...['This browser or this passkey cannot lock the chat. Please use a PIN instead.', 'alert'],
    ]);
    await act(desk, 'lockPasskeyAdd');
    expect([lock.passkey, word(desk)]).to.deep.equal([true, 'The passkey opens the desk now.']);
    await act(desk, 'lockPasskeyRemove');
    expect([lock.passkey, word(desk)]).to.deep.equal([false, 'The passkey opens nothing here any more.']);
  });

  it('forgets what was entered when one goes back or closes it', async () => {
    const { desk, lock } = await settings(false);
    await act(desk, 'lockPinChange');
    await enter(PIN);
    await press('1');
    await click(desk, 'dialog[open] .back');
    expect(acts(desk)).to.include('lockPinChange');
    await act(desk, 'lockPinChange');
    expect(desk.text('h3')).to.equal('Enter your present PIN');
    expect(desk.all('.dot.filled').length).to.equal(0);
    await click(desk, 'dialog[open] .close');
    // A dialog tells that it was closed in a task of its own.
    await waitUntil(() => desk.all('dialog[open], sc-pin-pad').length === 0);
    expect(lock.pin).to.equal(PIN);
  });

  it('locks from there, and is found in the commands', async () => {
    const { desk } = await settings(false);
    await click(desk, '.lock-now');
    expect(desk.text('h1')).to.equal('Locked');
    await enter(PIN);
    await press('k', { ctrlKey: true });
    await type(desk.find<HTMLInputElement>('dialog[open] input'), 'passkey');
    await press('Enter');
    expect(desk.text('dialog[open] h2')).to.equal('PIN and passkey');
    expect(focused()?.closest('dialog') === desk.find('dialog[open]')).to.equal(true);
  });
});
