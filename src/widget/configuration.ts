/**
 * What an integrator must give, checked before anything is loaded. The engine checks again; this is for a launcher that says
 * at once what is wrong, without a hash function of its own.
 * @module
 */

/** Why the element cannot start with these attributes. */
export type ConfigurationProblem =
  'desk-key-missing' | 'desk-key-malformed' | 'relay-missing' | 'relay-malformed' | 'relay-insecure';

/** The first problem that the texts show by themselves, or null. `ws:` is for this machine alone. */
export function configurationProblem(relay: string, deskKey: string): ConfigurationProblem | null {
  if (deskKey === '') return 'desk-key-missing';
  // 36 bytes are 48 characters, with no bits left over.
  if (!/^dk1_[\w-]{48}$/.test(deskKey)) return 'desk-key-malformed';
  if (relay === '') return 'relay-missing';
  const url = parsed(relay);
  if (!url || url.username !== '' || url.password !== '') return 'relay-malformed';
  if (url.protocol === 'wss:') return null;
  // The same three hosts as the connection itself takes (docs/relay.md §1); more would only fail later.
  const local = /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'ws:') return local ? null : 'relay-insecure';
  return url.protocol === 'http:' ? 'relay-insecure' : 'relay-malformed';
}

/**
 * Whether the checksum of a well-formed desk key fits, docs/protocol.md §4. Where the browser has no hash function (a page
 * without TLS) the answer is yes, and the engine finds out.
 */
export async function deskKeyFits(deskKey: string): Promise<boolean> {
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (!subtle) return true;
  const text = atob(deskKey.slice(4).replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const labelled = new Uint8Array([...new TextEncoder().encode('secure-chat/1 desk-key\0'), ...bytes.subarray(0, 32)]);
  const hash = new Uint8Array(await subtle.digest('SHA-256', labelled));
  return bytes.subarray(32).every((byte, at) => byte === hash[at]);
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // the caller says `relay-malformed`
  }
}
