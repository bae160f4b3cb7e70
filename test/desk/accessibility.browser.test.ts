import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import { mount, open, press, settled, type Mounted, type MountOptions } from './desk-fixture.ts';
import { click, enter, lockedDesk, network, PIN, unprotectedDesk } from './lock-fixture.ts';
import { busyScene, emptyScene, fingerprint, mineId, SARA, waitingId, type Scene } from './scene.ts';
import { DoubleDesk } from '../support/double-desk.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';

type State = (desk: Mounted, scene: Scene) => Promise<void> | void;

/** Every state of the console that looks different. */
const states: Readonly<Record<string, State>> = {
  'nothing open': () => undefined,
  'a conversation': (desk) => open(desk, mineId(0)),
  'a conversation with everything in it': async (desk, { desk: world, sara }) => {
    await open(desk, mineId(1));
    sara.setStatus({ connection: 'offline' });
    await sara.sendText(mineId(1), 'Waits');
    world.notice(mineId(1), 'gap');
    sara.setOthersTyping([{ conversation: mineId(1), devices: [world.of(mineId(1)).customer] }]);
    await settled();
  },
  'a waiting conversation': (desk) => open(desk, waitingId(1)),
  'a waiting conversation that is not known': (desk) => open(desk, waitingId(3)),
  'a claim that was lost': async (desk, { tom }) => {
    await Promise.all([tom.claim(waitingId(0)), press('c')]);
    await settled();
    expect(desk.all('.taken')).to.have.length(1);
  },
  'a failure with a way to try again': async (_desk, { sara }) => {
    sara.setStatus({ connection: 'offline', verification: { state: 'stale' } });
    await press('c');
  },
  'an alarm': async (desk, { sara }) => {
    await open(desk, mineId(0));
    sara.setStatus({ verification: { state: 'alarm' } });
    await settled();
  },
  'an ended conversation': async (desk, { sara }) => {
    await sara.endConversation(mineId(2));
    await open(desk, mineId(0));
    desk.find('.toggle').click();
    await settled();
    await open(desk, mineId(2));
  },
  'the padlock open': async (desk) => {
    await open(desk, mineId(0));
    desk.find('.lock').click();
    await settled();
  },
  'PIN and passkey': (desk) => click(desk, 'button[aria-label="PIN and passkey"]'),
  'a PIN being changed': async (desk) => {
    await click(desk, 'button[aria-label="PIN and passkey"]');
    await click(desk, '[data-do="lockPinChange"]');
    await enter('111222');
  },
  'a passkey that was added': async (desk) => {
    await click(desk, 'button[aria-label="PIN and passkey"]');
    await click(desk, '[data-do="lockPasskeyAdd"]');
  },
  'the commands': () => press('k', { ctrlKey: true }).then(() => undefined),
  'the help': () => press('?').then(() => undefined),
  'the question before the end': async (desk) => {
    await open(desk, mineId(0));
    desk.find('.actions .danger').click();
    await settled();
  },
};

describe('the console is accessible', function () {
  this.timeout(60_000);

  for (const [name, reach] of Object.entries(states)) {
    for (const theme of ['light', 'dark'] as const) {
      it(`with ${name}, ${theme}`, async () => {
        const scene = await busyScene();
        const desk = await mount(scene.sara, { theme });
        await reach(desk, scene);
        await expect(desk.element).to.be.accessible();
      });
    }
  }

  for (const state of ['nothing open', 'a conversation', 'a waiting conversation', 'an alarm']) {
    it(`on a telephone with ${state}`, async () => {
      const scene = await busyScene();
      const desk = await mount(scene.sara, { width: 390, height: 844 });
      await states[state]?.(desk, scene);
      await expect(desk.element).to.be.accessible();
    });
  }

  it('with nobody there, from right to left', async () => {
    const { sara } = emptyScene();
    await expect((await mount(sara, { dir: 'rtl' })).element).to.be.accessible();
  });
});

