import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { addressOf } from '../../src/relay/address.ts';
import { RelayWorld } from '../support/relay-world.ts';
import type { IncomingMessage } from 'node:http';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const script = `export const answer = ${JSON.stringify('x'.repeat(5_000))};\n`;

describe('relay over HTTP', () => {
  let folder: string;
  let assets: string;
  let world: RelayWorld;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-http-'));
    assets = join(folder, 'browser');
    await mkdir(join(assets, 'chunks'), { recursive: true });
    for (const name of [
      'secure-chat.js',
      'secure-chat-desk.js',
      'chunks/panel-a1B2c3D4.js',
      'chunks/plain.js',
      'sri.json',
    ]) {
      await writeFile(join(assets, name), script);
    }
    await writeFile(join(assets, '.hidden.js'), 'hidden');
    await writeFile(join(assets, 'page.html'), 'no page');
    await writeFile(join(folder, 'secret.js'), 'outside');
    await symlink(join(folder, 'secret.js'), join(assets, 'link.js'));
    world = await RelayWorld.start({ assets });
  });
  after(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });

  function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(world.httpOrigin + path, { path, ...options }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
        });
      });
      request.on('error', reject);
      request.end();
    });
  }

  it('serves the built files to any page, with their type, and compressed if asked', async () => {
    const plain = await ask('/secure-chat.js');
    expect(plain.status).to.equal(200);
    expect(plain.body.toString()).to.equal(script);
    expect(plain.headers).to.include({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      vary: 'Accept-Encoding',
    });
    const brotli = await ask('/secure-chat.js', { headers: { 'accept-encoding': 'gzip, deflate, br' } });
    expect(brotli.headers['content-encoding']).to.equal('br');
    expect(brotli.body.length).to.be.lessThan(500);
    expect(brotliDecompressSync(brotli.body).toString()).to.equal(script);
    const gzip = await ask('/secure-chat.js', { headers: { 'accept-encoding': 'br;q=0, gzip' } });
    expect(gzip.headers['content-encoding']).to.equal('gzip');
    expect(gunzipSync(gzip.body).toString()).to.equal(script);
    expect((await ask('/sri.json')).headers['content-type']).to.equal('application/json; charset=utf-8');
  });

  it('lets hashed names be kept for good, and the others be asked for again', async () => {
    const hashed = await ask('/chunks/panel-a1B2c3D4.js');
    expect(hashed.headers['cache-control']).to.equal('public, max-age=31536000, immutable');
    expect((await ask('/chunks/plain.js')).headers['cache-control']).to.equal('no-cache');
    const { etag = '' } = hashed.headers;
    const same = await ask('/chunks/panel-a1B2c3D4.js', { headers: { 'if-none-match': etag } });
    expect([same.status, same.body.length]).to.deep.equal([304, 0]);
    const head = await ask('/secure-chat.js', { method: 'HEAD' });
    expect([head.status, head.body.length, head.headers['content-length']]).to.deep.equal([200, 0, `${script.length}`]);
  });

  it('serves a file that was built anew', async () => {
    await writeFile(join(assets, 'secure-chat-desk.js'), 'export {};\n');
    expect((await ask('/secure-chat-desk.js')).body.toString()).to.equal('export {};\n');
  });

  it('serves nothing from outside, nothing hidden, no links out, no other types', async () => {
    const paths = [
      '/../secret.js',
      '/chunks/../../secret.js',
      '/%2e%2e/secret.js',
      '/..%2fsecret.js',
      '//secret.js',
      '/link.js',
      '/.hidden.js',
      '/page.html',
      '/chunks',
      '/chunks/',
      '/secure-chat.js/',
      '/secure-chat.js%00',
      '/absent.js',
    ];
    for (const path of paths) {
      const { status, body } = await ask(path);
      expect([path, status, body.toString()]).to.deep.equal([path, 404, 'not found\n']);
    }
    expect((await ask('/secure-chat.js', { method: 'POST' })).status).to.equal(404);
  });

  it('serves the desk under its own strict policy, told the relay it came from', async () => {
    const { status, headers, body } = await ask('/desk');
    expect(status).to.equal(200);
    const policy = headers['content-security-policy'] ?? '';
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `connect-src 'self' ${world.origin}`,
      "img-src 'self' data: blob:",
      'media-src blob:',
      "require-trusted-types-for 'script'",
      'trusted-types lit-html secure-chat',
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]) {
      expect(policy).to.include(rule);
    }
    expect(policy).not.to.include('unsafe');
    expect(headers).to.include({
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.to.have.property('strict-transport-security');
    const page = body.toString();
    expect(page).to.include(`<secure-chat-desk relay="${world.origin}">`);
    expect(page).not.to.match(/<script(?![^>]* src=)|style=|\son\w+=/);
    expect((await ask('/desk.css')).headers['content-type']).to.equal('text/css; charset=utf-8');
    const { port } = new URL(world.httpOrigin);
    const byName = await ask('/desk', { headers: { host: `localhost:${port}` } });
    expect(byName.body.toString()).to.include(`relay="ws://localhost:${port}"`);
    const forged = await ask('/desk', { headers: { host: '"><script>' } });
    expect(forged.body.toString()).not.to.include('"><script>');
  });

  it('says that it lives, and that it is ready until it closes', async () => {
    expect((await ask('/healthz')).body.toString()).to.equal('ok\n');
    expect((await ask('/readyz')).status).to.equal(200);
    const sick = await RelayWorld.start();
    sick.store.commit = () => Promise.reject(new Error('the disk is gone'));
    const { httpOrigin } = world;
    world.httpOrigin = sick.httpOrigin;
    expect((await ask('/readyz')).status).to.equal(503);
    expect((await ask('/healthz')).status).to.equal(200);
    world.httpOrigin = httpOrigin;
    await sick.stop();
  });

  it('hands the rest to the site, with the security headers set', async () => {
    const { httpOrigin } = world;
    const other = await RelayWorld.start({
      metrics: true,
      publicOrigins: ['wss://chat.example'],
      site: (request, response) => {
        if (request.url === '/fails') throw new Error('planted words');
        response.end(`site ${request.url}`);
      },
    });
    world.httpOrigin = other.httpOrigin;
    const page = await ask('/anything?query');
    expect(page.body.toString()).to.equal('site /anything?query');
    expect(page.headers).to.include({
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
    });
    expect((await ask('/desk')).body.toString()).to.equal('site /desk');
    expect((await ask('/secure-chat.js')).body.toString()).to.equal('site /secure-chat.js');
    const failed = await ask('/fails');
    expect([failed.status, failed.body.toString()]).to.deep.equal([500, 'internal error\n']);
    expect(JSON.stringify(other.logged)).not.to.include('planted');
    const metrics = (await ask('/metrics')).body.toString();
    expect(metrics).to.match(/^secure_chat_connections_opened_total \d+$/m);
    expect(metrics).to.match(/^secure_chat_connections 0$/m);
    world.httpOrigin = httpOrigin;
    expect((await ask('/metrics')).status).to.equal(404);
    await other.stop();
  });

  it('survives what is not HTTP', async () => {
    const { port } = new URL(world.httpOrigin);
    for (const noise of ['\0\0\0\0\r\n\r\n', 'GET\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`]) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(noise);
      await new Promise((resolve) => socket.once('close', resolve).resume());
    }
    expect((await ask('/healthz')).status).to.equal(200);
  });
});

