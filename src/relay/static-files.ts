/**
 * The built browser files: any page may load them, compressed, and cached for as long as their names promise.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};
/** Names without a leading dot in any part: neither `..` nor hidden files. */
const PATH = /^(?:\/[\w-][\w.-]*)+$/;
/** A name with a hash in it never has another content. */
const HASHED = /\/(?:desk-)?chunks\/[^/]*-[\w-]{8,}\.js(?:\.map)?$/;
const MAX_FILE = 8 << 20;

type Encoding = 'br' | 'gzip' | 'identity';

interface Cached {
  readonly stamp: string;
  readonly etag: string;
  readonly bodies: Map<Encoding, Buffer>;
}

/** Serves files below a directory. */
export class StaticFiles {
  readonly #directory: string;
  readonly #cache = new Map<string, Cached>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Answers a GET or HEAD of a file that there is; false: it was none, and nothing was answered. */
  async serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    const type = TYPES[extname(path)];
    if (type === undefined || !PATH.test(path) || !(request.method === 'GET' || request.method === 'HEAD'))
      return false;
    const file = await this.#read(path);
    if (file === null) return false;
    response.setHeader('Content-Type', type);
    response.setHeader('Cache-Control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.setHeader('ETag', file.etag);
    response.setHeader('Vary', 'Accept-Encoding');
    if (request.headers['if-none-match'] === file.etag) {
      response.statusCode = 304;
      response.end();
      return true;
    }
    const encoding = encodingFor(request.headers['accept-encoding']);
    const body = await bodyOf(file, encoding);
    if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
    response.setHeader('Content-Length', body.length);
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }

  async #read(path: string): Promise<Cached | null> {
    const name = await this.#inside(path);
    if (name === null) return null;
    const { size, mtimeMs } = await stat(name);
    const stamp = `${size} ${mtimeMs}`;
    const cached = this.#cache.get(path);
    if (cached?.stamp === stamp) return cached;
    const raw = await readFile(name);
    const etag = `"${createHash('sha256').update(raw).digest('base64url').slice(0, 22)}"`;
    const fresh = { stamp, etag, bodies: new Map<Encoding, Buffer>([['identity', raw]]) };
    this.#cache.set(path, fresh);
    return fresh;
  }

  /** The real path of a regular file below the directory: a link that leads out of it is none. */
  async #inside(path: string): Promise<string | null> {
    try {
      const root = await realpath(this.#directory);
      const name = await realpath(join(root, path));
      const found = await stat(name);
      return name.startsWith(root + sep) && found.isFile() && found.size <= MAX_FILE ? name : null;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
  }
}

/** A browser's header, not every nuance of RFC 9110: a refused encoding (`q=0`) is not offered. */
function encodingFor(header: string | string[] | undefined): Encoding {
  const offered = String(header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !/;\s*q=0(?:\.0*)?$/.test(part))
    .map((part) => part.split(';')[0]);
  if (offered.includes('br')) return 'br';
  return offered.includes('gzip') ? 'gzip' : 'identity';
}

async function bodyOf(file: Cached, encoding: Encoding): Promise<Buffer> {
  const known = file.bodies.get(encoding);
  if (known !== undefined) return known;
  const raw = file.bodies.get('identity') ?? Buffer.alloc(0);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
  const body = encoding === 'br' ? await promisify(brotliCompress)(raw, { params }) : await promisify(gzip)(raw);
  file.bodies.set(encoding, body);
  return body;
}
