import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import { encodeInvitation } from '../../src/identity/enrolment.ts';
import { DoubleDesk } from '../support/double-desk.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';
import { focused, mount, press, settled, type, type Mounted } from './desk-fixture.ts';
import { atPad, click, enter, PIN, unprotectedDesk } from './lock-fixture.ts';
import { fingerprint, SARA } from './scene.ts';

const choosing = (desk: Mounted): boolean => desk.all('sc-desk-protect').length === 1;
/** Nothing of the desk is there: no console, no page of waiting, no fingerprint. */
const hidden = (desk: Mounted): boolean => desk.all('sc-desk-console, sc-desk-enrol, .fingerprint').length === 0;

async function choose(pin: string): Promise<void> {
  await enter(pin);
  await enter(pin);
}

describe('a desk without a lock', () => {
  it('asks for one before it shows anything, and cannot be talked out of it', async () => {
    const { desk } = await unprotectedDesk();
    expect(desk.text('h1')).to.equal('Lock your desk');
    expect([choosing(desk), hidden(desk)]).to.deep.equal([true, true]);
    expect(document.title).to.equal('Example Bank – Desk');
    for (const [key, options] of [
      ['Escape', {}],
      ['k', { ctrlKey: true }],
      ['L', { ctrlKey: true, shiftKey: true }],
      ['c', {}],
      ['?', {}],
    ] as const) {
      await press(key, options);
    }
    location.hash = 'x';
    await new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
    history.back();
    await settled();
    expect([choosing(desk), hidden(desk)]).to.deep.equal([true, true]);
    history.replaceState(null, '', location.pathname + location.search);
    desk.element.remove();
    const again = await mount(desk.client);
    expect([choosing(again), hidden(again)], 'after a reload').to.deep.equal([true, true]);
  });

  it('takes a PIN twice, offers a passkey, and opens without it', async () => {
    const { desk, scene } = await unprotectedDesk();
    const { lock } = scene.sara;
    expect(atPad()).to.equal(true);
    await enter(PIN);
    expect(lock.pin).to.equal(null);
    await enter('111333');
    expect(desk.text('.failure')).to.contain('Those were not the same');
    await choose(PIN);
    expect(lock.pin).to.equal(PIN);
    expect(desk.text('h1')).to.equal('Add a passkey as well');
    expect(focused() === desk.find('h1')).to.equal(true);
    expect(desk.text('.lead')).to.match(/^Recommended\./);
    expect(hidden(desk)).to.equal(true);
    await click(desk, '.skip');
    expect([choosing(desk), desk.all('sc-desk-console').length]).to.deep.equal([false, 1]);
    expect(focused() === desk.find('.empty h2')).to.equal(true);
    await press('L', { ctrlKey: true, shiftKey: true });
    await enter(PIN);
    expect(desk.all('sc-desk-console'), 'it asks only once').to.have.length(1);
  });

  it('adds the passkey that is offered, and says when it was not made', async () => {
    const { desk, scene } = await unprotectedDesk();
    await choose(PIN);
    scene.sara.lock.failure = new ChatError('usage', 'passkey-cancelled', 'cancelled');
    await click(desk, '.passkey');
    expect(desk.text('.said')).to.contain('The passkey was not used');
    expect(hidden(desk)).to.equal(true);
    await click(desk, '.passkey');
    expect([scene.sara.lock.passkey, choosing(desk)]).to.deep.equal([true, false]);
  });

  it('takes a passkey in the place of a PIN', async () => {
    const { desk, scene } = await unprotectedDesk();
    await click(desk, '.passkey');
    expect([scene.sara.lock.pin, scene.sara.lock.passkey]).to.deep.equal([null, true]);
    expect([choosing(desk), desk.all('sc-desk-console').length]).to.deep.equal([false, 1]);
  });

  it('offers no passkey where there is none to be had', async () => {
    const { desk } = await unprotectedDesk({ passkeyPossible: false });
    expect(desk.all('.passkey')).to.have.length(0);
    await choose(PIN);
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('says why a PIN was not taken, and stays', async () => {
    const { desk, scene } = await unprotectedDesk();
    await choose('111111');
    expect(desk.text('.failure')).to.contain('Too many people choose that PIN');
    scene.sara.lock.failure = new ChatError('environment', 'vault-offline', 'offline');
    await choose(PIN);
    expect(desk.text('.failure')).to.contain('There is no connection');
    expect(hidden(desk)).to.equal(true);
  });

  it('goes on when another tab was faster', async () => {
    const { desk, scene } = await unprotectedDesk();
    await enter('57');
    await scene.sara.vault.setPin(PIN);
    await settled();
    expect([choosing(desk), desk.all('sc-desk-console').length]).to.deep.equal([false, 1]);
  });

  it('that was just asked for waits for its lock while the administrator approves', async () => {
    const world = new DoubleDesk();
    const client = new DoubleDeskClient(world, SARA);
    client.lock.pin = null;
    const invitation = {
      ...{ v: 1 as const, desk: new Uint8Array(32).fill(7), id: new Uint8Array(16).fill(3) },
      ...{ secret: new Uint8Array(32).fill(9), role: 'agent' as const, expires: Date.now() + 86_400_000 },
    };
    history.replaceState(null, '', `#${encodeInvitation(invitation)}`);
    const desk = await mount(client, {
      found: false,
      opener: {
        open: async ({ name }) => {
          world.enrol(SARA, name ?? '', fingerprint(1));
          return client;
        },
      },
    });
    await type(desk.find<HTMLInputElement>('input[name="name"]'), 'Sara');
    desk.find('button').click();
    await settled();
    expect(desk.text('h1')).to.equal('Lock your desk');
    expect([atPad(), hidden(desk)]).to.deep.equal([true, true]);
    await choose(PIN);
    world.approve(SARA);
    await settled();
    expect(hidden(desk)).to.equal(true);
    await click(desk, '.skip');
    expect(desk.all('sc-desk-console')).to.have.length(1);
  });

  it('shows who is waiting for approval its fingerprint only then', async () => {
    const { desk, scene } = await unprotectedDesk({ passkeyPossible: false });
    scene.desk.enrol(SARA, 'Sara', fingerprint(1));
    await settled();
    expect(hidden(desk)).to.equal(true);
    await choose(PIN);
    expect(desk.text('.fingerprint')).to.equal(fingerprint(1));
    expect(focused() === desk.find('h1')).to.equal(true);
  });

  it('tells a removed member so, and asks for nothing', async () => {
    const { desk, scene } = await unprotectedDesk();
    scene.desk.remove(SARA);
    await settled();
    expect(desk.text('h1')).to.equal('You are no longer a member of this desk');
  });
});
