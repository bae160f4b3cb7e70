/**
 * The relay's settings, from flags, the environment and a JSON file, in this order of precedence. docs/relay.md §8.
 * @module
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { ChatError, usageError } from '../errors.ts';
import { parseDeskKey } from '../identity/desk-key.ts';
import { DEFAULT_LIMITS, relayOriginOf, type RelayLimits } from '../relay/main.ts';
import { contradictionsIn, flatLimits, LIMIT_NAMES, variableOf, withLimit } from './relay-configuration-limits.ts';
import { BadValue, oneOf, text, whole, type Reader } from './relay-configuration-values.ts';

export interface RelayConfiguration {
  /** Paths are absolute. */
  readonly data: string;
  /** Desk keys (`dk1_…`), or `any` alone. */
  readonly deskKeys: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly origins: readonly string[];
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly trustedProxies: number;
  /** The built browser files; null: none are served, and no desk. */
  readonly assets: string | null;
  readonly metricsHost: string;
  /** Null: no metrics. */
  readonly metricsPort: number | null;
  readonly logLevel: 'info' | 'warn' | 'error';
  readonly limits: RelayLimits;
}

type FieldName = Exclude<keyof RelayConfiguration, 'limits'>;

export interface Field {
  /** The flag with what stands behind it. */
  readonly flag: string;
  readonly help: string;
  readonly isList?: boolean;
  readonly isPath?: boolean;
  readonly read: Reader<unknown>;
}

const port = whole(0, 65_535);
const host: Reader<string> = (value) => {
  const name = text(value);
  if (isIP(name) === 0 && name !== 'localhost') throw new BadValue('must be an IP address to listen on, or localhost');
  return name;
};
const deskKey: Reader<string> = (value) => {
  const key = text(value);
  if (key === 'any') return key;
  return explained('must be a desk key (dk1_…, every character counts), or any', () => {
    parseDeskKey(key);
    return key;
  });
};
const origin: Reader<string> = (value) => {
  const url = text(value);
  return explained('must be an address as wss://chat.example; ws:// is for this machine alone', () =>
    relayOriginOf(url),
  );
};
/** The word that takes away what is there by default. */
const NONE = 'none';
const orNone =
  <T>(read: Reader<T>): Reader<T | null> =>
  (value) =>
    value === null || value === NONE ? null : read(value);

export const FIELDS: Readonly<Record<FieldName, Field>> = {
  data: { flag: '--data <directory>', help: 'where everything is kept; made if missing', isPath: true, read: text },
  deskKeys: {
    flag: '--desk-key <key...>',
    help: 'the desks it serves (dk1_…); any: whatever desk comes',
    isList: true,
    read: deskKey,
  },
  host: { flag: '--host <address>', help: 'where it listens (default 127.0.0.1)', read: host },
  port: { flag: '--port <number>', help: '0: any that is free (default 8443 with TLS, else 8080)', read: port },
  origins: {
    flag: '--origin <url...>',
    help: 'under which addresses clients know it, wss://chat.example; not given: this machine alone',
    isList: true,
    read: origin,
  },
  tlsCert: { flag: '--tls-cert <file>', help: 'PEM: the certificate and its chain', isPath: true, read: orNone(text) },
  tlsKey: { flag: '--tls-key <file>', help: 'PEM: its private key', isPath: true, read: orNone(text) },
  trustedProxies: {
    flag: '--trusted-proxies <number>',
    help: 'how many proxies stand before it and append to X-Forwarded-For (default 0)',
    read: whole(0, 16),
  },
  assets: {
    flag: '--assets <directory>',
    help: "the browser files; none: serve none (default: the package's own)",
    isPath: true,
    read: orNone(text),
  },
  metricsHost: { flag: '--metrics-host <address>', help: 'where metrics are served (default 127.0.0.1)', read: host },
  metricsPort: { flag: '--metrics-port <number>', help: 'not given: no metrics', read: orNone(port) },
  logLevel: {
    flag: '--log-level <level>',
    help: 'info, warn or error (default info)',
    read: oneOf('info', 'warn', 'error'),
  },
};

