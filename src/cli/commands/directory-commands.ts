/**
 * `secure-chat directory …`: the signed list of who answers. docs/protocol.md §5.
 * @module
 */
import type { Command } from 'commander';
import { equal } from '../../bytes/bytes.ts';
import { peerError } from '../../errors.ts';
import { comparePublished, fetchPublished, publishDirectory } from '../desk-publication.ts';
import { withLine } from '../relay-line.ts';
import { unlockDesk } from '../secret-input.ts';
import {
  family,
  leaf,
  note,
  relayOf,
  report,
  withDesk,
  withKey,
  withOpenDesk,
  withRelay,
  type OfficeOptions,
} from './options.ts';
import { directoryLines, directoryView } from './views.ts';

export function directoryCommands(program: Command): void {
  const directory = family(program, 'directory', 'the signed list of who answers');
  withKey(
    withRelay(withDesk(leaf(directory, 'publish', 'sign the directory if that is due, and give it to the relay'))),
  )
    .option(
      '--adopt',
      'go on from the relay’s directory: after restoring a backup, or when two copies of the desk signed',
    )
    .action(publish);
  withRelay(withDesk(leaf(directory, 'show', 'what the relay has, and whether it is what this machine signed'))).action(
    show,
  );
}

async function publish(options: OfficeOptions & { adopt?: boolean }): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    const relay = relayOf(options, desk.relay);
    if (desk.relay === null) await desk.setRelay(relay);
    await withLine({ relay, desk: desk.key }, async (line) => {
      if (options.adopt === true) {
        const theirs = await fetchPublished(line, desk.key);
        if (theirs === null) throw peerError('directory-missing', 'the relay has none');
        await desk.adopt(theirs.bytes);
        note(`Went on from version ${theirs.position.version} of the relay.`);
      }
      const { removed } = await comparePublished(line, desk);
      for (const { name } of removed) note(`${name} had been removed by a signer, and stays so.`);
      if (desk.due) await unlockDesk(desk, options);
      const published = await publishDirectory(line, desk);
      const now = Date.now();
      const view = directoryView(published, now);
      report(options, { directory: view }, ['Published.', ...directoryLines(view, now)]);
    });
  });
}

async function show(options: OfficeOptions): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    await withLine({ relay: relayOf(options, desk.relay), desk: desk.key }, async (line) => {
      const theirs = await fetchPublished(line, desk.key);
      if (theirs === null) throw peerError('directory-missing', 'the relay has none');
      const now = Date.now();
      const view = directoryView(theirs, now);
      const known = desk.signed !== null && equal(desk.signed.baseBytes, theirs.baseBytes);
      report(options, { directory: view, signedHere: known, due: desk.due }, [
        ...directoryLines(view, now),
        known ? 'It is the newest that this machine has signed.' : 'It is NOT the newest that this machine has signed.',
        ...(desk.due ? ['A new one is due: secure-chat directory publish'] : []),
      ]);
    });
  });
}
