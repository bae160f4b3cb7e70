/**
 * Stretching a PIN with Argon2id (RFC 9106). docs/vault.md §7.2.
 * @module
 */
import { argon2idAsync } from '@noble/hashes/argon2.js';
import { utf8 } from '../bytes/bytes.ts';
import { usageError } from '../errors.ts';
import { checkPin, checkStretch, SALT_LENGTH, STRETCHED_LENGTH, type StretchParameters } from './pin-parameters.ts';

/** How long the page is blocked at a time where there is no worker, ms. */
const TICK = 10;

/**
 * A: Argon2id of the PIN's digits, 32 B.
 * @param salt 32 random bytes
 * @param onProgress called often while it computes, many times a second
 * @throws ChatError `pin-malformed` (usage), `vault-parameters`; both before anything is computed
 */
export async function stretchPin(
  pin: string,
  salt: Uint8Array,
  parameters: StretchParameters,
  onProgress?: () => void,
): Promise<Uint8Array> {
  checkPin(pin);
  checkStretch(parameters);
  if (salt.length !== SALT_LENGTH) throw usageError('salt-malformed', `a salt has ${SALT_LENGTH} bytes`);
  const { m, t, p } = parameters;
  return argon2idAsync(utf8(pin), salt, {
    ...{ m, t, p, dkLen: STRETCHED_LENGTH, asyncTick: TICK },
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}
