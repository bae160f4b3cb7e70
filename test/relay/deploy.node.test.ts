import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { configurationFrom, FIELDS, type Configured } from '../../src/cli/relay-configuration.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { makeCertificate } from '../support/certificates.ts';
import { RelayWorld } from '../support/relay-world.ts';

const deskKey = formatDeskKey(new Uint8Array(32).fill(7));
const root = join(import.meta.dirname, '../..');

/** Whether a program is here to check its own files. */
function isThere(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
}

describe('docs/deploy.md', function () {
  this.timeout(20_000);
  let text: string;
  let directory: string;
  before(async () => {
    text = await readFile(join(root, 'docs/deploy.md'), 'utf8');
    directory = await mkdtemp(join(tmpdir(), 'deploy-'));
  });
  after(() => rm(directory, { recursive: true }));

  function block(title: string): string {
    const [, content] = new RegExp(`\`\`\`\\w+ title=${title.replaceAll('.', '\\.')}\\n([^]*?)\`\`\``).exec(text) ?? [];
    if (content === undefined) throw new Error(`no ${title}`);
    return content;
  }

  function configured(environment: Record<string, string>, flags: object = {}): Configured {
    return configurationFrom({ flags, environment, directory, assets: null });
  }

  it('has a configuration that is taken', async () => {
    await writeFile(join(directory, 'relay.json'), block('relay.json').replace('dk1_REPLACE', deskKey));
    const { configuration } = configured({}, { config: 'relay.json' });
    expect(configuration).to.include({ port: 8_080, trustedProxies: 1, metricsPort: 9_464 });
    expect(configuration.limits).to.include({ mailBytes: 50 * 2 ** 30, drainNotice: 10_000 });
  });

  it('has a container file whose instructions are some, and whose variables are settings', async () => {
    const lines = block('Containerfile').replaceAll('\\\n', ' ').trim().split('\n');
    expect(lines[0]).to.match(/^FROM \S+:\S+$/);
    const known = /^(?:FROM|WORKDIR|COPY|RUN|USER|VOLUME|ENV|EXPOSE|STOPSIGNAL|HEALTHCHECK CMD|ENTRYPOINT) \S/;
    for (const line of lines) expect(line).to.match(known);
    for (const line of lines) {
      const [, array] = /^(?:ENTRYPOINT|HEALTHCHECK CMD) (.*)$/.exec(line) ?? [];
      if (array !== undefined) expect(JSON.parse(array)).to.be.an('array').with.length.greaterThan(2);
    }
    const { name, version, bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      bin: Record<string, string>;
    };
    expect(lines.join('\n'))
      .to.include(`${name}-${version}.tgz`)
      .and.to.include(`node_modules/.bin/${Object.keys(bin)[0]}`);
    const pairs = lines.flatMap((line) => (line.startsWith('ENV ') ? line.slice(4).split(' ') : []));
    const environment = Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
    const given = { SECURE_CHAT_DESK_KEYS: deskKey, SECURE_CHAT_ORIGINS: 'wss://chat.example' };
    const { configuration, unknownVariables } = configured({ ...environment, ...given });
    expect(unknownVariables).to.deep.equal([]);
    expect(configuration).to.include({ data: '/data', host: '0.0.0.0', trustedProxies: 1 });
  });

  it('has a unit that systemd takes', async function () {
    const unit = block('secure-chat-relay.service');
    const wait = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    expect(wait).to.be.greaterThan(20);
    if (!isThere('systemd-analyze')) {
      console.log('      skipped: there is no systemd-analyze');
      this.skip();
    }
    const path = join(directory, 'secure-chat-relay.service');
    await writeFile(path, unit.replace('/usr/bin/node', process.execPath));
    const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('secure-chat'))).to.deep.equal([]);
    expect(status).to.equal(0);
  });

  it('has a configuration of nginx that nginx takes', async function () {
    if (!isThere('nginx')) {
      console.log('      skipped: there is no nginx');
      this.skip();
    }
    const { cert, key } = makeCertificate();
    await writeFile(join(directory, 'cert.pem'), cert);
    await writeFile(join(directory, 'key.pem'), key);
    const site = block('nginx.conf').replaceAll('/etc/secure-chat/tls', directory).replace('443', '18443');
    await writeFile(join(directory, 'nginx.conf'), `pid ${directory}/pid; events {} http { access_log off; ${site} }`);
    const { stderr, status } = spawnSync('nginx', ['-t', '-c', join(directory, 'nginx.conf')], { encoding: 'utf8' });
    expect(status, stderr).to.equal(0);
  });

  it('names every setting, and metrics that there are', async () => {
    for (const field of Object.keys(FIELDS)) expect(text).to.include(`\`${field}\``);
    for (const { flag } of Object.values(FIELDS)) expect(text).to.include(`\`${flag.split(' ')[0]}\``);
    const world = await RelayWorld.start({ metrics: true });
    const exposition = await world.relay.metrics();
    await world.stop();
    const served = new Set([...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const named = new Set([...text.matchAll(/\b((?:secure_chat|process)_[a-z_]+)/g)].map(([, name]) => name));
    named.delete('secure_chat');
    served.add('secure_chat_certificate_expires_timestamp_seconds');
    expect([...named].sort()).to.deep.equal([...served].sort());
  });
});
