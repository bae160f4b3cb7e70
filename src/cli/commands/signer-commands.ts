/**
 * `secure-chat signer …`: on a machine that is always on, and is not the relay's.
 * @module
 */
import { Option, type Command } from 'commander';
import { codeOf } from '../../errors.ts';
import { parseDeskKey } from '../../identity/desk-key.ts';
import { awayFrom } from '../duration.ts';
import { withLine } from '../relay-line.ts';
import { sentenceOf } from '../sentences.ts';
import { createSigner } from '../signer.ts';
import { formatSignerKey } from '../signer-key.ts';
import { keepRenewing, relayOfSigner, renewOnce, withSigner, type SignerRound } from '../signer-work.ts';
import { family, leaf, report, withRelay, type RelayOptions, type ReportOptions } from './options.ts';
import { directoryLines, directoryView, isoOf } from './views.ts';

interface SignerOptions extends ReportOptions, RelayOptions {
  readonly signer: string;
}

/** The administrator is told this long before the root key is needed again, ms. */
const WARN_BEFORE = 7 * 24 * 3_600_000;

export function signerCommands(program: Command): void {
  const signer = family(program, 'signer', 'a key that keeps the directory fresh in place of the root key');
  const at = (signature: string, summary: string): Command =>
    leaf(signer, signature, summary).addOption(
      new Option('--signer <directory>', 'the directory of the signer').env('SECURE_CHAT_SIGNER').default('signer'),
    );
  withRelay(at('create', 'make a signer; the root key has to trust it'))
    .requiredOption('--desk-key <key>', 'the desk key, dk1_…')
    .action(create);
  at('show', 'the signer, and until when it is trusted').action(show);
  withRelay(at('renew', 'renew the directory if that is due')).option('--force', 'also if it is not').action(renew);
  withRelay(at('run', 'keep the directory fresh until it is ended')).action(run);
}

async function create(options: SignerOptions & { deskKey: string }): Promise<void> {
  const desk = parseDeskKey(options.deskKey);
  const signer = await createSigner({ directory: options.signer }, { desk, relay: options.relay ?? null });
  const key = formatSignerKey(signer.keys.key);
  await signer.close();
  report(options, { signer: key, deskKey: options.deskKey }, [
    `Made a signer: ${key}`,
    `Where the root key is, run: secure-chat desk delegate ${key}`,
  ]);
}

async function show(options: SignerOptions): Promise<void> {
  await withSigner(options.signer, async (signer) => {
    const { held, trustedUntil, relay } = signer;
    const now = Date.now();
    const view = held === null ? null : directoryView(held, now);
    const data = {
      signer: formatSignerKey(signer.keys.key),
      relay,
      trustedUntil: trustedUntil === null ? null : isoOf(trustedUntil),
      directory: view,
    };
    report(options, data, [
      `Signer ${data.signer}`,
      `  ${trustLine(trustedUntil, now)}`,
      ...(view === null ? ['  no directory was seen yet'] : directoryLines(view, now)),
    ]);
    return Promise.resolve();
  });
}

async function renew(options: SignerOptions & { force?: boolean }): Promise<void> {
  await withSigner(options.signer, async (signer) => {
    const relay = relayOfSigner(signer, options.relay ?? null);
    await withLine({ relay, desk: signer.desk, keys: signer.keys }, async (line) => {
      const round = await renewOnce(line, signer, { force: options.force ?? false });
      report(options, roundView(round), roundLines(round));
    });
  });
}

async function run(options: SignerOptions): Promise<void> {
  const say = (data: object, lines: readonly string[]): void => report(options, data, lines);
  const stop = await keepRenewing({
    directory: options.signer,
    relay: options.relay ?? null,
    onRound: (round) => say(roundView(round), roundLines(round)),
    onProblem: (error) => say({ problem: codeOf(error) }, [`It will be tried again: ${sentenceOf(error)}`]),
  });
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await stop();
}

function roundView({ directory, signed, trustedUntil }: SignerRound) {
  const now = Date.now();
  return {
    at: isoOf(now),
    signed,
    trustedUntil: trustedUntil === null ? null : isoOf(trustedUntil),
    rootNeededBy: isoOf(rootNeededBy(directory.directory.renewUntil, trustedUntil)),
    directory: directoryView(directory, now),
  };
}

function roundLines({ directory, signed, trustedUntil }: SignerRound): string[] {
  const now = Date.now();
  const { version, renewal } = directory.position;
  const end = rootNeededBy(directory.directory.renewUntil, trustedUntil);
  return [
    `Directory ${version}, renewal ${renewal}: ${signed ? 'renewed, ' : ''}fresh until ${isoOf(directory.freshUntil)}; ${trustLine(trustedUntil, now)}.`,
    ...(end - now < WARN_BEFORE
      ? [`The root key must sign again ${awayFrom(end, now)}: secure-chat desk delegate`]
      : []),
  ];
}

function rootNeededBy(renewUntil: number, trustedUntil: number | null): number {
  return trustedUntil === null ? renewUntil : Math.min(renewUntil, trustedUntil);
}

function trustLine(trustedUntil: number | null, now: number): string {
  return trustedUntil === null
    ? 'not trusted by the desk'
    : `trusted until ${isoOf(trustedUntil)} (${awayFrom(trustedUntil, now)})`;
}
