import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import type { OpenDeskOptions } from '../../src/desk/client.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';
import { focused, mount, rowsOf, settled } from './desk-fixture.ts';
import { atPad, click, comeBack, enter, lockedDesk, network, PIN } from './lock-fixture.ts';
import { busyScene } from './scene.ts';

const refusal = (code: string, details = {}): ChatError => new ChatError('environment', code, 'refused', { details });

describe('a locked desk', () => {
  it('shows how much waits, and neither the desk nor anybody’s name', async () => {
    document.title = 'Before';
    const { desk } = await lockedDesk();
    expect(desk.text('h1')).to.equal('Locked');
    expect(desk.text('.lead')).to.equal('3 unread messages');
    expect(desk.element.unread).to.equal(3);
    expect(document.title).to.equal('(3) Desk');
    const whole = desk.all('*').map(({ textContent }) => textContent);
    expect(whole.join(' ')).not.to.match(/Example Bank|Sara|Fraud|Customer/);
    expect(desk.all('sc-desk-console, sc-desk-lists, sc-transcript')).to.have.length(0);
  });

  it('opens with the PIN, typed at once', async () => {
    const { desk } = await lockedDesk();
    expect(atPad(), 'the digits go to the pad').to.equal(true);
    await enter(PIN);
    expect(rowsOf(desk, 'Mine')).to.have.length(6);
    expect(document.title).to.equal('(3) Example Bank – Desk');
    expect(desk.opened.map(({ unlock }) => unlock)).to.deep.equal([undefined, { by: 'pin', pin: PIN }]);
    expect(focused() === desk.find('.empty h2'), 'reading goes on in the console').to.equal(true);
  });

  it('says how many tries are left, and keeps the PIN nowhere', async () => {
    const { desk } = await lockedDesk();
    const codes: string[] = [];
    desk.element.addEventListener('sc-error', ({ detail }) => codes.push(detail.code));
    await enter('111222');
    expect(desk.text('.failure')).to.equal('That is not your PIN. You have 9 tries left.');
    expect(codes).to.deep.equal(['vault-pin-wrong']);
    expect(atPad()).to.equal(true);
    expect(desk.all('.dot.filled').length).to.equal(0);
    expect(desk.find('sc-desk-lock').shadowRoot?.innerHTML).not.to.contain('111222');
    await enter(PIN);
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('takes no PIN before the delay is over', async () => {
    const { desk, scene } = await lockedDesk();
    scene.sara.lock.failure = refusal('vault-delayed', { retryAfter: 60_000 });
    await enter('111222');
    expect(desk.text('.failure')).to.equal('Too many wrong tries in a row.');
    expect(desk.text('.note')).to.match(/^Wait (60|59) seconds/);
    const before = desk.opened.length;
    await enter(PIN);
    expect(desk.opened).to.have.length(before);
  });

  it('says that it is offline, that the passkey opens all the same, and when it is online again', async () => {
    const { desk, scene } = await lockedDesk({ passkey: true });
    const net = network();
    try {
      await net.set(false);
      expect(desk.text('.offline')).to.contain('your passkey opens without');
      scene.sara.lock.failure = refusal('vault-offline');
      await enter(PIN);
      expect(desk.text('.failure')).to.contain('There is no connection');
      await net.set(true);
      expect(desk.all('.offline')).to.have.length(0);
      expect(desk.text('.failure')).to.equal('');
      expect(desk.text('.hint')).to.equal('You are online again. Enter it once more.');
      await net.set(false);
      await click(desk, '.passkey');
      expect(rowsOf(desk, 'Mine')).to.have.length(6);
      expect(desk.opened.at(-1)?.unlock).to.deep.equal({ by: 'passkey' });
    } finally {
      net.restore();
    }
  });

  it('with a passkey alone asks for nothing else, and says why it was not used', async () => {
    const { desk, scene } = await lockedDesk({ pin: false, passkey: true });
    expect(desk.all('sc-pin-pad')).to.have.length(0);
    expect(focused() === desk.find('.passkey')).to.equal(true);
    expect(desk.text('.forgot')).to.equal('Lost your passkey?');
    scene.sara.lock.failure = new ChatError('usage', 'passkey-cancelled', 'cancelled');
    await click(desk, '.passkey');
    expect(desk.text('.said')).to.equal('The passkey was not used. You can try again.');
    await click(desk, '.passkey');
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('that no PIN opens any more stays open to the passkey', async () => {
    const { desk, scene } = await lockedDesk({ passkey: true });
    scene.sara.lock.failure = refusal('vault-lost');
    await enter(PIN);
    expect(desk.text('.failure')).to.contain('The PIN can no longer open');
    await click(desk, '.passkey');
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('that nothing opens any more says so', async () => {
    const { desk, scene } = await lockedDesk();
    scene.sara.lock.failure = refusal('vault-lost');
    await enter(PIN);
    expect(desk.text('h1')).to.equal('The keys of this device are gone');
    expect(desk.text('.lead')).to.contain('the PIN was wrong ten times');
  });

  it('says what is lost with a forgotten PIN before it deletes anything', async () => {
    let found = true;
    const forgotten: unknown[] = [];
    const { desk } = await lockedDesk({
      passkey: true,
      opener: {
        find: async () => found,
        forget: async (how) => {
          if (forgotten.push(how) === 1) throw refusal('store-full');
          found = false;
        },
      },
    });
    await click(desk, '.forgot');
    expect(desk.text('h1')).to.equal('Forgot your PIN?');
    expect(focused() === desk.find('h1')).to.equal(true);
    expect(desk.text('.losses')).to.match(/identity as an agent.*invite and approve you again.*another device/);
    expect(desk.text('.note')).to.contain('Your passkey still opens');
    await click(desk, '.keep');
    expect(forgotten).to.deep.equal([]);
    expect(atPad()).to.equal(true);
    await click(desk, '.forgot');
    await click(desk, '.delete');
    expect(desk.text('.said')).to.equal('It could not be deleted. Please try again. (Code: store-full)');
    await click(desk, '.delete');
    expect(forgotten).to.deep.equal([1, 2].map(() => ({ relay: location.origin.replace(/^http/, 'ws') })));
    expect(desk.text('h1')).to.equal('This browser is not part of a desk');
    expect(document.title).to.equal('Desk');
  });

  it('tells the page when it is locked and when it is open, and no more', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const told: string[] = [];
    for (const name of ['sc-lock', 'sc-unlock', 'sc-ready', 'sc-error', 'sc-unread'] as const) {
      desk.element.addEventListener(name, ({ detail }) => told.push(`${name} ${JSON.stringify(detail)}`));
    }
    sara.lock.unread = 3;
    sara.lock.lockNow();
    await settled();
    await comeBack();
    await enter(PIN);
    expect(told).to.deep.equal(['sc-lock null', 'sc-unlock null', 'sc-ready null']);
  });

  it('is opened with the idle time that the page asks for', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    desk.element.setAttribute('lock-after', '5');
    desk.element.relay = 'wss://relay.example';
    await settled();
    expect(desk.opened.map(({ lockAfter }) => lockAfter / 60_000)).to.deep.equal([15, 5]);
  });

  it('opens by itself when another tab was opened meanwhile, as soon as somebody looks', async () => {
    const { desk, scene } = await lockedDesk();
    await comeBack();
    expect(desk.text('h1')).to.equal('Locked');
    scene.sara.lock.unread = 5;
    await comeBack();
    expect(desk.text('.lead')).to.equal('5 unread messages');
    scene.sara.lock.open({ by: 'pin', pin: PIN }); // in the other tab
    await comeBack();
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('opens by itself when another window beside it was opened and this one is turned to', async () => {
    const { desk, scene } = await lockedDesk();
    scene.sara.lock.open({ by: 'pin', pin: PIN }); // in the other window
    window.dispatchEvent(new Event('focus'));
    await settled();
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('of two openings at once keeps one client', async () => {
    const scene = await busyScene();
    const { lock } = scene.sara;
    lock.lockNow();
    const given: DoubleDeskClient[] = [];
    const releases: (() => void)[] = [];
    const desk = await mount(scene.sara, {
      opener: {
        open: async ({ unlock }: OpenDeskOptions) => {
          lock.open(unlock);
          await new Promise<void>((resolve) => releases.push(resolve));
          const client = new DoubleDeskClient(scene.desk, scene.sara.device, lock);
          given.push(client);
          return client;
        },
      },
    });
    await enter(PIN);
    await comeBack(); // takes no turn away from the PIN
    desk.element.relay = 'wss://relay.example'; // does
    await settled();
    expect(releases).to.have.length(2);
    for (const release of releases.reverse()) release();
    await settled();
    expect(given.map(({ closed }) => closed)).to.deep.equal([false, true]);
    expect(rowsOf(desk, 'Mine')).to.have.length(6);
    desk.element.remove();
    await settled();
    expect(given.every(({ closed }) => closed)).to.equal(true);
  });
});
