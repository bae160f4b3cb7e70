/**
 * `secure-chat desk …`: the root key and what it decides.
 * @module
 */
import type { Command } from 'commander';
import { nodeRandom } from '../../adapters/node/node-clock.ts';
import { usageError } from '../../errors.ts';
import { parseDeskKey } from '../../identity/desk-key.ts';
import { createDesk } from '../desk-opening.ts';
import { publishDirectory } from '../desk-publication.ts';
import { parseDuration } from '../duration.ts';
import { withLine } from '../relay-line.ts';
import { formatRootKey, parseRootKey } from '../root-key.ts';
import { newPassphrase, secretLine, unlockDesk, type SecretOptions } from '../secret-input.ts';
import { parseSignerKey } from '../signer-key.ts';
import { ask, isAttended } from '../terminal.ts';
import { changeInForce } from './in-force.ts';
import { family, leaf, note, relayOf, report, withDesk, withKey, withOpenDesk, withRelay } from './options.ts';
import type { DeskOptions, OfficeOptions, RelayOptions, ReportOptions } from './options.ts';
import { deskView, directoryLines, directoryView, memberLine, memberView, signerView, snippetOf } from './views.ts';

interface CreateOptions extends DeskOptions, RelayOptions, SecretOptions {
  readonly name: string;
  readonly elsewhere?: boolean;
}

export function deskCommands(program: Command): void {
  const desk = family(program, 'desk', 'the desk: its root key, and whom it trusts');
  const office = (signature: string, summary: string): Command =>
    withKey(withRelay(withDesk(leaf(desk, signature, summary))));

  office('create', 'make a desk')
    .requiredOption('--name <name>', 'what customers read, such as the name of the business')
    .option('--elsewhere', 'keep the root key off this machine: it is printed once, or read from --root-key-file')
    .action(create);
  withDesk(leaf(desk, 'show', 'what is known of the desk, without its passphrase')).action(show);
  withKey(withDesk(leaf(desk, 'passphrase', 'choose another passphrase for the root key')))
    .option('--new-passphrase-file <file>', 'a private file whose first line is the new passphrase; - for stdin')
    .option('--elsewhere', 'take the root key off this machine instead: it is printed once')
    .action(passphrase);
  office('delegate <signer>', 'let a signer (rn1_…) renew the directory')
    .option('--for <duration>', 'for how long: 35d at most', '35d')
    .action(delegate);
  office('undelegate <signer>', 'trust a signer no longer').action(undelegate);
  office('rotate', 'make a desk with a new root key that takes this one’s place')
    .requiredOption('--to <directory>', 'where the new desk is kept')
    .option(
      '--new-passphrase-file <file>',
      'a private file whose first line is the passphrase of the new desk; - for stdin',
    )
    .action(rotate);
  office('retire', 'end the desk: its last directory names nobody').option('--yes', 'without asking').action(retire);
}

async function create(options: CreateOptions): Promise<void> {
  const { name, relay, elsewhere = false, json = false, rootKeyFile } = options;
  const given = rootKeyFile === undefined ? null : parseRootKey(await secretLine(rootKeyFile));
  const seed = given ?? nodeRandom(32);
  const rootKey = elsewhere
    ? ({ place: 'elsewhere' } as const)
    : ({
        place: 'passphrase',
        passphrase: await newPassphrase({ file: options.passphraseFile, fresh: false }),
      } as const);
  if (elsewhere && given === null && !json) await showOnce(seed);
  const desk = await createDesk({ directory: options.desk }, { name, rootKey, seed, relay: relay ?? null });
  try {
    const secret = elsewhere && given === null ? { rootKeySecret: formatRootKey(seed) } : {};
    report(options, { ...deskView(desk, Date.now()), ...secret }, [
      `Made the desk “${desk.name}” in ${options.desk}.`,
      `Desk key: ${desk.deskKey}`,
      `On the page: ${snippetOf(desk.deskKey, desk.relay)}`,
      elsewhere
        ? 'The root key is not on this machine: commands that sign ask for it.'
        : `Back up ${options.desk}: without it, or its passphrase, the desk ends when its directory expires.`,
    ]);
  } finally {
    await desk.close();
  }
}

/** Before the desk is made: a root key that nobody has written down must not be one. */
async function showOnce(seed: Uint8Array): Promise<void> {
  const text = formatRootKey(seed);
  process.stdout.write(`The root key, which is shown this once:\n\n  ${text}\n\n`);
  if (!isAttended()) return;
  const typed = await ask('Write it down, put it into a safe, and type its last six characters: ');
  if (typed.trim() !== text.slice(-6)) throw usageError('not-confirmed', 'the characters were others');
}

