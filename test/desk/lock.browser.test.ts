import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import type { OpenDeskOptions } from '../../src/desk/client.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';
import { focused, mount, open, press, rowsOf, settled, type, waitUntil } from './desk-fixture.ts';
import { atPad, click, comeBack, enter, lockedDesk, network, PIN } from './lock-fixture.ts';
import { busyScene, mineId } from './scene.ts';

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

describe('locking the desk', () => {
  it('takes one button, and stores what was just written', async () => {
    const scene = await busyScene();
    const desk = await mount(scene.sara);
    await open(desk, mineId(1));
    await type(desk.find<HTMLTextAreaElement>('textarea'), 'One moment, I will');
    await click(desk, 'button[aria-label="Lock now"]');
    expect(desk.text('h1')).to.equal('Locked');
    expect(atPad()).to.equal(true);
    expect(document.title).to.equal('(3) Desk');
    expect(scene.desk.of(mineId(1)).drafts.get(scene.sara.device)).to.equal('One moment, I will');
    expect(scene.sara.closed).to.equal(true);
    await enter(PIN);
    await open(desk, mineId(1));
    expect(desk.find<HTMLTextAreaElement>('textarea').value).to.equal('One moment, I will');
  });

  it('works by a shortcut from everywhere, and from the commands', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const chord = { ctrlKey: true, shiftKey: true };
    await open(desk, mineId(1));
    expect(focused()?.matches('textarea')).to.equal(true);
    expect((await press('L', chord)).defaultPrevented).to.equal(true);
    expect(desk.text('h1')).to.equal('Locked');
    expect((await press('L', chord)).defaultPrevented, 'there is nothing to lock').to.equal(false);
    await enter(PIN);
    await press('k', { ctrlKey: true });
    await press('L', chord);
    expect(desk.text('h1'), 'over a dialog').to.equal('Locked');
    await enter(PIN);
    await press('k', { ctrlKey: true });
    await type(desk.find<HTMLInputElement>('dialog[open] input'), 'lock now');
    await press('Enter');
    expect(desk.text('h1')).to.equal('Locked');
    await enter(PIN);
    await press('?');
    expect(desk.text('dialog[open]')).to.contain('Lock the desk');
  });

  it('by another tab or the idle time shows the pad at once, also with a dialog open', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    for (const reach of [
      () => press('k', { ctrlKey: true }),
      () => press('?'),
      () => click(desk, 'button[aria-label="PIN and passkey"]'),
      async () => {
        await open(desk, mineId(0));
        await click(desk, '.actions .danger');
      },
    ]) {
      await reach();
      expect(desk.all('dialog[open]')).to.have.length(1);
      sara.lock.lockNow();
      await settled();
      expect(desk.text('h1')).to.equal('Locked');
      expect(desk.all('dialog')).to.have.length(0);
      expect(desk.all('sc-desk-console, .fingerprint')).to.have.length(0);
      expect(atPad()).to.equal(true);
      await enter(PIN);
      expect(desk.all('sc-desk-console')).to.have.length(1);
    }
    expect(desk.client.desk.of(mineId(0)).ended, 'the question was not answered').to.equal(false);
  });

  it('while a message is on its way says no more of it, and keeps it if the store took it', async () => {
    const scene = await busyScene();
    const desk = await mount(scene.sara);
    await open(desk, mineId(1));
    let release!: () => void;
    const waits = new Promise<void>((resolve) => (release = resolve));
    const send = scene.sara.sendText.bind(scene.sara);
    scene.sara.sendText = async (id, text) => {
      await waits;
      return send(id, text);
    };
    const codes: string[] = [];
    desk.element.addEventListener('sc-error', ({ detail }) => codes.push(detail.code));
    await type(desk.find<HTMLTextAreaElement>('textarea'), 'Under way');
    await press('Enter');
    await click(desk, 'button[aria-label="Lock now"]');
    expect(desk.text('h1'), 'nothing is shown while it is stored').to.equal('Locked');
    expect(scene.sara.closed, 'it may still be stored').to.equal(false);
    release();
    await settled();
    expect(scene.sara.closed).to.equal(true);
    expect(scene.desk.of(mineId(1)).messages.at(-1)?.text).to.equal('Under way');
    expect(codes).to.deep.equal([]);
  });

  it('does not wait for what hangs', async () => {
    const scene = await busyScene();
    const desk = await mount(scene.sara);
    await open(desk, mineId(1));
    scene.sara.sendText = () => new Promise(() => undefined);
    await type(desk.find<HTMLTextAreaElement>('textarea'), 'Under way');
    await press('Enter');
    await click(desk, 'button[aria-label="Lock now"]');
    expect(desk.text('h1')).to.equal('Locked');
    await waitUntil(() => scene.sara.closed, 'it stays open', { timeout: 3000 });
    await enter(PIN);
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('while a claim is on its way leaves no word of it behind', async () => {
    const scene = await busyScene();
    const desk = await mount(scene.sara);
    let release!: () => void;
    const waits = new Promise<void>((resolve) => (release = resolve));
    const claim = scene.sara.claim.bind(scene.sara);
    scene.sara.claim = async (id) => {
      await waits;
      return claim(id);
    };
    const codes: string[] = [];
    desk.element.addEventListener('sc-error', ({ detail }) => codes.push(detail.code));
    await press('c');
    scene.sara.lock.lockNow();
    await settled();
    release();
    await settled();
    expect(desk.text('h1')).to.equal('Locked');
    expect(codes).to.deep.equal([]);
    await enter(PIN);
    expect(rowsOf(desk, 'Mine')).to.have.length(6);
    expect(desk.all('.toast')).to.have.length(0);
  });

  it('during the opening ends in the locked page', async () => {
    const scene = await busyScene();
    const { lock } = scene.sara;
    let times = 0;
    const desk = await mount(scene.sara, {
      opener: {
        open: async ({ unlock }) => {
          lock.open(unlock);
          const client = new DoubleDeskClient(scene.desk, scene.sara.device, lock);
          if (++times === 1) lock.lockNow();
          return client;
        },
      },
    });
    await settled();
    expect(desk.text('h1')).to.equal('Locked');
    await enter(PIN);
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('that fails locks this tab all the same, and says that others may be open', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    sara.lock.failure = refusal('store-lost');
    await click(desk, 'button[aria-label="Lock now"]');
    expect(desk.text('h1')).to.equal('Locked');
    expect(desk.text('.said')).to.contain('they may still be open. (Code: store-lost)');
    expect(sara.closed).to.equal(true);
  });

  it('is put off by whoever is there, not by messages that arrive', async () => {
    const { desk: world, sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(0));
    const { lock } = sara;
    const before = lock.touched;
    world.says(mineId(0), 'Hello?');
    desk.find('[role="log"]').dispatchEvent(new Event('scroll'));
    await settled();
    expect(lock.touched).to.equal(before);
    const still = { bubbles: true, composed: true, screenX: 5, screenY: 5 };
    const apart = () => new Promise((resolve) => setTimeout(resolve, 1010));
    const signs = [
      new PointerEvent('pointerdown', still),
      new KeyboardEvent('keydown', { key: 'a', bubbles: true, composed: true }),
      new WheelEvent('wheel', { bubbles: true, composed: true }),
    ];
    for (const sign of signs) {
      await apart();
      desk.find('[role="log"]').dispatchEvent(sign);
    }
    expect(lock.touched).to.equal(before + 3);
    await apart();
    for (let times = 0; times < 3; times++) desk.find('.left').dispatchEvent(new PointerEvent('pointermove', still));
    expect(lock.touched, 'the list moves under a pointer that rests').to.equal(before + 3);
    desk.find('.left').dispatchEvent(new PointerEvent('pointermove', { ...still, screenX: 9 }));
    expect(lock.touched).to.equal(before + 4);
    await apart();
    document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
    expect(lock.touched, 'elsewhere on the page').to.equal(before + 4);
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    expect(lock.touched, 'back from the browser’s memory').to.equal(before + 5);
  });

  it('follows when what is stored is deleted by another tab', async () => {
    const { sara } = await busyScene();
    let found = true;
    const desk = await mount(sara, { opener: { find: async () => found } });
    found = false;
    await sara.close();
    await settled();
    expect(desk.text('h1')).to.equal('This browser is not part of a desk');
  });
});
