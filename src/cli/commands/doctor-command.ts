/**
 * `secure-chat doctor`: whether everything is well, and what is not.
 * @module
 */
import type { Command } from 'commander';
import { ChatError } from '../../errors.ts';
import { examine } from '../doctor.ts';
import { leaf, report, withDesk, withOpenDesk, withRelay, type OfficeOptions } from './options.ts';
import { snippetOf } from './views.ts';

const MARKS = { ok: 'ok     ', warning: 'WARNING', wrong: 'WRONG  ' } as const;

interface DoctorCommandOptions extends OfficeOptions {
  readonly page: readonly string[];
  readonly strict?: boolean;
}

export function doctorCommand(program: Command): void {
  withRelay(withDesk(leaf(program, 'doctor', 'whether files, relay, directory, signers and pages are well')))
    .option(
      '--page <url>',
      'a page that embeds the chat; can be repeated',
      (url: string, all: string[]) => [...all, url],
      [],
    )
    .option('--strict', 'fail for warnings too')
    .action(doctor);
}

async function doctor(options: DoctorCommandOptions): Promise<void> {
  await withOpenDesk(options, async (desk) => {
    const relay = options.relay ?? desk.relay;
    const findings = await examine({ desk, directory: options.desk, relay, pages: options.page });
    const isWell = !findings.some(
      ({ status }) => status === 'wrong' || (options.strict === true && status === 'warning'),
    );
    const snippet = snippetOf(desk.deskKey, relay);
    report(options, { well: isWell, findings, snippet }, [
      ...findings.map(({ status, check, message }) => `${MARKS[status]} ${check}: ${message}`),
      `On the page: ${snippet}`,
    ]);
    if (!isWell) throw new ChatError('environment', 'unhealthy', 'the doctor found something wrong');
  });
}
