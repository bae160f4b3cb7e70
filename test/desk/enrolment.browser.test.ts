import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import { encodeInvitation, type Invitation } from '../../src/identity/enrolment.ts';
import { DoubleDesk } from '../support/double-desk.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';
import { focused, mount, open, row, settled, type, type Mounted, type MountOptions } from './desk-fixture.ts';
import { busyScene, fingerprint, mineId, SARA } from './scene.ts';

const QUARTER = 15 * 60_000;

const DAY = 86_400_000;
const invitation = (over: Partial<Invitation> = {}): Invitation => ({
  ...{ v: 1, desk: new Uint8Array(32).fill(7), id: new Uint8Array(16).fill(3), secret: new Uint8Array(32).fill(9) },
  ...{ role: 'agent', expires: Date.now() + DAY },
  ...over,
});

const withHash = (text: string): void => history.replaceState(null, '', `#${text}`);

/** A device that asks a desk in memory when it is opened with an invitation. */
async function newDevice(options: MountOptions = {}): Promise<{ world: DoubleDesk; desk: Mounted }> {
  const world = new DoubleDesk();
  const client = new DoubleDeskClient(world, SARA);
  const opened: unknown[] = [];
  const desk = await mount(client, {
    found: false,
    ...options,
    opener: {
      open: async (asked) => {
        opened.push(asked);
        if (asked.name !== null) world.enrol(SARA, asked.name, fingerprint(1));
        return client;
      },
      ...options.opener,
    },
  });
  return { world, desk };
}

async function ask(desk: Mounted, name: string): Promise<void> {
  await type(desk.find<HTMLInputElement>('input[name="name"]'), name);
  desk.find('form button').click();
  await settled();
}

