import { expect } from '@open-wc/testing';
import { mount, open, press, settled, type Mounted } from './desk-fixture.ts';
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

describe('the pages before the console are accessible', () => {
  for (const theme of ['light', 'dark'] as const) {
    for (const page of ['closed', 'pending', 'removed', 'failed', 'lost'] as const) {
      it(`${page}, ${theme}`, async () => {
        const world = new DoubleDesk();
        const client = new DoubleDeskClient(world, SARA);
        world.enrol(SARA, 'Sara', fingerprint(1));
        if (page === 'removed') world.remove(SARA);
        const { ChatError } = await import('../../src/errors.ts');
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
