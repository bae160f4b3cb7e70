/**
 * What the commands' exit codes mean. They are part of the interface: docs/office.md names them.
 * @module
 */
import { ChatError } from '../errors.ts';

export const EXIT = {
  done: 0,
  /** A fault of the program. */
  fault: 1,
  /** Wrong arguments, or a command that makes no sense here. */
  usage: 2,
  /** The files on this machine: missing, damaged, exposed, not writable. */
  files: 3,
  /** The passphrase or the root key: missing, wrong, of another desk. */
  key: 4,
  /** Another process works in the directory. */
  busy: 5,
  /** The relay could not be reached, or would not answer. */
  relay: 6,
  /** What was asked would contradict what is signed, or the rules of invitations. */
  refused: 7,
  /** `doctor` found something that is wrong. */
  unhealthy: 8,
  /** Ended by the person at the keyboard. */
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  'desk-missing': EXIT.files,
  'desk-exists': EXIT.files,
  'signer-missing': EXIT.files,
  'signer-exists': EXIT.files,
  'desk-directory-unusable': EXIT.files,
  'desk-file-exposed': EXIT.files,
  'desk-file-malformed': EXIT.files,
  'root-key-missing': EXIT.files,
  'certificate-refused': EXIT.files,
  'root-key-malformed': EXIT.key,
  'root-key-other': EXIT.key,
  'root-key-needed': EXIT.key,
  'desk-locked': EXIT.key,
  'passphrase-needed': EXIT.key,
  'passphrase-wrong': EXIT.key,
  'passphrase-weak': EXIT.key,
  'passphrase-differs': EXIT.key,
  'desk-in-use': EXIT.busy,
  unhealthy: EXIT.unhealthy,
  'desk-state-older': EXIT.refused,
  'desk-state-other': EXIT.refused,
  'desk-retired': EXIT.refused,
  'directory-older': EXIT.refused,
  'directory-equivocation': EXIT.refused,
  'directory-not-shrinking': EXIT.refused,
  'directory-stale': EXIT.refused,
  'directory-refused': EXIT.refused,
  'directory-missing': EXIT.refused,
  'member-unknown': EXIT.refused,
  'member-ambiguous': EXIT.refused,
  'member-exists': EXIT.refused,
  'request-unknown': EXIT.refused,
  'signer-not-delegated': EXIT.refused,
  'signer-expired': EXIT.refused,
  'signer-unknown': EXIT.refused,
  'desk-full': EXIT.refused,
  interrupted: EXIT.interrupted,
};

/** The exit code for whatever was thrown. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ChatError)) return EXIT.fault;
  const known = BY_CODE[error.code];
  if (known !== undefined) return known;
  if (error.code.startsWith('enrolment-') || error.code.startsWith('invitation-unknown')) return EXIT.refused;
  if (error.kind === 'usage') return EXIT.usage;
  if (error.kind === 'environment') return EXIT.relay;
  return error.kind === 'peer' ? EXIT.refused : EXIT.fault;
}
