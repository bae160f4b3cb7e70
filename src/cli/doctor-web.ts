/**
 * What the doctor looks at over HTTP: the relay's scripts and certificate, and the pages that embed the chat.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { ok, warning, wrong, type Finding } from './findings.ts';
import { awayFrom } from './duration.ts';

const DAY = 24 * 3_600_000;
/** Less than this left of a certificate is said. */
const CERTIFICATE_WARNING = 14 * DAY;
/** How long a server may take, ms. */
const PATIENCE = 10_000;
const SCRIPT = 'secure-chat.js';
/** Of a page that is looked through, characters. */
const MAX_PAGE = 5_000_000;

/** Whether the relay serves the customers' script, and the one that belongs to this version. */
export async function checkScripts(relay: string): Promise<Finding[]> {
  const address = `${relay.replace(/^ws/, 'http').replace(/\/+$/, '')}/${SCRIPT}`;
  return [...(await ofCertificate(relay)), await ofScript(address)];
}

/** Whether a page embeds the chat with the right key and relay. */
export async function checkPage(
  page: string,
  { deskKey, relay }: { deskKey: string; relay: string | null },
): Promise<Finding[]> {
  let html: string;
  try {
    const response = await fetch(page, { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) return [wrong('page', `${page} answers ${response.status}.`)];
    html = (await response.text()).slice(0, MAX_PAGE);
  } catch {
    return [wrong('page', `${page} could not be read.`)];
  }
  const [element] = /<secure-chat(\s[^>]*)?>/i.exec(html) ?? [];
  if (element === undefined) {
    return [warning('page', `${page} has no <secure-chat> in its HTML; if a script puts it there, this cannot tell.`)];
  }
  const named = attributeOf(element, 'desk-key');
  if (named !== deskKey) return [wrong('page', `${page} names another desk key: ${named ?? 'none'}.`)];
  const called = attributeOf(element, 'relay');
  if (relay !== null && called?.replace(/\/+$/, '') !== relay.replace(/\/+$/, '')) {
    return [wrong('page', `${page} names another relay: ${called ?? 'none'}.`)];
  }
  return [ok('page', `${page} names this desk${relay === null ? '' : ' and its relay'}.`)];
}

async function ofScript(address: string): Promise<Finding> {
  let body: Buffer;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE), redirect: 'error' });
    if (response.status === 404)
      return warning('script', `The relay does not serve ${address}: pages must load it from elsewhere.`);
    if (!response.ok) return wrong('script', `${address} answers ${response.status}.`);
    body = Buffer.from(await response.arrayBuffer());
  } catch {
    return warning('script', `${address} could not be read.`);
  }
  const integrity = `sha384-${createHash('sha384').update(body).digest('base64')}`;
  const expected = await publishedIntegrity();
  if (expected === null) return ok('script', `${address} is served: integrity="${integrity}".`);
  return integrity === expected
    ? ok('script', `${address} is that of this version: integrity="${integrity}".`)
    : warning('script', `${address} is not that of this version, whose hash is ${expected}.`);
}

/** Of the script that was built with this program; null: it was not built. */
async function publishedIntegrity(): Promise<string | null> {
  try {
    const hashes: unknown = JSON.parse(await readFile(new URL(import.meta.resolve('secure-chat/sri.json')), 'utf8'));
    const hash = (hashes as Record<string, unknown>)[SCRIPT];
    return typeof hash === 'string' ? hash : null;
  } catch {
    return null;
  }
}

async function ofCertificate(relay: string): Promise<Finding[]> {
  const { protocol, hostname, port } = new URL(relay);
  if (protocol !== 'wss:') return [];
  const found = await certificateOf(hostname.replace(/^\[|\]$/g, ''), Number(port === '' ? 443 : port));
  // That nobody answers the connection has said already.
  if (found === null) return [];
  if ('refused' in found) return [wrong('certificate', `The relay’s certificate is not trusted (${found.refused}).`)];
  const when = awayFrom(found.end, Date.now());
  return [
    found.end - Date.now() < CERTIFICATE_WARNING
      ? warning('certificate', `The relay’s certificate ends ${when}.`)
      : ok('certificate', `The relay’s certificate ends ${when}.`),
  ];
}

/** When it ends, ms, or why Node does not trust it; null: no TLS came to be. */
function certificateOf(host: string, port: number): Promise<{ end: number } | { refused: string } | null> {
  return new Promise((resolve) => {
    // Refused by us alone, so that the reason is known: nothing is sent over it.
    const named = isIP(host) === 0 ? { servername: host } : {};
    const options = { host, port, ...named, timeout: PATIENCE, rejectUnauthorized: false };
    const socket = connect(options, () => {
      const end = Date.parse(socket.getPeerCertificate().valid_to);
      const { authorized, authorizationError } = socket;
      socket.destroy();
      if (authorized && !Number.isNaN(end)) resolve({ end });
      else resolve({ refused: codeOfError(authorizationError) });
    });
    const give = (): void => {
      socket.destroy();
      resolve(null);
    };
    socket.once('error', give);
    socket.once('timeout', give);
  });
}

/** Node gives an error or, for most, its code. */
function codeOfError(error: unknown): string {
  return typeof error === 'string' ? error : ((error as NodeJS.ErrnoException | null)?.code ?? 'unknown');
}

function attributeOf(element: string, name: string): string | null {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(element);
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? null;
}
