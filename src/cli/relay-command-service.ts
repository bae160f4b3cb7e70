/**
 * A relay as a service: its process, its signals, its files. docs/deploy.md.
 * @module
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatError } from '../errors.ts';
import { parseDeskKey } from '../identity/desk-key.ts';
import {
  CertificateFiles,
  createRelay,
  describeFault,
  jsonLog,
  lmdbStore,
  systemClock,
  type Log,
  type Relay,
} from '../relay/main.ts';
import { lockDirectory } from './directory-lock.ts';
import { answerMonitoring } from './relay-command-monitoring.ts';
import type { Configured, RelayConfiguration } from './relay-configuration.ts';

/** How often the certificate's files are looked at, ms. */
const LOOK = 5_000;
const LEVELS = ['info', 'warn', 'error'] as const;
/** File descriptors beside those of connections. */
const OTHER_FILES = 512;

/** Runs until the process is told to end and all is closed. @throws ChatError when it cannot begin */
export async function serveRelay({ configuration, unknownVariables }: Configured): Promise<void> {
  const log = logFrom(configuration.logLevel);
  const ending = watchSignals(log);
  /** What was opened, to be closed in reverse. */
  const opened: (() => Promise<void>)[] = [];
  try {
    const { data } = configuration;
    makeDirectory(data);
    opened.push(await lockDirectory(data));
    const store = lmdbStore(join(data, 'store'));
    opened.push(() => store.close());
    const files = certificateFiles(configuration, log);
    const certificate = await files?.first();
    const relay = createRelay({
      ...{ store, data, log },
      desks: configuration.deskKeys.includes('any') ? 'open' : configuration.deskKeys.map(parseDeskKey),
      publicOrigins: configuration.origins,
      trustedProxies: configuration.trustedProxies,
      limits: configuration.limits,
      ...(configuration.assets === null ? {} : { assets: configuration.assets }),
      ...(certificate === undefined ? {} : { tls: certificate }),
    });
    opened.push(() => relay.close());
    await relay.listen(configuration.port, configuration.host);
    if (configuration.metricsPort !== null) opened.push(await serveMonitoring(relay, files, configuration, log));
    watchCertificate(relay, files, log);
    if (files !== null) opened.push(async () => files.stop());
    await advise(configuration, unknownVariables, log);
    await ending;
    // Before what watches over it: it is asked whether clients should be sent here.
    await relay.close();
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

function logFrom(level: RelayConfiguration['logLevel']): Log {
  // Whoever read the log may be gone: no reason for clients to lose the relay.
  process.stdout.on('error', () => undefined);
  const write = jsonLog((line) => process.stdout.write(line), Date.now);
  return (entry) => {
    if (LEVELS.indexOf(entry.level) >= LEVELS.indexOf(level)) write(entry);
  };
}

/** Resolves at the first signal to end; the second ends at once. */
function watchSignals(log: Log): Promise<void> {
  process.on('uncaughtException', (error) => {
    // Its message might quote what nobody is to read, and the default would print it.
    log({ level: 'error', event: 'crash', ...describeFault(error) });
    process.exit(1);
  });
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve();
        for (const again of ['SIGTERM', 'SIGINT'] as const) process.on(again, () => process.exit(1));
      });
    }
  });
}

function makeDirectory(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? null;
    throw new ChatError('environment', 'desk-directory-unusable', 'the data directory cannot be made', {
      cause,
      details: { path: data, reason },
    });
  }
}

function certificateFiles({ tlsCert, tlsKey }: RelayConfiguration, log: Log): CertificateFiles | null {
  if (tlsCert === null || tlsKey === null) return null;
  return new CertificateFiles({ cert: tlsCert, key: tlsKey, every: LOOK, clock: systemClock, log });
}

/** New files are taken by themselves, and at once on SIGHUP. */
function watchCertificate(relay: Relay, files: CertificateFiles | null, log: Log): void {
  const use: Relay['certify'] = (certificate) => {
    relay.certify(certificate);
  };
  files?.watch(use);
  process.on('SIGHUP', () => {
    if (files === null) log({ level: 'info', event: 'nothing-to-reload' });
    else void files.reload(use);
  });
}

async function serveMonitoring(
  relay: Relay,
  files: CertificateFiles | null,
  { metricsPort, metricsHost }: RelayConfiguration,
  log: Log,
): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    answerMonitoring(request, response, { relay, certificateUntil: files?.until ?? null }).catch((error: unknown) => {
      log({ level: 'error', event: 'fault', request: null, ...describeFault(error) });
      response.destroy();
    });
  });
  await listen(server, metricsPort ?? 0, metricsHost);
  log({ level: 'info', event: 'metrics-listening', port: (server.address() as AddressInfo).port });
  return () =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const details = { reason: (cause as NodeJS.ErrnoException).code ?? null };
      reject(
        new ChatError('environment', 'listen-failed', 'the metrics port cannot be listened on', { cause, details }),
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Says what looks like a mistake and cannot be known to be one. */
async function advise(configuration: RelayConfiguration, unknownVariables: readonly string[], log: Log): Promise<void> {
  const { limits, origins, tlsCert, trustedProxies, data, assets } = configuration;
  for (const variable of unknownVariables) log({ level: 'warn', event: 'variable-unknown', variable });
  if (assets === null) log({ level: 'warn', event: 'no-assets' });
  if (tlsCert === null && trustedProxies === 0 && origins.some((origin) => origin.startsWith('wss:'))) {
    // The proxy's address would be everybody's, and so would its rates.
    log({ level: 'warn', event: 'proxy-not-trusted' });
  }
  const { bsize, blocks } = await statfs(data);
  const most = limits.mailBytes + limits.blobBytes;
  if (most > bsize * blocks) log({ level: 'warn', event: 'disk-smaller-than-limits', disk: bsize * blocks, most });
  const allowed = openFilesAllowed();
  if (allowed < limits.connections + OTHER_FILES) {
    log({ level: 'warn', event: 'too-few-files', allowed, connections: limits.connections });
  }
}

/** How many files the process may have open; Infinity where the system does not tell. */
function openFilesAllowed(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity; // not Linux
  }
}
