import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';
import { focused, mount, open, press, rowsOf, settled, type, waitUntil } from './desk-fixture.ts';
import { atPad, click, enter, PIN } from './lock-fixture.ts';
import { busyScene, mineId } from './scene.ts';

const refusal = (code: string, details = {}): ChatError => new ChatError('environment', code, 'refused', { details });

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
