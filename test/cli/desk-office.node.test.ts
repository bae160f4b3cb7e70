import { chmod, cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { expect } from 'chai';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import type { DeskOffice } from '../../src/cli/desk-office.ts';
import { createDesk, openDesk } from '../../src/cli/desk-opening.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { openBundle } from '../../src/identity/directory.ts';
import { supersedes } from '../../src/identity/directory-order.ts';
import { parseInvitation, requestEnrolment } from '../../src/identity/enrolment.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { ask, newDevice, temporaryPlace } from '../support/office-fixtures.ts';

const HOUR = 3_600_000;

describe('a desk’s office', () => {
  let clock: DrivenClock;
  let scene: Awaited<ReturnType<typeof temporaryPlace>>;
  let desk: DeskOffice;

  beforeEach(async () => {
    clock = new DrivenClock();
    scene = await temporaryPlace({ clock });
    desk = await createDesk(scene.place, { name: 'Bank Example' });
  });
  afterEach(async () => {
    await desk.close();
    await scene.remove();
  });

  const invite = (): Promise<string> => desk.invite({ role: 'agent', life: 24 * HOUR });
  const reopen = async (): Promise<void> => {
    await desk.close();
    desk = await openDesk(scene.place);
  };

  it('is made once, and opened as it was left', async () => {
    const { key, deskKey } = desk;
    expect(deskKey).to.equal(formatDeskKey(key));
    await desk.admit(await ask(await invite(), 'Sara'));
    await desk.close();
    expect(await codeOfThrow(() => createDesk(scene.place, { name: 'Another' }))).to.equal('desk-exists');
    desk = await openDesk(scene.place);
    expect(desk.key).to.deep.equal(key);
    expect(desk.name).to.equal('Bank Example');
    expect(desk.members.map(({ name, role }) => [name, role])).to.deep.equal([['Sara', 'agent']]);
    expect(desk.signed?.position).to.deep.equal({ version: 1, renewal: 0 });
  });

  it('is missing where none was made, and has a name of the specification', async () => {
    const other = await temporaryPlace();
    expect(await codeOfThrow(() => openDesk(other.place))).to.equal('desk-missing');
    expect(await codeOfThrow(() => createDesk(other.place, { name: 'left \u202e right' }))).to.equal('shape-mismatch');
    // Nothing was left behind that would stand in the way.
    await (await createDesk(other.place, { name: 'Right' })).close();
    await other.remove();
  });

  it('keeps its files to its owner, and refuses a key that others can read', async () => {
    const { directory } = scene.place;
    await invite();
    for (const file of await readdir(directory)) {
      expect(((await stat(join(directory, file))).mode & 0o777).toString(8), file).to.equal('600');
    }
    await desk.close();
    await chmod(join(directory, 'root-key.cbor'), 0o640);
    expect(await codeOfThrow(() => openDesk(scene.place))).to.equal('desk-file-exposed');
    await chmod(join(directory, 'root-key.cbor'), 0o600);
    desk = await openDesk(scene.place);
  });

  it('does not show its root key when it is printed', async () => {
    const seed = Buffer.from(desk.root.seed);
    const bytes = [...seed.subarray(0, 4)].join(', ');
    const shown = [inspect(desk, { depth: 9, showHidden: true }), JSON.stringify(desk)].join('\n');
    expect(shown).not.to.include(seed.toString('hex')).and.not.to.include(bytes);
    expect(shown).not.to.include(seed.toString('base64url'));
  });

  it('refuses damaged files, and a state of another desk', async () => {
    await desk.close();
    const { directory } = scene.place;
    const state = join(directory, 'desk.cbor');
    const good = await readFile(state);
    await writeFile(state, good.subarray(0, -1));
    expect(await codeOfThrow(() => openDesk(scene.place))).to.equal('desk-file-malformed');
    const other = await temporaryPlace();
    await (await createDesk(other.place, { name: 'Other' })).close();
    await cp(join(other.place.directory, 'desk.cbor'), state);
    expect(await codeOfThrow(() => openDesk(scene.place))).to.equal('desk-file-malformed');
    await writeFile(state, good);
    desk = await openDesk(scene.place);
    await other.remove();
  });

  it('opens what version 0.1 has written', async () => {
    await desk.admit(await ask(await invite(), 'Sara'));
    await invite();
    await desk.close();
    const { readState } = await import('../../src/cli/desk-files.ts');
    const state = await readState(scene.place.directory);
    if (state === null) throw new Error('the state is there');
    const { desk: key, name, members, bundle } = state;
    const invitations = state.invitations.map(({ invitation, used }) => ({ invitation, used }));
    const bytes = encodeCbor({ v: 1, desk: key, name, members, invitations, bundle });
    await writeFile(join(scene.place.directory, 'desk.cbor'), bytes);
    desk = await openDesk(scene.place);
    expect(desk.members.map((member) => member.name)).to.deep.equal(['Sara']);
    expect(desk.invitations).to.have.length(2);
    expect([desk.rootKeyPlace, desk.unlocked, desk.due]).to.deep.equal(['plain', true, false]);
    await desk.admit(await ask(await invite(), 'Tom'));
    await reopen();
    expect(desk.members).to.have.length(2);
  });

  it('works for one process at a time', async () => {
    expect(await codeOfThrow(() => openDesk(scene.place))).to.equal('desk-in-use');
    await reopen();
    expect(desk.name).to.equal('Bank Example');
  });

  it('makes invitations that only it knows, each another', async () => {
    const [one, two] = [parseInvitation(await invite()), parseInvitation(await invite())];
    expect(one.desk).to.deep.equal(desk.key);
    expect(one.expires).to.equal(clock.now() + 24 * HOUR);
    expect(one.secret).not.to.deep.equal(two.secret);
    expect(one.id).not.to.deep.equal(two.id);
    for (const life of [0, -1, NaN, 31 * 24 * HOUR]) {
      expect(await codeOfThrow(() => desk.invite({ role: 'agent', life })), String(life)).to.equal(
        'invitation-lifetime',
      );
    }
  });

  it('admits whom it invited, with the next version', async () => {
    const device = await newDevice();
    const request = await ask(await invite(), 'Sara', device);
    const checked = await desk.check(request);
    expect(checked).to.include({ name: 'Sara', role: 'agent', admitted: false });
    expect(desk.members).to.be.empty;
    await desk.admit(request);
    const open = await openBundle(nobleCrypto, desk.signed?.bytes ?? new Uint8Array(), desk.key);
    expect(open.members.map(({ key }) => key)).to.deep.equal([device.key]);
    expect(open.directory.policy.recorded).to.equal(false);
    await desk.admit(await ask(await invite(), 'Tom'));
    expect(desk.signed?.position.version).to.equal(2);
    expect(desk.signed && supersedes(open, desk.signed, clock.now())).to.equal('newer');
  });

  it('records an archive’s presence in the policy', async () => {
    const fragment = await desk.invite({ role: 'archive', life: HOUR });
    await desk.admit(await ask(fragment, 'Record'));
    expect(desk.signed?.directory.policy.recorded).to.equal(true);
  });

  it('uses an invitation once, also after a restart; the same device may ask again', async () => {
    const fragment = await invite();
    const device = await newDevice();
    await desk.admit(await ask(fragment, 'Sara', device));
    await reopen();
    const again = await ask(fragment, 'Sara', device);
    expect(await desk.check(again)).to.include({ admitted: true });
    await desk.admit(again);
    expect(desk.signed?.position.version).to.equal(1);
    const thief = await ask(fragment, 'Sara');
    expect(await codeOfThrow(() => desk.check(thief))).to.equal('enrolment-used');
    expect(await codeOfThrow(() => desk.admit(thief))).to.equal('enrolment-used');
    expect(desk.members).to.have.length(1);
  });

  it('lets one of two win that use an invitation at the same moment', async () => {
    const fragment = await invite();
    const requests = await Promise.all([ask(fragment, 'One'), ask(fragment, 'Two')]);
    const codes = await Promise.all(requests.map((request) => codeOfThrow(() => desk.admit(request))));
    expect(codes.sort()).to.deep.equal(['accepted', 'enrolment-used']);
    expect(desk.members).to.have.length(1);
  });

  it('refuses what does not prove an invitation of its own', async () => {
    const fragment = await invite();
    const invitation = parseInvitation(fragment);
    const device = await newDevice();
    const refused = async (changes: Partial<typeof invitation>): Promise<string> => {
      const request = await requestEnrolment(nobleCrypto, {
        invitation: { ...invitation, ...changes },
        device,
        name: 'Sara',
      });
      return codeOfThrow(() => desk.admit(request));
    };
    expect(await refused({ id: new Uint8Array(16) })).to.equal('invitation-unknown');
    expect(await refused({ secret: new Uint8Array(32) })).to.equal('enrolment-proof');
    expect(await refused({ role: 'supervisor' })).to.equal('enrolment-mismatch');
    expect(await refused({ desk: device.key })).to.equal('enrolment-mismatch');
    expect(await refused({ expires: invitation.expires + 1 })).to.equal('enrolment-mismatch');
    const [bytes, signature] = await ask(fragment, 'Sara', device);
    const forged = signature.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
    expect(await codeOfThrow(() => desk.admit([bytes, forged]))).to.equal('enrolment-signature');
    clock.set(invitation.expires + HOUR);
    expect(await refused({})).to.equal('enrolment-expired');
    expect(desk.members).to.be.empty;
    expect(desk.signed).to.equal(null);
  });

  it('makes a member once, and never the desk itself', async () => {
    const device = await newDevice();
    await desk.admit(await ask(await invite(), 'Sara', device));
    const second = await ask(await invite(), 'Sara again', device);
    expect(await codeOfThrow(() => desk.admit(second))).to.equal('member-exists');
    const own = await ask(await invite(), 'Root', desk.root);
    expect(await codeOfThrow(() => desk.admit(own))).to.equal('desk-full');
    await reopen();
    expect(desk.members.map(({ name }) => name)).to.deep.equal(['Sara']);
    await desk.admit(await ask(await invite(), 'Tom'));
    expect(desk.members).to.have.length(2);
  });

  it('signs after a crash what was admitted and not signed', async () => {
    const state = join(scene.place.directory, 'desk.cbor');
    await desk.renew();
    const before = await readFile(state);
    await desk.admit(await ask(await invite(), 'Sara'));
    expect(desk.signed?.position.version).to.equal(2);
    await desk.close();
    // As if the process had died between recording the use and signing: the members of after, the bundle of before.
    const { readState, writeState } = await import('../../src/cli/desk-files.ts');
    const after = await readState(scene.place.directory);
    await writeFile(state, before);
    const old = await readState(scene.place.directory);
    if (after === null || old === null) throw new Error('the state is there');
    await writeState(scene.place.directory, { ...after, bundle: old.bundle });
    desk = await openDesk(scene.place);
    expect(desk.signed?.members).to.be.empty;
    expect((await desk.renew()).members.map(({ name }) => name)).to.deep.equal(['Sara']);
    expect(desk.signed?.position.version).to.equal(2);
  });

  it('signs anew after a day, when nothing fresh is there, and when the clock was set back; not otherwise', async () => {
    const version = async (): Promise<number> => (await desk.renew()).position.version;
    expect(await version()).to.equal(1);
    expect(await version()).to.equal(1);
    await clock.advance(24 * HOUR - 1);
    expect(await version()).to.equal(1);
    await clock.advance(1);
    expect(await version()).to.equal(2);
    await clock.advance(100 * HOUR);
    expect(await version()).to.equal(3);
    clock.set(clock.now() - 50 * HOUR);
    expect(await version()).to.equal(4);
    const signed = desk.signed;
    expect(signed?.freshUntil).to.equal((signed?.issuedAt ?? 0) + 72 * HOUR);
  });

  it('never signs a version twice, whatever is asked at once', async () => {
    const requests = await Promise.all([1, 2, 3].map(async (n) => ask(await invite(), `Agent ${n}`)));
    await Promise.all([desk.renew(), ...requests.map((request) => desk.admit(request)), desk.renew()]);
    const { version } = desk.signed?.position ?? { version: 0 };
    expect(desk.signed?.members).to.have.length(3);
    await reopen();
    await desk.renew();
    expect(desk.signed?.position.version).to.equal(version);
  });

  it('forgets invitations that have expired', async () => {
    const { readState } = await import('../../src/cli/desk-files.ts');
    await invite();
    await clock.advance(25 * HOUR);
    await invite();
    expect((await readState(scene.place.directory))?.invitations).to.have.length(1);
  });

  it('does nothing after it was closed', async () => {
    await desk.close();
    expect(await codeOfThrow(invite)).to.equal('desk-closed');
    await desk.close();
  });
});