/** Every state of the pages with a pad that looks different. */
const locks: Readonly<Record<string, (options: MountOptions) => Promise<Mounted>>> = {
  'a PIN': async (options) => (await lockedDesk(options)).desk,
  'PIN and passkey': async (options) => (await lockedDesk({ ...options, passkey: true })).desk,
  'a passkey': async (options) => (await lockedDesk({ ...options, pin: false, passkey: true })).desk,
  'a wrong PIN': async (options) => {
    const { desk } = await lockedDesk(options);
    await enter('111222');
    return desk;
  },
  'a delay': async (options) => {
    const { desk, scene } = await lockedDesk(options);
    const details = { retryAfter: 600_000 };
    scene.sara.lock.failure = new ChatError('environment', 'vault-delayed', 'wait', { details });
    await enter('111222');
    return desk;
  },
  'no connection': async (options) => {
    const { desk } = await lockedDesk({ ...options, passkey: true });
    const net = network();
    await net.set(false);
    net.restore();
    return desk;
  },
  'a failed passkey': async (options) => {
    const { desk, scene } = await lockedDesk({ ...options, passkey: true });
    scene.sara.lock.failure = new ChatError('usage', 'passkey-cancelled', 'cancelled');
    await click(desk, '.passkey');
    return desk;
  },
  'a forgotten PIN': async (options) => {
    const { desk } = await lockedDesk({ ...options, passkey: true });
    await click(desk, '.forgot');
    return desk;
  },
  'a PIN to choose': async (options) => (await unprotectedDesk(options)).desk,
  'a PIN to repeat': async (options) => {
    const { desk } = await unprotectedDesk(options);
    await enter(PIN);
    return desk;
  },
  'a passkey to add': async (options) => {
    const { desk } = await unprotectedDesk(options);
    await enter(PIN);
    await enter(PIN);
    return desk;
  },
};

describe('the locked desk is accessible', function () {
  this.timeout(60_000);

  for (const [name, reach] of Object.entries(locks)) {
    for (const theme of ['light', 'dark'] as const) {
      it(`with ${name}, ${theme}`, async () => {
        const desk = await reach({ theme });
        expect(desk.all('main.card')).to.have.length(1);
        await expect(desk.element).to.be.accessible();
      });
    }

    it(`and fits with ${name}, at any width, in both directions, at twice the size`, async () => {
      const desk = await reach({});
      const frame = desk.element.parentElement;
      if (!frame) throw new Error('it is on the page');
      for (const [width, height] of [
        [320, 640],
        [390, 844],
        [1024, 768],
        [1920, 1080],
      ]) {
        for (const dir of ['ltr', 'rtl']) {
          for (const size of ['15px', '30px']) {
            Object.assign(frame.style, { inlineSize: `${width}px`, blockSize: `${height}px` });
            frame.dir = dir;
            desk.element.style.setProperty('--sc-font-size', size);
            await settled();
            for (const element of [desk.find('.page'), desk.find('main'), ...desk.all('main *')]) {
              if (element.closest('.visually-hidden') || element.clientWidth === 0) continue;
              const { tagName, className, scrollWidth, clientWidth } = element;
              const what = `${tagName}.${className} ${width} ${dir} ${size}`;
              expect(scrollWidth, what).to.be.at.most(clientWidth + 1);
            }
            const { left, right } = desk.find('main').getBoundingClientRect();
            const { x, width: room } = frame.getBoundingClientRect();
            expect([left >= x, right <= x + room], `${width} ${dir} ${size}`).to.deep.equal([true, true]);
          }
        }
      }
    });
  }
});

describe('the pages before the console are accessible', () => {
  for (const theme of ['light', 'dark'] as const) {
    for (const page of ['closed', 'pending', 'removed', 'failed', 'lost'] as const) {
      it(`${page}, ${theme}`, async () => {
        const world = new DoubleDesk();
        const client = new DoubleDeskClient(world, SARA);
        world.enrol(SARA, 'Sara', fingerprint(1));
        if (page === 'removed') world.remove(SARA);
        const broken = new ChatError('environment', page === 'lost' ? 'vault-lost' : 'store-full', 'broken');
        const desk = await mount(client, {
          theme,
          found: page !== 'closed',
          ...(page === 'failed' || page === 'lost' ? { opener: { open: () => Promise.reject(broken) } } : {}),
        });
        expect(desk.all('main.card')).to.have.length(1);
        await expect(desk.element).to.be.accessible();
      });
    }
  }
});