/** What was given where: flags by field, lists as lists; `limit` as `name=value`. */
export interface Sources {
  readonly flags: Readonly<Partial<Record<FieldName | 'config' | 'limit', string | readonly string[]>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What relative paths in flags and variables are relative to. */
  readonly directory: string;
  /** The browser files that came with the program. */
  readonly assets: string | null;
}

export interface Configured {
  readonly configuration: RelayConfiguration;
  /** Variables that look like settings and are none. */
  readonly unknownVariables: readonly string[];
}

interface Given {
  readonly field: string;
  readonly value: unknown;
  /** As people know it: the flag, the variable, or the file. */
  readonly from: string;
  readonly directory: string;
}

const PREFIX = 'SECURE_CHAT_';
const LIMIT_PREFIX = `${PREFIX}LIMIT_`;
/** Those of other commands. */
const OTHERS = new Set([
  'SECURE_CHAT_DESK',
  'SECURE_CHAT_RELAY',
  'SECURE_CHAT_PASSPHRASE',
  'SECURE_CHAT_NEW_PASSPHRASE',
  'SECURE_CHAT_SIGNER',
  'SECURE_CHAT_CONFIG',
]);

/**
 * The settings that are in force. @throws ChatError usage `relay-configuration`:`details.problems` has a line for each, with the
 *   field and where the value came from
 */
export function configurationFrom(sources: Sources): Configured {
  const problems: string[] = [];
  // The last one counts.
  const given = [...fromFile(sources, problems), ...fromEnvironment(sources), ...fromFlags(sources, problems)];
  const values: Partial<Record<FieldName, unknown>> = {};
  let limits = DEFAULT_LIMITS;
  for (const { field, value, from, directory } of given) {
    try {
      if (field.startsWith('limits.')) limits = withLimit(limits, field.slice('limits.'.length), value);
      else values[field as FieldName] = readField(field as FieldName, value, directory);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      problems.push(`${field} (${from}) ${error.message}`);
    }
  }
  for (const [field, problem] of contradictionsIn(limits)) problems.push(`${field} ${problem}`);
  if (problems.length > 0) throw refusedFor(problems);
  const configuration = complete(values, limits, sources.assets);
  const contradictions = contradictionsOf(configuration);
  if (contradictions.length > 0) throw refusedFor(contradictions);
  return { configuration, unknownVariables: unknownIn(sources.environment) };
}

function fromFlags({ flags, directory }: Sources, problems: string[]): Given[] {
  const { config: _config, limit = [], ...fields } = flags;
  const own = Object.entries(fields).map(([field, value]): Given => {
    const from = FIELDS[field as FieldName].flag.split(' ')[0] ?? field;
    return { field, value, from, directory };
  });
  const limits = [limit].flat().flatMap((assignment): Given[] => {
    const [, name, value] = /^([\w.]+)=(.*)$/.exec(assignment) ?? [];
    if (name === undefined) {
      problems.push(`limits (--limit) must be written as name=value, such as mailBytes=50GiB`);
      return [];
    }
    return [{ field: `limits.${name}`, value, from: '--limit', directory }];
  });
  return [...own, ...limits];
}

function fromEnvironment({ environment, directory }: Sources): Given[] {
  const fields = Object.keys(FIELDS).flatMap((field): Given[] => {
    const from = PREFIX + variableOf(field);
    const value = environment[from];
    return value === undefined || value === '' ? [] : [{ field, value, from, directory }];
  });
  const names = new Map(LIMIT_NAMES.map((name) => [LIMIT_PREFIX + variableOf(name), name]));
  const limits = Object.entries(environment).flatMap(([from, value]): Given[] => {
    if (!from.startsWith(LIMIT_PREFIX) || value === undefined || value === '') return [];
    return [{ field: `limits.${names.get(from) ?? from.slice(LIMIT_PREFIX.length)}`, value, from, directory }];
  });
  return [...fields, ...limits];
}

