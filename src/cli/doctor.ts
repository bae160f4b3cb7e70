/**
 * Whether a desk is well: its files, its relay, what is published, who may renew it, and the pages.
 * @module
 */
import { stat } from 'node:fs/promises';
import { equal } from '../bytes/bytes.ts';
import type { RelayConnection } from '../engine/relay-connection.ts';
import { codeOf } from '../errors.ts';
import { isFresh } from '../identity/directory-order.ts';
import type { OpenDirectory } from '../identity/directory.ts';
import type { DeskOffice } from './desk-office.ts';
import { fetchPublished } from './desk-publication.ts';
import { checkPage, checkScripts } from './doctor-web.ts';
import { awayFrom } from './duration.ts';
import { ok, warning, wrong, type Finding } from './findings.ts';
import { openLine } from './relay-line.ts';
import { sentenceOf } from './sentences.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What two honest clocks may differ by (docs/protocol.md §3), and from where on it is said. */
const SKEW_LIMIT = 10 * MINUTE;
const SKEW_WARNING = MINUTE;
/** Less than this left of a directory, or of what keeps it fresh, is said. */
const FRESH_WARNING = 24 * HOUR;
const SIGNER_WARNING = 7 * DAY;

export interface DoctorOptions {
  readonly desk: DeskOffice;
  /** The desk's directory. */
  readonly directory: string;
  /** Null: none is known, which is a finding. */
  readonly relay: string | null;
  /** Pages that shall embed the chat. */
  readonly pages: readonly string[];
}

/** Looks at everything; what cannot be looked at is a finding as well. */
export async function examine({ desk, directory, relay, pages }: DoctorOptions): Promise<Finding[]> {
  const findings = [...(await ofFiles(desk, directory))];
  if (relay === null) {
    findings.push(wrong('relay', 'No relay is known; name it with --relay.'));
  } else {
    findings.push(...(await ofRelay(desk, relay)));
    findings.push(...(await checkScripts(relay)));
  }
  for (const page of pages) findings.push(...(await checkPage(page, { deskKey: desk.deskKey, relay })));
  return findings;
}

async function ofFiles(desk: DeskOffice, directory: string): Promise<Finding[]> {
  // The files themselves were checked when the desk was opened: readable, whole, nobody else's.
  const { mode } = await stat(directory);
  const exposed = process.platform !== 'win32' && (mode & 0o077) !== 0;
  return [
    exposed
      ? warning('files', `Others can look into ${directory} (mode ${(mode & 0o777).toString(8)}); run chmod 700 on it.`)
      : ok('files', `The files in ${directory} are whole and its owner’s alone.`),
    desk.rootKeyPlace === 'plain'
      ? warning('root-key', 'The root key has no passphrase; run `secure-chat desk passphrase`.')
      : ok(
          'root-key',
          desk.rootKeyPlace === 'passphrase'
            ? 'The root key is under a passphrase.'
            : 'The root key is not on this machine.',
        ),
    ...(desk.retired ? [wrong('desk', 'The desk was retired.')] : []),
  ];
}

async function ofRelay(desk: DeskOffice, relay: string): Promise<Finding[]> {
  let line: RelayConnection;
  try {
    line = await openLine({ relay, desk: desk.key });
  } catch (error) {
    return [wrong('relay', `${relay}: ${sentenceOf(error)}`)];
  }
  try {
    return [
      relay.startsWith('wss:')
        ? ok('relay', `${relay} answers over TLS and serves the desk.`)
        : warning('relay', `${relay} answers and serves the desk, without TLS: right for this machine alone.`),
      ofClock(line.now.skew ?? 0),
      ...(await ofDirectory(desk, line)),
    ];
  } finally {
    line.close();
  }
}

function ofClock(skew: number): Finding {
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) >= SKEW_LIMIT) {
    return wrong(
      'clock',
      `The clocks here and at the relay are ${seconds} s apart: what is signed here will be refused.`,
    );
  }
  if (Math.abs(skew) >= SKEW_WARNING)
    return warning('clock', `The clocks here and at the relay are ${seconds} s apart.`);
  return ok('clock', 'The clocks here and at the relay agree.');
}

async function ofDirectory(desk: DeskOffice, line: RelayConnection): Promise<Finding[]> {
  let open: OpenDirectory | null;
  try {
    open = await fetchPublished(line, desk.key);
  } catch (error) {
    return [wrong('directory', `The directory at the relay does not open (${codeOf(error)}).`)];
  }
  if (open === null)
    return [wrong('directory', 'The relay has no directory of this desk: secure-chat directory publish')];
  const now = Date.now();
  return [ofFreshness(open, now), ofAgreement(desk, open), ofSigners(open, now)];
}

function ofFreshness(open: OpenDirectory, now: number): Finding {
  const { version, renewal } = open.position;
  const name = `Directory ${version}${renewal === 0 ? '' : `, renewal ${renewal},`}`;
  const when = awayFrom(open.freshUntil, now);
  if (!isFresh(open, now))
    return wrong('directory', `${name} is signed and not fresh (${when}): no customer can write.`);
  if (open.freshUntil - now < FRESH_WARNING)
    return warning('directory', `${name} is signed, and fresh only until ${when}.`);
  return ok('directory', `${name} is signed by the desk, names ${open.members.length} in force, and ends ${when}.`);
}

function ofAgreement(desk: DeskOffice, open: OpenDirectory): Finding {
  const known = desk.signed?.position.version ?? 0;
  const { version } = open.position;
  if (version > known)
    return wrong(
      'state',
      `The relay has version ${version} and this machine knows ${known}: a backup was restored, or another machine signs.`,
    );
  if (version < known)
    return wrong(
      'state',
      `The relay has version ${version} and this machine has signed ${known}: secure-chat directory publish`,
    );
  if (!equal(desk.signed?.baseBytes ?? new Uint8Array(), open.baseBytes)) {
    return wrong('state', `Another copy of this desk has signed another version ${version}.`);
  }
  return ok('state', 'The relay has what this machine has signed.');
}

function ofSigners({ directory, freshUntil }: OpenDirectory, now: number): Finding {
  if (directory.renewers.length === 0) {
    return warning(
      'signer',
      `No signer keeps the directory fresh: the root key must sign again ${awayFrom(freshUntil, now)} at the latest.`,
    );
  }
  const last = Math.min(directory.renewUntil, Math.max(...directory.renewers.map(({ until }) => until)));
  const when = awayFrom(last, now);
  if (last <= now) return wrong('signer', `The time of every signer is over (${when}): secure-chat desk delegate`);
  if (last - now < SIGNER_WARNING)
    return warning('signer', `The root key must sign again ${when}: secure-chat desk delegate`);
  return ok('signer', `A signer may keep the directory fresh until ${new Date(last).toISOString()} (${when}).`);
}