describe('getting in', () => {
  beforeEach(() => history.replaceState(null, '', location.pathname + location.search));
  after(() => history.replaceState(null, '', location.pathname + location.search));

  it('needs an invitation, and the page says how to get one', async () => {
    const { desk } = await newDevice();
    expect(desk.text('h1')).to.equal('This browser is not part of a desk');
    expect(desk.text('ol')).to.contain('Ask your administrator for an invitation.');
    expect(document.title).to.equal('Desk');
  });

  it('takes the invitation out of the address bar at once and asks for the name', async () => {
    withHash(encodeInvitation(invitation()));
    const { desk } = await newDevice();
    expect(location.hash).to.equal('');
    expect(desk.text('h1')).to.equal('Join the desk');
    expect(focused()?.getAttribute('name')).to.equal('name');
    expect(desk.text('.steps')).to.contain('The desk opens by itself.');
    expect(desk.text('.steps')).to.contain('The invitation is valid until');
  });

  it('asks with keys of its own, shows the fingerprint, waits, and opens by itself', async () => {
    withHash(encodeInvitation(invitation()));
    const { world, desk } = await newDevice();
    await ask(desk, '  Sara Lindqvist ');
    expect(desk.text('h1')).to.equal('Waiting for the administrator to approve; compare this fingerprint');
    expect(desk.text('.fingerprint')).to.equal(fingerprint(1));
    expect(desk.text('main')).to.contain('You asked to join as Sara Lindqvist.');
    expect(focused(), 'reading goes on at the heading').to.equal(desk.find('h1'));
    world.approve(SARA);
    await settled();
    expect(desk.text('.name')).to.contain('Sara Lindqvist');
    expect(desk.find('ul[aria-label="Waiting"]')).to.exist;
  });

  it('hands the client the invitation, the name and the page’s own relay', async () => {
    const given = invitation();
    withHash(encodeInvitation(given));
    const client = new DoubleDeskClient(new DoubleDesk(), SARA);
    client.desk.enrol(SARA, 'Sara', fingerprint(1));
    const desk = await mount(client, { found: false });
    await ask(desk, 'Sara');
    expect(desk.opened).to.deep.equal([
      { relay: location.origin.replace(/^http/, 'ws'), invitation: given, name: 'Sara', lockAfter: QUARTER },
    ]);
  });

  it('refuses a name that the directory would refuse', async () => {
    withHash(encodeInvitation(invitation()));
    const { world, desk } = await newDevice();
    const cases: readonly [string, string][] = [
      ['   ', 'Enter your name.'],
      ['x'.repeat(81), 'Use a shorter name'],
      ['Sa\u202era', 'invisible control characters'],
    ];
    for (const [name, said] of cases) {
      await ask(desk, name);
      expect(desk.text('[role="alert"]')).to.contain(said);
      expect(desk.find('input').getAttribute('aria-invalid')).to.equal('true');
      expect(focused()).to.equal(desk.find('input'));
    }
    expect(world.members.size).to.equal(0);
  });

  it('says when the request failed, and lets one try again', async () => {
    withHash(encodeInvitation(invitation()));
    let fail = true;
    const world = new DoubleDesk();
    const client = new DoubleDeskClient(world, SARA);
    const desk = await mount(client, {
      found: false,
      opener: {
        open: async ({ name }) => {
          if (fail) throw new ChatError('environment', 'store-full', 'full');
          world.enrol(SARA, name ?? '', fingerprint(1));
          return client;
        },
      },
    });
    await ask(desk, 'Sara');
    expect(desk.text('[role="alert"]')).to.contain('store-full');
    fail = false;
    await ask(desk, 'Sara');
    expect(desk.text('.fingerprint')).to.equal(fingerprint(1));
  });

  it('says what is wrong with an invitation that cannot be used', async () => {
    withHash('abc');
    expect((await newDevice()).desk.text('.lead')).to.contain('incomplete');
    expect(location.hash).to.equal('');
    withHash(encodeInvitation(invitation({ expires: Date.now() - 1 })));
    expect((await newDevice()).desk.text('.lead')).to.contain('expired');
    expect(location.hash).to.equal('');
  });

  it('takes an invitation that is opened in the page already there', async () => {
    const { desk } = await newDevice();
    location.hash = encodeInvitation(invitation());
    await new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
    await settled();
    expect(desk.text('h1')).to.equal('Join the desk');
    expect(location.hash).to.equal('');
  });

  it('does not use an invitation in a browser that is in already, and says so', async () => {
    withHash(encodeInvitation(invitation()));
    const { sara } = await busyScene();
    const desk = await mount(sara);
    expect(desk.opened.map(({ invitation: used }) => used)).to.deep.equal([null]);
    expect(desk.text('.toast')).to.equal('This device is already enrolled, so the invitation was not used.');
  });

  it('goes on waiting after a reload, and tells when there is no connection', async () => {
    const { world, desk } = await newDevice({ found: true, opener: {} });
    expect(world.members.size).to.equal(0);
    desk.element.remove();
    const client = new DoubleDeskClient(world, SARA);
    world.enrol(SARA, 'Sara', fingerprint(1));
    const again = await mount(client);
    expect(again.text('.waiting')).to.contain('The request is sent.');
    expect(again.all('.note + .button')).to.deep.equal([]);
    client.setStatus({ connection: 'offline' });
    await settled();
    expect(again.text('.waiting')).to.contain('No connection.');
  });

  it('lets a waiting device ask again with a newer invitation', async () => {
    withHash(encodeInvitation(invitation()));
    const world = new DoubleDesk();
    world.enrol(SARA, 'Sara', fingerprint(1));
    const forgotten: string[] = [];
    const desk = await mount(new DoubleDeskClient(world, SARA), {
      opener: { forget: async () => void forgotten.push('all') },
    });
    expect(desk.text('.fingerprint')).to.equal(fingerprint(1));
    desk.find('.note + .button').click();
    await settled();
    expect(desk.text('h1')).to.equal('Join the desk again');
    expect(forgotten).to.deep.equal([]);
    await ask(desk, 'Sara Lindqvist');
    expect(forgotten).to.deep.equal(['all']);
    expect(desk.opened.map(({ name }) => name)).to.deep.equal([null, 'Sara Lindqvist']);
  });

  it('shows a removed member nothing but plain words, at once', async () => {
    const { desk: world, sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(0));
    expect(row(desk, mineId(0))).to.exist;
    world.remove(SARA);
    await settled();
    expect(desk.text('h1')).to.equal('You are no longer a member of this desk');
    expect(desk.all('sc-desk-console, sc-transcript, sc-composer, .row')).to.deep.equal([]);
  });

  it('offers to delete what nobody can open any more', async () => {
    let found = true;
    const forgotten: string[] = [];
    const desk = await mount(new DoubleDeskClient(new DoubleDesk(), SARA), {
      opener: {
        find: async () => found,
        open: async () => {
          throw new ChatError('environment', 'vault-lost', 'locked for good');
        },
        forget: async () => {
          forgotten.push('all');
          found = false;
        },
      },
    });
    expect(desk.text('h1')).to.equal('The keys of this device are gone');
    desk.find('.button.danger').click();
    await settled();
    expect(forgotten).to.deep.equal(['all']);
    expect(desk.text('h1')).to.equal('This browser is not part of a desk');
  });

  it('says that it could not be opened, tells the page, and tries again', async () => {
    let fail = true;
    const { sara } = await busyScene();
    const codes: string[] = [];
    const listener = (event: Event) => codes.push((event as CustomEvent<{ code: string }>).detail.code);
    document.addEventListener('sc-error', listener);
    const desk = await mount(sara, {
      opener: {
        open: async () => {
          if (fail) throw new ChatError('environment', 'vault-offline', 'offline');
          return sara;
        },
      },
    });
    document.removeEventListener('sc-error', listener);
    expect(codes).to.deep.equal(['vault-offline']);
    expect(desk.text('h1')).to.equal('The desk could not be opened');
    fail = false;
    desk.find('.button').click();
    await settled();
    expect(desk.find('ul[aria-label="Waiting"]')).to.exist;
  });

  it('connects to no relay without encryption', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const before = desk.opened.length;
    desk.element.relay = 'ws://relay.example';
    await settled();
    expect(desk.text('h1')).to.equal('The desk could not be opened');
    expect(desk.text('.lead')).to.contain('without encryption');
    expect(desk.opened).to.have.length(before);
    desk.element.relay = 'wss://relay.example';
    await settled();
    expect(desk.opened.at(-1)?.relay).to.equal('wss://relay.example');
  });
});