function fromFile({ flags, environment, directory }: Sources, problems: string[]): Given[] {
  const named = flags.config ?? environment.SECURE_CHAT_CONFIG;
  if (typeof named !== 'string' || named === '') return [];
  const path = resolve(directory, named);
  const content = jsonObjectIn(path, problems);
  return Object.entries(content).flatMap(([field, value]: [string, unknown]): Given[] => {
    const common = { from: named, directory: dirname(path) };
    if (field === 'limits' && typeof value === 'object' && value !== null) {
      return flatLimits(value).map(([name, limit]) => ({ ...common, field: `limits.${name}`, value: limit }));
    }
    if (Object.hasOwn(FIELDS, field)) return [{ ...common, field, value }];
    problems.push(`${field} (${named}) is no setting; \`--print-config\` shows them all`);
    return [];
  });
}

function jsonObjectIn(path: string, problems: string[]): object {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
    problems.push(`config (${path}) must hold a JSON object`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push(code === undefined ? `config (${path}) is not JSON` : `config (${path}) cannot be read: ${code}`);
  }
  return {};
}

function readField(name: FieldName, value: unknown, directory: string): unknown {
  const { read, isList, isPath } = FIELDS[name];
  if (isList === true) {
    const items: readonly unknown[] = Array.isArray(value)
      ? value
      : typeof value === 'string'
        ? value.split(',')
        : [value];
    return items.map((item) => read(typeof item === 'string' ? item.trim() : item));
  }
  const single = read(value);
  return isPath === true && typeof single === 'string' ? resolve(directory, single) : single;
}

function complete(
  values: Partial<Record<FieldName, unknown>>,
  limits: RelayLimits,
  assets: string | null,
): RelayConfiguration {
  const defaults = {
    ...{ data: '', deskKeys: [], host: '127.0.0.1', origins: [], tlsCert: null, tlsKey: null, trustedProxies: 0 },
    ...{ assets, metricsHost: '127.0.0.1', metricsPort: null, logLevel: 'info' },
    port: typeof values.tlsCert === 'string' ? 8_443 : 8_080,
  };
  // Each value came out of its field's reader.
  return { ...defaults, ...(values as Partial<RelayConfiguration>), limits } as RelayConfiguration;
}

function contradictionsOf(configuration: RelayConfiguration): string[] {
  const { data, deskKeys, host: at, origins, tlsCert, tlsKey, trustedProxies } = configuration;
  const problems: string[] = [];
  if (data === '') problems.push('data must be given: --data DIRECTORY');
  if (deskKeys.length === 0) problems.push('deskKeys must be given: --desk-key dk1_…');
  if (deskKeys.includes('any') && deskKeys.length > 1) problems.push('deskKeys must be any alone, or keys');
  if ((tlsCert === null) !== (tlsKey === null)) {
    problems.push(`${tlsCert === null ? 'tlsCert' : 'tlsKey'} must be given too: TLS takes a certificate and its key`);
  }
  if (tlsCert === null && trustedProxies === 0 && !isLoopback(at)) {
    problems.push(
      `host must be of this machine alone (127.0.0.1, ::1, localhost) without TLS: give tlsCert and tlsKey, or trustedProxies if a proxy that ends TLS stands before it`,
    );
  }
  if (!isLoopback(at) && origins.length === 0) {
    problems.push('origins must be given where others can reach it: --origin wss://chat.example');
  }
  return problems;
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

function unknownIn(environment: Sources['environment']): string[] {
  const known = new Set(Object.keys(FIELDS).map((field) => PREFIX + variableOf(field)));
  return Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && !name.startsWith(LIMIT_PREFIX) && !known.has(name) && !OTHERS.has(name),
  );
}

function refusedFor(problems: readonly string[]): ChatError {
  return usageError('relay-configuration', 'the settings are not right', {
    details: { problems: problems.join('\n') },
  });
}

function explained<T>(problem: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ChatError ? new BadValue(problem) : error;
  }
}
