/**
 * `secure-chat agent …`: who answers customers. docs/protocol.md §5.5, §6.
 * @module
 */
import { Option, type Command } from 'commander';
import { toHex } from '../../bytes/text.ts';
import { peerError, usageError } from '../../errors.ts';
import { roleShape, type Member } from '../../identity/directory-shape.ts';
import { deviceIdOf } from '../../identity/device.ts';
import { parseInvitation } from '../../identity/enrolment.ts';
import { fingerprintOf } from '../../identity/fingerprint.ts';
import type { DeskOffice } from '../desk-office.ts';
import { publishDirectory } from '../desk-publication.ts';
import { awayFrom, parseDuration } from '../duration.ts';
import { approveRequest, refuseRequest, waitingRequests, type EnrolmentRequest } from '../enrolment-requests.ts';
import type { RelayConnection } from '../../engine/relay-connection.ts';
import { withLine } from '../relay-line.ts';
import { unlockDesk } from '../secret-input.ts';
import { removeBySigner } from '../signer-work.ts';
import { ask, isAttended } from '../terminal.ts';
import { changeInForce } from './in-force.ts';
import { family, leaf, note, relayOf, report, withDesk, withKey, withOpenDesk, withRelay } from './options.ts';
import type { DeskOptions, OfficeOptions } from './options.ts';
import { directoryView, isoOf, memberLine, memberView } from './views.ts';

const ROLES = ['agent', 'supervisor', 'archive', 'bot'] as const;
/** How often is looked whether somebody has asked, ms. */
const LOOK = 1_000;

export function agentCommands(program: Command): void {
  const agent = family(program, 'agent', 'who answers customers: inviting, approving, revoking');
  const office = (signature: string, summary: string): Command =>
    withKey(withRelay(withDesk(leaf(agent, signature, summary))));

  withRelay(withDesk(leaf(agent, 'invite', 'make a link that lets one browser ask to join')))
    .addOption(new Option('--role <role>', 'what it will be').choices(ROLES).default('agent'))
    .option('--for <duration>', 'how long the link can be used: 30d at most', '24h')
    .option('--note <text>', 'whom it is for; only kept here')
    .action(invite);
  office('requests', 'who has asked to join and waits').action(requests);
  office('approve [fingerprint]', 'let somebody join whose screen shows this fingerprint')
    .option('--wait <duration>', 'wait so long for somebody to ask', '0m')
    .action(approve);
  office('refuse <fingerprint>', 'forget a request; its link can still be used').action(refuse);
  withDesk(leaf(agent, 'list', 'members and open invitations, as this machine knows them')).action(list);
  office('revoke <who>', 'remove a member, or withdraw an invitation: a name, device id, fingerprint or invitation id')
    .option('--signer <directory>', 'by the signer in this directory instead of the root key')
    .action(revoke);
}

async function invite(
  options: OfficeOptions & { role: (typeof ROLES)[number]; for: string; note?: string },
): Promise<void> {
  const life = parseDuration(options.for);
  const role = roleShape(options.role, 'role');
  await withOpenDesk(options, async (desk) => {
    const relay = relayOf(options, desk.relay);
    const fragment = await desk.invite({ role, life, note: options.note ?? null });
    const { id, expires } = parseInvitation(fragment);
    // The fragment never reaches a server.
    const link = `${relay.replace(/^ws/, 'http').replace(/\/+$/, '')}/desk#${fragment}`;
    report(options, { link, role, invitation: toHex(id), expires: isoOf(expires) }, [
      link,
      `Lets one browser ask to join as ${role}, until ${isoOf(expires)}. Hand it over in private; then: secure-chat agent approve`,
    ]);
  });
}

/** Opens the desk with its root key and a connection that may see requests. */
async function atRequests(
  options: OfficeOptions,
  work: (desk: DeskOffice, look: () => Promise<EnrolmentRequest[]>, line: RelayConnection) => Promise<void>,
): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    const relay = relayOf(options, desk.relay);
    await unlockDesk(desk, options);
    await withLine({ relay, desk: desk.key, keys: desk.root }, async (line) => {
      await publishDirectory(line, desk);
      const look = (): Promise<EnrolmentRequest[]> =>
        waitingRequests(line, desk, (code) => note(`A request was dropped: ${code}.`));
      await work(desk, look, line);
    });
  });
}

async function requests(options: OfficeOptions): Promise<void> {
  await atRequests(options, async (_desk, look) => {
    const waiting = await look();
    report(options, { requests: waiting.map(requestView) }, [
      ...(waiting.length === 0 ? ['Nobody waits.'] : waiting.flatMap(requestLines)),
    ]);
  });
}

