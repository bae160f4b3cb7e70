/**
 * What the page of the passkeys' end-to-end test can be told to do.
 * @module
 */
import { browserDevice } from '../../src/adapters/browser/browser-device.ts';
import { browserPasskeys } from '../../src/adapters/browser/passkeys.ts';
import { ChatError } from '../../src/errors.ts';

const outcome = (error: unknown): { error: string } => {
  if (!(error instanceof ChatError)) throw error;
  return { error: `${error.kind} ${error.code}` };
};

const port = (timeout?: number) => {
  const passkeys = browserPasskeys(timeout);
  if (passkeys === null) throw new Error('no passkeys here');
  return passkeys;
};

/** Bytes as lists: they must pass through the debugging protocol. */
const page = {
  possible: (): boolean => browserPasskeys() !== null,

  missing: async (): Promise<readonly string[]> => {
    const device = browserDevice('passkeys');
    // What the browser says of itself comes a little later.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return device.missing();
  },

  create: (salt: number, timeout?: number) =>
    port(timeout)
      .create({ name: 'Tidewell Bank', salt: new Uint8Array(32).fill(salt) })
      .then(({ credential, output }) => ({ credential: [...credential], output: [...output] }), outcome),

  use: (credential: readonly number[], salt: number, timeout?: number) =>
    port(timeout)
      .use({ credential: Uint8Array.from(credential), salt: new Uint8Array(32).fill(salt) })
      .then((output) => ({ output: [...output] }), outcome),
};
export type PasskeysPage = typeof page;

Object.assign(globalThis, { page });
