/**
 * What a person reads when a command fails: one sentence for each code, with the way out where there is one.
 * @module
 */
import { ChatError } from '../errors.ts';

type Details = ChatError['details'];

const SENTENCES: Readonly<Record<string, string | ((details: Details) => string)>> = {
  'desk-missing':
    'There is no desk in this directory; name it with --desk, or make one with `secure-chat desk create`.',
  'desk-exists': 'There is a desk in this directory already; name another with --desk.',
  'desk-in-use': ({ pid }) => `Another process (${show(pid)}) works with this directory; wait until it has ended.`,
  'desk-file-exposed': ({ path, mode }) =>
    `${show(path)} holds a secret and others can read it (mode ${show(mode)}); run chmod 600 on it.`,
  'desk-file-malformed': ({ path }) => `${show(path, 'A file of the desk')} is damaged; restore it from a backup.`,
  'desk-directory-unusable': ({ path, reason }) =>
    `${show(path, 'The directory')} cannot be read or written (${show(reason)}).`,
  'root-key-missing': 'The file of the root key is gone; restore it from a backup.',
  'root-key-malformed': 'This is no root key: it is one line that starts with dks1_, and every character counts.',
  'root-key-other': 'This is the root key of another desk.',
  'root-key-needed': 'The root key is needed and is not on this machine; give it with --root-key-file (- for stdin).',
  'desk-locked': 'The root key is needed for this.',
  'passphrase-needed':
    'A passphrase is needed; give it with --passphrase-file (- for stdin) or in SECURE_CHAT_PASSPHRASE.',
  'passphrase-wrong': 'The passphrase does not open the root key.',
  'passphrase-weak': 'The passphrase is too short: it has 12 characters at least.',
  'passphrase-differs': 'The two passphrases were not the same; nothing was changed.',
  'secret-file-missing': ({ path }) => `There is no file ${show(path)}.`,
  'relay-needed': 'No relay is known; name it with --relay or in SECURE_CHAT_RELAY.',
  'relay-configuration': ({ problems }) =>
    `The relay’s settings are not right:\n  ${show(problems).replaceAll('\n', '\n  ')}`,
  'certificate-refused': ({ reason }) =>
    `The TLS certificate is not taken (${show(reason)}); look at tlsCert and tlsKey.`,
  'listen-failed': ({ reason }) => `The port cannot be listened on (${show(reason)}).`,
  'relay-url-malformed': 'The address of a relay looks like wss://chat.example.',
  'relay-insecure': 'The address of a relay starts with wss://; ws:// is for this machine alone.',
  'relay-unreachable': 'The relay could not be reached.',
  'relay-disconnected': 'The connection to the relay broke; run the command again.',
  'relay-timeout': 'The relay did not answer in time; run the command again.',
  'desk-unknown': 'This relay does not serve the desk; its operator must name the desk key.',
  'auth-origin': 'The relay is configured for another address than the one it was called by.',
  'rate-limited': 'The relay asks to wait a while.',
  'desk-state-older': ({ known, published }) =>
    `The relay has version ${show(published)} of the directory and this machine knows ${show(known)}: a backup was restored, or another machine signs. Run \`secure-chat directory publish --adopt\` to go on from the relay's.`,
  'desk-state-other': ({ published }) =>
    `Another copy of this desk has signed another version ${show(published)}. Keep one copy; in it run \`secure-chat directory publish --adopt\`.`,
  'desk-retired': 'This desk was retired.',
  'directory-missing': 'The relay has no directory of this desk yet.',
  'directory-equivocation': 'The relay has another directory of the same version: two machines sign for this desk.',
  'directory-older': 'The relay has a later directory.',
  'directory-signature': 'The directory at the relay is not signed by this desk.',
  'directory-foreign': 'The directory at the relay is of another desk.',
  'invitation-lifetime': 'An invitation lives from one minute to 30 days.',
  'invitation-unknown': 'There is no such invitation.',
  'enrolment-used': 'The invitation was used before.',
  'enrolment-expired': 'The invitation has expired.',
  'member-unknown': 'No member and no open invitation is called that; see `secure-chat agent list`.',
  'member-ambiguous': 'More than one is called that; name the device id.',
  'request-unknown': 'No request waits with this fingerprint; see `secure-chat agent requests`.',
  'fingerprint-needed':
    'Name the fingerprint that the agent’s screen shows; there is nobody at the keyboard to compare it.',
  'delegation-lifetime': 'A signer is trusted for 35 days at most.',
  'signer-missing': 'There is no signer in this directory; make one with `secure-chat signer create`.',
  'signer-exists': 'There is a signer in this directory already.',
  'signer-key-malformed': 'The key of a signer starts with rn1_, and every character counts.',
  'signer-not-delegated':
    'The directory does not name this signer; on the machine with the root key run `secure-chat desk delegate`.',
  'signer-expired':
    'The time of this signer is over; on the machine with the root key run `secure-chat desk delegate`.',
  'signer-unknown': 'No such signer is trusted by this desk.',
  'desk-key-malformed': 'A desk key starts with dk1_, and every character counts.',
  'desk-full': 'No directory can hold this member.',
  'duration-malformed': 'A duration is a number and m, h or d, such as 30m, 24h or 7d.',
  'not-confirmed': 'Nothing was changed.',
  interrupted: 'Interrupted.',
  unhealthy: 'Something is wrong; see above.',
};

/** One sentence, without the program's name. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ChatError)) return 'This should not have happened; --debug shows where.';
  const sentence = SENTENCES[error.code];
  if (typeof sentence === 'string') return sentence;
  if (sentence !== undefined) return sentence(error.details);
  return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)} (${error.code}).`;
}

function show(value: Details[string] | undefined, otherwise = '?'): string {
  return value === undefined || value === null ? otherwise : String(value);
}
