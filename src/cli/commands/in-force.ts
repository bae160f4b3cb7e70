/**
 * A change of the desk that is signed and published before the command ends.
 * @module
 */
import type { OpenDirectory } from '../../identity/directory.ts';
import type { DeskOffice } from '../desk-office.ts';
import { comparePublished, publishDirectory } from '../desk-publication.ts';
import { withLine } from '../relay-line.ts';
import { unlockDesk } from '../secret-input.ts';
import { note, relayOf, withOpenDesk, type OfficeOptions } from './options.ts';

/** Told the directory that is in force. */
type Report = (directory: OpenDirectory) => void;

/**
 * Reaches the relay, unlocks, changes, signs, publishes; only then is it reported. What fails before the change leaves
 * nothing behind; what fails after it is made up for by the next command that publishes.
 */
export async function changeInForce(
  options: OfficeOptions,
  change: (desk: DeskOffice) => Promise<Report>,
): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    await withLine({ relay: relayOf(options, desk.relay), desk: desk.key }, async (line) => {
      const { removed } = await comparePublished(line, desk);
      for (const { name } of removed) note(`${name} had been removed by a signer, and stays so.`);
      await unlockDesk(desk, options);
      const reported = await change(desk);
      let directory: OpenDirectory;
      try {
        directory = await publishDirectory(line, desk);
      } catch (error) {
        note('The change is recorded and not yet in force: run `secure-chat directory publish`.');
        throw error;
      }
      reported(directory);
    });
  });
}