describe('relay addresses', () => {
  const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
    ({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage;

  it('counts IPv6 by the network that one client has, and IPv4 by the address', () => {
    expect(addressOf(request('192.0.2.7'), 0)).to.equal('192.0.2.7');
    expect(addressOf(request('::ffff:192.0.2.7'), 0)).to.equal('192.0.2.7');
    expect(addressOf(request('2001:db8:1:2:3:4:5:6'), 0)).to.equal('2001:db8:1:2::/64');
    expect(addressOf(request('2001:db8:1:2::9'), 0)).to.equal('2001:db8:1:2::/64');
    expect(addressOf(request('2001:db8::9'), 0)).to.equal('2001:db8:0:0::/64');
    expect(addressOf(request('::1'), 0)).to.equal('0:0:0:0::/64');
    expect(addressOf(request('2001:0DB8:1:0002:ffff::9'), 0)).to.equal('2001:db8:1:2::/64');
  });

  it('believes of forwarded addresses what its own proxies wrote, and nothing of what the client did', () => {
    const forged = '203.0.113.1, 198.51.100.2, 192.0.2.3';
    expect(addressOf(request('10.0.0.1', forged), 0)).to.equal('10.0.0.1');
    expect(addressOf(request('10.0.0.1', forged), 1)).to.equal('192.0.2.3');
    expect(addressOf(request('10.0.0.1', forged), 2)).to.equal('198.51.100.2');
    expect(addressOf(request('10.0.0.1'), 1)).to.equal('10.0.0.1');
    expect(addressOf(request('10.0.0.1', '192.0.2.3:5678'), 1)).to.equal('192.0.2.3');
    expect(addressOf(request('10.0.0.1', '[2001:db8:1:2::9]:5678'), 1)).to.equal('2001:db8:1:2::/64');
    for (const text of ['unknown', 'x'.repeat(8_000), '_hidden:1']) {
      expect(addressOf(request('10.0.0.1', text), 1)).to.equal('10.0.0.1');
    }
  });
});
