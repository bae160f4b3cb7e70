/**
 * `secure-chat relay`: runs a relay until SIGTERM or SIGINT. docs/relay.md §8, docs/deploy.md.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { serveRelay } from './relay-command-service.ts';
import { configurationFrom, FIELDS, type Configured, type Sources } from './relay-configuration.ts';

type Flags = Sources['flags'] & { readonly printConfig?: boolean };

/** Adds the command to the program. */
export function relayCommand(program: Command): void {
  const command = program
    .command('relay')
    .description(
      'run a relay; settings come from flags, from SECURE_CHAT_… variables and from a JSON file, in this order',
    );
  for (const { flag, help } of Object.values(FIELDS)) command.option(flag, help);
  command
    .option('--limit <name=value...>', 'change a limit, as mailBytes=50GiB or rates.deviceMail=600/1200')
    .option('--config <file>', 'a JSON file of settings')
    .option('--print-config', 'print the settings in force, in the form of such a file, and end')
    .action(async (flags: Record<string, unknown>) => {
      await run(byField(flags));
    });
}

async function run({ printConfig = false, ...flags }: Flags): Promise<void> {
  const configured: Configured = configurationFrom({
    flags,
    environment: process.env,
    directory: process.cwd(),
    assets: ownAssets(),
  });
  if (printConfig) process.stdout.write(`${JSON.stringify(configured.configuration, null, 2)}\n`);
  else await serveRelay(configured);
}

/** Flags are named for one thing, fields for all of a kind. */
function byField({ deskKey, origin, ...others }: Record<string, unknown>): Flags {
  return {
    ...others,
    ...(deskKey === undefined ? {} : { deskKeys: deskKey }),
    ...(origin === undefined ? {} : { origins: origin }),
  } as Flags;
}

/** The browser files beside the built program, or in the tree that it is built from. */
function ownAssets(): string | null {
  const places = ['../../browser', '../../dist/browser'].map((place) => join(import.meta.dirname, place));
  return places.find((place) => existsSync(join(place, 'sri.json'))) ?? null;
}
