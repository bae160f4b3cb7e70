import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LIMIT_NAMES, variableOf } from '../../src/cli/relay-configuration-limits.ts';
import { configurationFrom, FIELDS, type Configured, type Sources } from '../../src/cli/relay-configuration.ts';
import { ChatError } from '../../src/errors.ts';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { DEFAULT_LIMITS } from '../../src/relay/main.ts';

const deskKey = formatDeskKey(new Uint8Array(32).fill(7));
const enough = { data: 'data', deskKeys: [deskKey] };

describe('relay configuration', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'relay-configuration-'));
  });
  after(() => rm(directory, { recursive: true }));

  function configured(sources: Partial<Sources> & { flags?: Record<string, unknown> } = {}): Configured {
    return configurationFrom({
      ...{ environment: {}, directory, assets: '/built', ...sources },
      flags: { ...enough, ...sources.flags },
    });
  }

  function problemsOf(sources: Parameters<typeof configured>[0], base: object = enough): string[] {
    try {
      configurationFrom({
        ...{ environment: {}, directory, assets: null, ...sources },
        flags: { ...base, ...sources?.flags },
      });
    } catch (error) {
      expect(error).to.be.instanceOf(ChatError).with.include({ code: 'relay-configuration', kind: 'usage' });
      return String((error as ChatError).details.problems).split('\n');
    }
    throw new Error('nothing was wrong with it');
  }

  const file = async (name: string, content: unknown): Promise<string> => {
    await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
    return name;
  };

  it('needs a directory and desks, and has defaults for the rest: this machine alone', () => {
    expect(problemsOf({}, {})).to.deep.equal([
      'data must be given: --data DIRECTORY',
      'deskKeys must be given: --desk-key dk1_…',
    ]);
    const { configuration, unknownVariables } = configured();
    expect(configuration).to.deep.equal({
      ...{ data: join(directory, 'data'), deskKeys: [deskKey], host: '127.0.0.1', port: 8_080, origins: [] },
      ...{ tlsCert: null, tlsKey: null, trustedProxies: 0, assets: '/built' },
      ...{ metricsHost: '127.0.0.1', metricsPort: null, logLevel: 'info', limits: DEFAULT_LIMITS },
    });
    expect(unknownVariables).to.deep.equal([]);
  });

  it('takes a flag before a variable, and that before the file, setting by setting', async () => {
    const config = await file('precedence.json', {
      ...{ port: 1, host: '127.0.0.2', logLevel: 'error' },
      limits: { devices: 1, prekeys: 1, desks: 1, rates: { deviceMail: { burst: 1, perMinute: 1 } } },
    });
    const { configuration } = configured({
      flags: { config, port: '3', limit: ['devices=3', 'rates.deviceMail=3/4.5'] },
      environment: {
        ...{ SECURE_CHAT_PORT: '2', SECURE_CHAT_HOST: '127.0.0.3', SECURE_CHAT_LIMIT_DEVICES: '2' },
        ...{ SECURE_CHAT_LIMIT_PREKEYS: '2', SECURE_CHAT_LIMIT_RATES_DEVICE_SIGNALS: '7/8' },
      },
    });
    expect(configuration).to.include({ port: 3, host: '127.0.0.3', logLevel: 'error' });
    expect(configuration.limits).to.include({ devices: 3, prekeys: 2, desks: 1 });
    expect(configuration.limits.rates).to.deep.include({
      deviceMail: { burst: 3, perMinute: 4.5 },
      deviceSignals: { burst: 7, perMinute: 8 },
    });
    const named = configured({ environment: { SECURE_CHAT_CONFIG: config } });
    expect(named.configuration.port).to.equal(1);
  });

  it('reads its own print of any configuration as the same', async () => {
    const changed = configured({
      flags: {
        ...{ origins: ['wss://Chat.Example/', 'wss://other.example:8443'], host: '0.0.0.0', trustedProxies: '2' },
        ...{ metricsPort: '0', assets: 'none', limit: ['mailBytes=1.5GiB', 'mailLife=7d', 'memberReserve=0.25'] },
      },
    }).configuration;
    expect(changed.origins).to.deep.equal(['wss://chat.example', 'wss://other.example:8443']);
    expect(changed.limits).to.include({ mailBytes: 1.5 * 2 ** 30, mailLife: 7 * 86_400_000, memberReserve: 0.25 });
    const config = await file('printed.json', changed);
    const again = configurationFrom({
      flags: { config: join(directory, config) },
      environment: {},
      directory: '/',
      assets: '/built',
    });
    expect(again.configuration).to.deep.equal(changed);
    expect(Object.keys(changed).sort()).to.deep.equal([...Object.keys(FIELDS), 'limits'].sort());
  }).timeout(5_000);

  it('reaches every limit by flag, variable and file', async () => {
    const valueOf = (name: string): string =>
      name === 'memberReserve'
        ? '0.5'
        : name.startsWith('rates.')
          ? '11/12'
          : name === 'unsentPause'
            ? '524288'
            : '7200000';
    const skipped = new Set(['memberFactor', 'unsentLimit', 'unsentTotal']);
    for (const name of LIMIT_NAMES.filter((limit) => !skipped.has(limit))) {
      const value = valueOf(name);
      const [outer, inner] = name.split('.');
      const nested = inner === undefined ? { [name]: value } : { [String(outer)]: { [inner]: value } };
      const config = await file('limit.json', { limits: nested });
      const byFlag = configured({ flags: { limit: [`${name}=${value}`] } }).configuration.limits;
      const byVariable = configured({ environment: { [`SECURE_CHAT_LIMIT_${variableOf(name)}`]: value } });
      expect(byVariable.configuration.limits, name).to.deep.equal(byFlag);
      expect(configured({ flags: { config } }).configuration.limits, name).to.deep.equal(byFlag);
      expect(byFlag, name).not.to.deep.equal(DEFAULT_LIMITS);
    }
    const others = ['memberFactor=3', 'unsentLimit=2MiB', 'unsentTotal=64MiB'];
    expect(configured({ flags: { limit: others } }).configuration.limits).to.include({
      ...{ memberFactor: 3, unsentLimit: 2 << 20, unsentTotal: 64 << 20 },
    });
    const all = [...Object.keys(DEFAULT_LIMITS), ...Object.keys(DEFAULT_LIMITS.rates).map((name) => `rates.${name}`)];
    expect([...LIMIT_NAMES, 'rates'].sort()).to.deep.equal(all.sort());
  });

  it('takes paths from flags as from here, and those of the file as from where the file lies', async () => {
    await mkdir(join(directory, 'etc'), { recursive: true });
    const config = await file('etc/relay.json', { data: 'store', tlsCert: 'cert.pem', tlsKey: '/keys/key.pem' });
    const { configuration } = configurationFrom({
      ...{
        flags: { config, deskKeys: [deskKey] },
        environment: { SECURE_CHAT_ASSETS: 'built' },
        directory,
        assets: null,
      },
    });
    expect(configuration).to.include({
      data: join(directory, 'etc/store'),
      tlsCert: join(directory, 'etc/cert.pem'),
      tlsKey: '/keys/key.pem',
      assets: join(directory, 'built'),
      port: 8_443,
    });
  });

  it('takes lists from variables with commas', () => {
    const other = formatDeskKey(new Uint8Array(32).fill(8));
    const environment = { SECURE_CHAT_DESK_KEYS: `${deskKey}, ${other}`, SECURE_CHAT_ORIGINS: 'wss://a.example' };
    const { configuration } = configurationFrom({ flags: { data: 'x' }, environment, directory, assets: null });
    expect(configuration.deskKeys).to.deep.equal([deskKey, other]);
    expect(configuration.origins).to.deep.equal(['wss://a.example']);
  });

  it('listens beyond this machine only with TLS or behind a proxy, and under a name', () => {
    const problem = (flags: Record<string, unknown>): string[] =>
      problemsOf({ flags }).map((line) => line.split(' ').slice(0, 3).join(' '));
    const origins = ['wss://chat.example'];
    for (const host of ['0.0.0.0', '::', '192.0.2.1', '::ffff:127.0.0.1']) {
      expect(problem({ host, origins }), host).to.deep.equal(['host must be']);
    }
    expect(problem({ host: '0.0.0.0', trustedProxies: '1' })).to.deep.equal(['origins must be']);
    expect(problem({ host: '0.0.0.0', trustedProxies: '0', origins })).to.deep.equal(['host must be']);
    expect(problem({ tlsCert: 'cert.pem' })).to.deep.equal(['tlsKey must be']);
    configured({ flags: { host: '0.0.0.0', origins, trustedProxies: '1' } });
    configured({ flags: { host: '0.0.0.0', origins, tlsCert: 'c', tlsKey: 'k' } });
    for (const host of ['127.0.0.1', '::1', 'localhost', '127.9.9.9']) configured({ flags: { host } });
  });

  const wrong: Record<string, [Record<string, unknown>, string]> = {
    'a port that is none': [{ port: '65536' }, 'port (--port) must be a whole number from 0 to 65535'],
    'a port in words': [{ port: 'http' }, 'port (--port) must be a whole number from 0 to 65535'],
    'a port with more behind it': [{ port: '80 ' }, 'port (--port) must be a whole number from 0 to 65535'],
    'a host by name': [{ host: 'chat.example' }, 'host (--host) must be an IP address to listen on, or localhost'],
    'a damaged desk key': [
      { deskKeys: [deskKey.slice(0, -1)] },
      'deskKeys (--desk-key) must be a desk key (dk1_…, every character counts), or any',
    ],
    'any desk and one': [{ deskKeys: [deskKey, 'any'] }, 'deskKeys must be any alone, or keys'],
    'an origin in the clear': [
      { origins: ['ws://chat.example'] },
      'origins (--origin) must be an address as wss://chat.example; ws:// is for this machine alone',
    ],
    'an empty directory': [{ data: ' ' }, 'data (--data) must be some text'],
    'an unknown level': [{ logLevel: 'debug' }, 'logLevel (--log-level) must be one of info, warn, error'],
    'a limit without a value': [
      { limit: ['mailBytes'] },
      'limits (--limit) must be written as name=value, such as mailBytes=50GiB',
    ],
    'a limit that is none': [
      { limit: ['constructor=1'] },
      'limits.constructor (--limit) is no limit; `--print-config` shows them all',
    ],
    'a rate that is none': [
      { limit: ['rates.toString=1/1'] },
      'limits.rates.toString (--limit) is no limit; `--print-config` shows them all',
    ],
    'a rate of nothing': [
      { limit: ['rates.deviceMail=0/5'] },
      'limits.rates.deviceMail (--limit) must be a rate such as 120/240: at once (1 or more), then a minute',
    ],
    'a size in a unit that is none': [
      { limit: ['mailBytes=5GB'] },
      'limits.mailBytes (--limit) must be a size such as 4096, 512 KiB or 20 GiB',
    ],
    'a time that no timer waits for': [
      { limit: ['sweepEvery=30d'] },
      'limits.sweepEvery (--limit) must be a time such as 1500 ms, 30 s, 5 m, 12 h or 30 d, from 1000 ms to 86400000 ms',
    ],
    'a part of more than all': [
      { limit: ['memberReserve=1.5'] },
      'limits.memberReserve (--limit) must be a number from 0 to 1',
    ],
    'a pause that comes after the end': [
      { limit: ['unsentPause=8MiB'] },
      'limits.unsentPause must be less than unsentLimit',
    ],
  };
  for (const [name, [flags, problem]] of Object.entries(wrong)) {
    it(`refuses ${name}, and names the field`, () => {
      expect(problemsOf({ flags })).to.deep.equal([problem]);
    });
  }

  it('names all that is wrong at once, and where it stands', async () => {
    const config = await file('wrong.json', {
      port: '0x50',
      limits: { devices: -1, nothing: 1 },
      colour: 'red',
      tls: {},
    });
    const problems = problemsOf({
      flags: { config, logLevel: 'loud' },
      environment: { SECURE_CHAT_TRUSTED_PROXIES: 'one', SECURE_CHAT_LIMIT_MAILBYTES: '1' },
    });
    expect(problems).to.deep.equal([
      'colour (wrong.json) is no setting; `--print-config` shows them all',
      'tls (wrong.json) is no setting; `--print-config` shows them all',
      'port (wrong.json) must be a whole number from 0 to 65535',
      'limits.devices (wrong.json) must be a whole number from 1 to 1000000000',
      'limits.nothing (wrong.json) is no limit; `--print-config` shows them all',
      'trustedProxies (SECURE_CHAT_TRUSTED_PROXIES) must be a whole number from 0 to 16',
      'limits.MAILBYTES (SECURE_CHAT_LIMIT_MAILBYTES) is no limit; `--print-config` shows them all',
      'logLevel (--log-level) must be one of info, warn, error',
    ]);
    // A value that was given is not asked for again, and a value that is wrong is not overlooked because a flag differs.
    expect(problemsOf({ flags: { port: '80' }, environment: { SECURE_CHAT_PORT: 'x' } })).to.deep.equal([
      'port (SECURE_CHAT_PORT) must be a whole number from 0 to 65535',
    ]);
  });

  it('says what is wrong with a file that it cannot read', async () => {
    await file('broken.json', '{"port": 1');
    await file('list.json', '[]');
    const problem = (config: string): string => problemsOf({ flags: { config } }).join();
    expect(problem('broken.json')).to.match(/^config \(.*broken\.json\) is not JSON$/);
    expect(problem('list.json')).to.match(/^config \(.*list\.json\) must hold a JSON object$/);
    expect(problem('absent.json')).to.match(/^config \(.*absent\.json\) cannot be read: ENOENT$/);
  });

  it('tells which variables look like settings and are none', () => {
    const environment = {
      ...{ SECURE_CHAT_TRUSTED_PROXY: '1', SECURE_CHAT_PASSPHRASE: 'x', SECURE_CHAT_PORT: '', OTHER: 'x' },
    };
    expect(configured({ environment }).unknownVariables).to.deep.equal(['SECURE_CHAT_TRUSTED_PROXY']);
  });
});
