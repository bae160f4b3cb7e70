/**
 * What an integrator must give, checked before anything is loaded.
 * @module
 */
import { parseDeskKey } from '../identity/desk-key.ts';

/** Why the element cannot start with these attributes. */
export type ConfigurationProblem =
  'desk-key-missing' | 'desk-key-malformed' | 'relay-missing' | 'relay-malformed' | 'relay-insecure';

/** The first problem, or null. `ws:` is for this machine alone. */
export function configurationProblem(relay: string, deskKey: string): ConfigurationProblem | null {
  if (deskKey === '') return 'desk-key-missing';
  if (!isDeskKey(deskKey)) return 'desk-key-malformed';
  if (relay === '') return 'relay-missing';
  const url = parsed(relay);
  if (!url || url.username !== '' || url.password !== '') return 'relay-malformed';
  if (url.protocol === 'wss:') return null;
  const local = /^(?:localhost|(?:.+\.)localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'ws:') return local ? null : 'relay-insecure';
  return url.protocol === 'http:' ? 'relay-insecure' : 'relay-malformed';
}

function isDeskKey(text: string): boolean {
  try {
    parseDeskKey(text);
    return true;
  } catch {
    return false; // its only error is `desk-key-malformed`
  }
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // the caller says `relay-malformed`
  }
}