async function approve(fingerprint: string | undefined, options: OfficeOptions & { wait: string }): Promise<void> {
  const patience = parseDuration(options.wait);
  if (fingerprint === undefined && (!isAttended() || options.json === true)) {
    throw usageError('fingerprint-needed', 'there is nobody to compare fingerprints');
  }
  await atRequests(options, async (desk, look, line) => {
    const end = Date.now() + patience;
    const isWanted = (request: EnrolmentRequest): boolean =>
      fingerprint === undefined || digitsOf(request.fingerprint) === digitsOf(fingerprint);
    let wanted = (await look()).filter(isWanted);
    while (wanted.length === 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
      wanted = (await look()).filter(isWanted);
    }
    const approved: EnrolmentRequest[] = [];
    for (const request of wanted) {
      if (fingerprint === undefined && !(await isTheSame(request))) continue;
      await approveRequest(line, desk, request);
      approved.push(request);
    }
    if (wanted.length === 0) {
      // Approved before, and the command did not come to its end.
      const member = desk.members.find(({ key }) => digitsOf(fingerprintOf(key)) === digitsOf(fingerprint ?? ''));
      if (member === undefined) throw peerError('request-unknown', 'nobody waits with this fingerprint');
      return report(options, { approved: [memberView(member)] }, [`${member.name} is ${member.role} already.`]);
    }
    report(options, { approved: approved.map(requestView) }, [
      ...approved.map(({ name, role }) => `${name} is ${role} from now on.`),
      ...(approved.length === 0 ? ['Nobody was approved.'] : []),
    ]);
  });
}

async function isTheSame(request: EnrolmentRequest): Promise<boolean> {
  for (const line of requestLines(request)) note(line);
  const answer = await ask('Call them. Does their screen show exactly this fingerprint? Type yes to let them in: ');
  return answer.trim().toLowerCase() === 'yes';
}

async function refuse(fingerprint: string, options: OfficeOptions): Promise<void> {
  await atRequests(options, async (_desk, look, line) => {
    const refused = (await look()).filter((request) => digitsOf(request.fingerprint) === digitsOf(fingerprint));
    if (refused.length === 0) throw peerError('request-unknown', 'nobody waits with this fingerprint');
    for (const request of refused) await refuseRequest(line, request);
    report(
      options,
      { refused: refused.map(requestView) },
      refused.map(({ name }) => `Forgot the request of ${name}.`),
    );
  });
}

async function list(options: DeskOptions): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    const now = Date.now();
    const members = desk.members.map(memberView);
    const invitations = openInvitations(desk, now).map(({ invitation, note: whom }) => ({
      invitation: toHex(invitation.id),
      role: invitation.role,
      note: whom,
      expires: isoOf(invitation.expires),
    }));
    report(options, { members, invitations }, [
      ...(members.length === 0 ? ['No members.'] : members.map(memberLine)),
      ...invitations.map(
        ({ invitation, role, note: whom, expires }) =>
          `  invitation ${invitation} (${role})${whom === null ? '' : ` for ${whom}`}, expires ${awayFrom(Date.parse(expires), now)}`,
      ),
    ]);
  });
}

async function revoke(who: string, options: OfficeOptions & { signer?: string }): Promise<void> {
  const { signer } = options;
  if (signer !== undefined) {
    const relay = options.relay ?? null;
    const { directory, member } = await removeBySigner({
      directory: signer,
      relay,
      pick: (all) => memberCalled(all, who),
    });
    report(options, { revoked: memberView(member), directory: directoryView(directory, Date.now()) }, [
      `${member.name} is removed. Run \`secure-chat agent revoke\` with the root key as well, before it signs again.`,
    ]);
    return;
  }
  const withdrawn = await withOpenDesk(options, async (desk) => {
    const found = openInvitations(desk, Date.now()).find(
      ({ invitation }) => toHex(invitation.id) === who.toLowerCase(),
    );
    if (found === undefined) memberCalled(desk.members, who);
    else await desk.withdraw(found.invitation.id);
    return found !== undefined;
  });
  if (withdrawn) return report(options, { withdrawn: who.toLowerCase() }, ['The invitation is withdrawn.']);
  await changeInForce(options, async (desk) => {
    const member = await desk.revoke(deviceIdOf(memberCalled(desk.members, who).key));
    return (directory) => {
      report(options, { revoked: memberView(member), directory: directoryView(directory, Date.now()) }, [
        `${member.name} is removed: directory ${directory.position.version} is published, and connected customers are told.`,
      ]);
    };
  });
}

/** @throws ChatError `member-unknown`, `member-ambiguous` */
function memberCalled<T extends Member>(members: readonly T[], who: string): T {
  const wanted = who.trim();
  const found = members.filter(
    ({ name, key }) =>
      name === wanted ||
      toHex(deviceIdOf(key)) === wanted.toLowerCase() ||
      digitsOf(fingerprintOf(key)) === digitsOf(wanted),
  );
  const [only] = found;
  if (only === undefined) throw peerError('member-unknown', 'nobody is called that');
  if (found.length > 1) throw peerError('member-ambiguous', 'several are called that');
  return only;
}

function openInvitations(desk: DeskOffice, now: number) {
  return desk.invitations.filter(({ used, invitation }) => used === null && invitation.expires > now);
}

function requestView({ name, role, fingerprint, deviceId, note: whom, at }: EnrolmentRequest) {
  return { name, role, fingerprint, device: toHex(deviceId), invitedAs: whom, at: isoOf(at) };
}

function requestLines({ name, role, fingerprint, note: whom }: EnrolmentRequest): string[] {
  return [
    `${name} asks to join as ${role}${whom === null ? '' : ` (invited: ${whom})`}`,
    `  fingerprint ${fingerprint}`,
  ];
}

/** Fingerprints are compared without their spaces; a text that is none has no digits to agree with. */
function digitsOf(fingerprint: string): string {
  const digits = fingerprint.replace(/\s+/g, '');
  return /^\d{30}$/.test(digits) ? digits : fingerprint;
}
