// Serves the pages of demo/bank: what is there when the process starts, from memory, and nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The policy of demo/bank/README.md. `connect-src` names the one relay.
 * @param {string} relay
 */
const policy = (relay) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${relay}`,
    "require-trusted-types-for 'script'",
    'trusted-types lit-html secure-chat',
  ].join('; ');

/**
 * What answers requests for the bank's pages.
 * @param {{ directory: string, relay: string, deskKey: string }} options the folder of the pages, the relay's origin
 *   (`ws://localhost:8080`), and the desk's key, put in the place of `%RELAY%` and `%DESK_KEY%`
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void}
 */
export function bankPages({ directory, relay, deskKey }) {
  const values = { '%RELAY%': relay, '%DESK_KEY%': deskKey };
  const files = new Map();
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const type = types[extname(entry)];
    if (type === undefined) continue;
    const content = readFileSync(join(directory, entry));
    const isPage = extname(entry) === '.html';
    const body = isPage ? Buffer.from(filled(content.toString('utf8'), values)) : content;
    files.set(`/${relative(directory, join(directory, entry)).split(sep).join('/')}`, { type, body });
  }
  const contentPolicy = policy(relay);

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, 'text/plain; charset=utf-8', 'method not allowed\n');
    }
    const path = (request.url ?? '/').split('?', 1)[0];
    response.setHeader('Content-Security-Policy', contentPolicy);
    response.setHeader('Cache-Control', 'no-cache');
    // Only names that are in the table: no path is ever made from a request.
    const file = files.get(path === '/' ? '/index.html' : path);
    if (file === undefined) send(response, 404, 'text/plain; charset=utf-8', 'not found\n');
    else send(response, 200, file.type, file.body, request.method === 'HEAD');
  };
}

/**
 * @param {string} html
 * @param {Record<string, string>} values
 */
function filled(html, values) {
  return html.replace(/%[A-Z_]+%/g, (name) => (Object.hasOwn(values, name) ? escaped(values[name]) : name));
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} type
 * @param {string | Buffer} body
 */
function send(response, status, type, body, isHead = false) {
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(isHead ? undefined : body);
}
