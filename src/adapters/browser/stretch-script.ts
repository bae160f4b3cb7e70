/**
 * Where the worker's script is, and whether a page may start it. docs/decisions/0031-stretching-in-a-worker.md
 * @module
 */

/** The name that pages with Trusted Types allow (README). */
const POLICY = 'secure-chat';
/** Under a policy of the page a name may be taken only once, whatever copies of this program there are on it. */
const SHARED = Symbol.for('secure-chat script policy');

interface ScriptPolicy {
  createScriptURL(address: string): unknown;
}

/**
 * The script's address. Null where a worker cannot be started, or would run code that the page did not vouch for; this is
 * found out without trying, because an attempt would show in the page's reports.
 */
export function stretchScript(): string | null {
  const script = bundledScript();
  if (script === null || typeof Worker === 'undefined') return null;
  // A worker's script has to be of the page's own origin: one from a CDN cannot be started.
  if (!/^https?:$/.test(script.protocol) || script.origin !== globalThis.origin) return null;
  return isPinned(script.origin) ? null : script.href;
}

/** @throws TypeError when the page's policy has no room for ours */
export function startWorker(address: string): Worker {
  // A module, as it comes from a server of sources; as built it imports nothing.
  return new Worker(trusted(address), { type: 'module', name: 'secure-chat stretch' });
}

/** Builds put the file's address here, or null where there is no file beside the script (tools/stretch-worker.mjs). */
function bundledScript(): URL | null {
  // Bundlers that write no modules leave no address.
  if (typeof import.meta.url !== 'string') return null;
  return new URL('./stretch-worker.ts', import.meta.url);
}

/**
 * Whether the page pins scripts of this origin by their hashes. A worker's script cannot be pinned, so whoever can change
 * files on the server, against whom the hashes stand, would get the PIN.
 */
function isPinned(origin: string): boolean {
  return [...document.scripts].some(
    // Those that load the pinned chunks pin what they were told by this very program.
    ({ integrity, src, dataset }) =>
      integrity !== '' && src !== '' && dataset['chunk'] === undefined && new URL(src).origin === origin,
  );
}

/** The address as Trusted Types want it, where there are any. */
function trusted(address: string): string {
  const shelf = globalThis as {
    trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy };
    [SHARED]?: ScriptPolicy;
  };
  if (shelf.trustedTypes === undefined) return address;
  shelf[SHARED] ??= shelf.trustedTypes.createPolicy(POLICY, {
    // Everybody can find it: it vouches for this one script and for nothing else.
    createScriptURL(asked) {
      if (asked !== address) throw new TypeError('not the script of this policy');
      return asked;
    },
  });
  // Typed as text, because that is what the constructor of workers says it takes.
  return shelf[SHARED].createScriptURL(address) as string;
}
