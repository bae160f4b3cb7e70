/**
 * Passkeys that open a vault: WebAuthn credentials (https://www.w3.org/TR/webauthn-3/) with the PRF extension (§10.1.4 there).
 * No server checks an answer: what counts is the PRF output, which nobody can have without the credential. docs/vault.md §8.
 * @module
 */
import { ChatError, usageError } from '../../errors.ts';
import type { Passkeys } from '../../engine/ports/device.ts';
import { toText } from './base64url.ts';

/** How long the browser is to wait for the user, ms. */
const TIMEOUT = 120_000;
const OUTPUT_LENGTH = 32;
const CHALLENGE_LENGTH = 32;
const USER_LENGTH = 32;
/** COSE: EdDSA, ES256, RS256. What it signs is not looked at. */
const ALGORITHMS = [-8, -7, -257];
/** The user's doing, or not doing. Browsers do not tell a refusal from a credential that is not there. */
const CANCELLED = new Set(['NotAllowedError', 'AbortError', 'TimeoutError', 'OperationError']);

/** A port that may learn later that it is of no use. */
export interface BrowserPasskeys extends Passkeys {
  /** False: this browser cannot do it, as far as it is known now. */
  readonly able: boolean;
}

/** Null where there can be none. @param timeout how long to wait for the user, ms */
export function browserPasskeys(timeout = TIMEOUT): BrowserPasskeys | null {
  if (!isPossible()) return null;
  let able = true;
  // Asked now, so that nothing but the user stands between a click and the browser's question.
  const knowsPrf = capability('extension:prf').then((answer) => (able = answer !== false));

  return {
    get able() {
      return able;
    },

    async create({ name, salt }) {
      if (!(await knowsPrf)) throw unsupported('the browser has no PRF extension');
      const made = await asked(() =>
        navigator.credentials.create({
          publicKey: {
            rp: { id: location.hostname, name: location.hostname },
            user: { id: random(USER_LENGTH), name, displayName: name },
            challenge: random(CHALLENGE_LENGTH),
            pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
            authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
            attestation: 'none',
            timeout,
            extensions: { prf: { eval: { first: salt.slice() } } },
          },
        }),
      );
      const credential = new Uint8Array(made.rawId);
      const { prf } = made.getClientExtensionResults();
      if (prf?.results === undefined && prf?.enabled !== true) {
        await forget(credential);
        throw unsupported('the authenticator has no PRF');
      }
      try {
        // Many authenticators give no output before the credential is used.
        const output = prf.results === undefined ? await evaluate(credential, salt, timeout) : outputOf(made);
        return { credential, output };
      } catch (error) {
        // Nobody will ever use it: it is not to stand in the user's list.
        await forget(credential);
        throw error;
      }
    },

    use: ({ credential, salt }) => evaluate(credential, salt, timeout),
  };
}

async function evaluate(credential: Uint8Array, salt: Uint8Array, timeout: number): Promise<Uint8Array> {
  const shown = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        rpId: location.hostname,
        challenge: random(CHALLENGE_LENGTH),
        allowCredentials: [{ type: 'public-key', id: credential.slice() }],
        userVerification: 'required',
        timeout,
        extensions: { prf: { eval: { first: salt.slice() } } },
      },
    }),
  );
  return outputOf(shown);
}

/** The output as bytes of their own; what the browser holds of it is overwritten. */
function outputOf(shown: PublicKeyCredential): Uint8Array {
  const first = shown.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) throw unsupported('the authenticator gave no PRF output');
  const held = ArrayBuffer.isView(first)
    ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength)
    : new Uint8Array(first);
  const output = held.slice();
  held.fill(0);
  if (output.length !== OUTPUT_LENGTH) throw unsupported('the PRF output has another length than 32 bytes');
  return output;
}

async function asked(question: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await question();
  } catch (error) {
    const reason = error instanceof Error || error instanceof DOMException ? error.name : typeof error;
    if (CANCELLED.has(reason)) {
      throw usageError('passkey-cancelled', 'the user showed no passkey', { cause: error, details: { reason } });
    }
    throw unsupported('the browser refused', { cause: error, details: { reason } });
  }
  if (!(answer instanceof PublicKeyCredential)) throw unsupported('the browser gave no credential');
  return answer;
}

function unsupported(message: string, options?: ConstructorParameters<typeof ChatError>[3]): ChatError {
  return new ChatError('environment', 'passkey-unsupported', message, options);
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Whether passkeys are worth offering, as far as can be told without asking anybody. */
function isPossible(): boolean {
  // Typed as always there; they are not in webviews and old browsers.
  const credentials = navigator.credentials as CredentialsContainer | undefined;
  if (!isSecureContext || typeof PublicKeyCredential === 'undefined' || credentials === undefined) return false;
  // A credential belongs to a domain; an address is none.
  if (location.hostname === '' || /^[\d.]+$|^\[/.test(location.hostname)) return false;
  return ['publickey-credentials-create', 'publickey-credentials-get'].every(isAllowed);
}

/** Whether the frame has a permission. Where the browser does not tell, only frames within pages of their own origin do. */
function isAllowed(feature: string): boolean {
  const { featurePolicy } = document as { featurePolicy?: { allowsFeature(feature: string): boolean } };
  return featurePolicy === undefined ? isAmongItsOwn() : featurePolicy.allowsFeature(feature);
}

function isAmongItsOwn(): boolean {
  for (let frame: Window = window; frame !== frame.parent; frame = frame.parent) {
    try {
      if (frame.parent.location.origin !== location.origin) return false;
    } catch (error) {
      // What a page of another origin answers to any question.
      if (error instanceof DOMException) return false;
      throw error;
    }
  }
  return true;
}

/** What the browser says of itself; undefined: nothing. */
async function capability(name: string): Promise<boolean | undefined> {
  const { getClientCapabilities: ask } = PublicKeyCredential as Partial<typeof PublicKeyCredential>;
  if (typeof ask !== 'function') return undefined;
  const capabilities = await ask.call(PublicKeyCredential).catch((): Record<string, boolean> => ({}));
  return capabilities[name];
}

/** Tells the user's list of passkeys that this one opens nothing. Best effort: many browsers have no way to say it. */
async function forget(credential: Uint8Array): Promise<void> {
  const { signalUnknownCredential: signal } = PublicKeyCredential as Partial<typeof PublicKeyCredential>;
  if (typeof signal !== 'function') return;
  const credentialId = toText(credential);
  await signal.call(PublicKeyCredential, { rpId: location.hostname, credentialId }).catch(() => undefined);
}
