/**
 * The relay's part of vaults with a PIN, asked for over a connection without a device: each call is signed by the vault's own key
 * for this connection alone. docs/relay.md §5.10, docs/vault.md §7.3.
 * @module
 */
import { codeOf } from '../errors.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import { relayOriginOf } from '../wire/relay-auth.ts';
import type { ReplyBody, RequestBody } from '../wire/requests.ts';
import { signVaultCall, type VaultCall, type VaultOp } from '../wire/vault-calls.ts';
import { anonymousConnection, type AnonymousOptions } from './anonymous-connection.ts';
import { disconnected } from './relay-errors.ts';
import type { VaultAccess } from './vault-access.ts';

/** What a call says beside who calls whom. */
type FieldsOf<K extends VaultOp> = Omit<VaultCall<K>, 'v' | 'op' | 'relay' | 'nonce' | 'vault'>;

/**
 * What costs a guess each time that it reaches the relay: whether it did is not known when the connection broke, so it is never
 * repeated. All others change nothing, or nothing that was of use, when the relay has them twice.
 */
const COUNTED: ReadonlySet<VaultOp> = new Set(['vault-evaluate']);

/**
 * Vaults at a relay. What is broken off by the end of the connection is asked once more, but for what counts as a guess; for the
 * rest each call fails at the first failure, and the caller tries again when it likes.
 * @throws ChatError `relay-url-malformed`, `relay-insecure` (usage)
 */
export function relayVaults(options: AnonymousOptions): VaultAccess & { close(): void } {
  const relay = relayOriginOf(options.url);
  const { use, close } = anonymousConnection(options);

  const once = <K extends VaultOp>(op: K, seed: Uint8Array, fields: FieldsOf<K>): Promise<ReplyBody<K>> =>
    use(async (connection, greeting) => {
      const { nonce } = greeting;
      const signed = await signVaultCall(nobleCrypto, seed, { op, relay, nonce, fields: fields as never });
      // Signed for a connection that is gone, it would be refused on the next one.
      if (connection.greeting !== greeting) throw disconnected('the connection ended before the call');
      return connection.request(op, { signed } as RequestBody<K>);
    });

  const call = async <K extends VaultOp>(op: K, seed: Uint8Array, fields: FieldsOf<K>): Promise<ReplyBody<K>> => {
    try {
      return await once(op, seed, fields);
    } catch (error) {
      if (codeOf(error) !== 'relay-disconnected' || COUNTED.has(op)) throw error;
      return once(op, seed, fields);
    }
  };

  return {
    create: (seed, fields) => call('vault-create', seed, fields),
    renew: (seed, fields) => call('vault-renew', seed, fields),
    evaluate: (seed, fields) => call('vault-evaluate', seed, fields),
    async register(seed, fields) {
      await call('vault-register', seed, fields);
    },
    async prove(seed, fields) {
      await call('vault-prove', seed, fields);
    },
    async retire(seed, fields) {
      await call('vault-retire', seed, fields);
    },
    async destroy(seed) {
      await call('vault-destroy', seed, {});
    },
    close,
  };
}