async function show(options: DeskOptions): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    const now = Date.now();
    const view = deskView(desk, now);
    report(options, view, [
      `Desk “${view.name}”${view.retired ? ', retired' : ''}`,
      `  key ${view.deskKey}`,
      `  fingerprint ${view.fingerprint}`,
      `  root key: ${ROOT_KEY[view.rootKey]}`,
      `  relay: ${view.relay ?? 'none is known'}`,
      ...(view.successor === null ? [] : [`  its successor: ${view.successor}`]),
      ...(desk.signed === null
        ? ['No directory was signed yet: secure-chat directory publish']
        : directoryLines(directoryView(desk.signed, now), now)),
      `On the page: ${view.snippet}`,
    ]);
  });
}

const ROOT_KEY = {
  plain: 'in a file without a passphrase; `secure-chat desk passphrase` protects it',
  passphrase: 'in root-key.age, under a passphrase',
  elsewhere: 'not on this machine',
} as const;

async function passphrase(
  options: DeskOptions & SecretOptions & { newPassphraseFile?: string; elsewhere?: boolean },
): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    await unlockDesk(desk, options);
    const { elsewhere = false, json = false } = options;
    if (elsewhere) {
      if (!json) await showOnce(desk.root.seed);
      const secret = { rootKeySecret: formatRootKey(desk.root.seed) };
      await desk.moveRootKey({ place: 'elsewhere' });
      return report(options, { rootKey: desk.rootKeyPlace, ...secret }, ['The root key is no longer on this machine.']);
    }
    const fresh = await newPassphrase({ file: options.newPassphraseFile, fresh: true });
    await desk.moveRootKey({ place: 'passphrase', passphrase: fresh });
    report(options, { rootKey: desk.rootKeyPlace }, ['The root key is under the new passphrase; old backups are not.']);
  });
}

async function delegate(signer: string, options: OfficeOptions & { for: string }): Promise<void> {
  const key = parseSignerKey(signer);
  const life = parseDuration(options.for);
  await changeInForce(options, async (desk) => {
    const until = Date.now() + life;
    await desk.delegate(key, until);
    return (directory) => {
      report(options, { signer: signerView({ key, until }), directory: directoryView(directory, Date.now()) }, [
        `The signer may renew the directory until ${new Date(until).toISOString()}.`,
      ]);
    };
  });
}

async function undelegate(signer: string, options: OfficeOptions): Promise<void> {
  const key = parseSignerKey(signer);
  await changeInForce(options, async (desk) => {
    await desk.undelegate(key);
    return (directory) => {
      report(options, { signer, directory: directoryView(directory, Date.now()) }, [
        'The signer is trusted no longer.',
      ]);
    };
  });
}

/** docs/decisions/0040: a new root key is a new desk. */
async function rotate(options: OfficeOptions & { to: string; newPassphraseFile?: string }): Promise<void> {
  await withOpenDesk(options, async (old) => {
    // Whoever cannot use the old root key does not end its desk.
    await unlockDesk(old, options);
    const members = old.members.map(memberView);
    const chosen = await newPassphrase({ file: options.newPassphraseFile, fresh: true });
    const relay = options.relay ?? old.relay;
    const desk = await createDesk(
      { directory: options.to },
      { name: old.name, relay, rootKey: { place: 'passphrase', passphrase: chosen } },
    );
    try {
      await old.succeed(parseDeskKey(desk.deskKey));
      report(options, { ...deskView(desk, Date.now()), replaces: old.deskKey, toInvite: members }, [
        `Made a new desk in ${options.to}, with a root key of its own: ${desk.deskKey}`,
        'What is left to do, in this order:',
        '  1. the operator of the relay lets it serve the new desk key beside the old one;',
        `  2. secure-chat directory publish --desk ${options.to}`,
        '  3. invite and approve everybody anew, for agents’ browsers trust one desk key:',
        ...(members.length === 0 ? ['       nobody'] : members.map((member) => `     ${memberLine(member)}`)),
        `  4. put the new key on every page: ${snippetOf(desk.deskKey, desk.relay)}`,
        `  5. when the old conversations have ended: secure-chat desk retire --desk ${options.desk}`,
        'Customers verify the new desk afresh; until they load a page with its key they stay with the old one.',
      ]);
    } finally {
      await desk.close();
    }
  });
}

async function retire(options: OfficeOptions & ReportOptions & { yes?: boolean }): Promise<void> {
  if (options.yes !== true) {
    if (!isAttended()) throw usageError('not-confirmed', 'say --yes where nobody can be asked');
    const typed = await ask('Everybody is removed, for good, and customers see it. Type “retire” to go on: ');
    if (typed.trim() !== 'retire') throw usageError('not-confirmed', 'something else was typed');
  }
  await withOpenDesk(options, async (desk) => {
    const relay = relayOf(options, desk.relay);
    await unlockDesk(desk, options);
    await withLine({ relay, desk: desk.key }, async (line) => {
      await desk.retire();
      const directory = await publishDirectory(line, desk);
      report(options, { retired: true, directory: directoryView(directory, Date.now()) }, [
        'The desk is retired: its last directory names nobody.',
      ]);
    });
  });
  note('Customers see that everybody has left, and after three days that nobody vouches for the desk any more.');
}
