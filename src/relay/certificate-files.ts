/**
 * A certificate in files, taken again when they change: whatever renews it need not know of the relay.
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { codeOf, ChatError } from '../errors.ts';
import { certificateRefused, validityOf, type Certificate } from './certificate.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

export interface CertificateFilesOptions {
  /** Paths of PEM files: the certificate with its chain, and its private key. */
  readonly cert: string;
  readonly key: string;
  /** How often the files are looked at, ms. */
  readonly every: number;
  readonly clock: Clock;
  readonly log: Log;
}

const DAY = 86_400_000;
/** From when on the log warns that nothing has renewed the certificate. */
const SOON = 14 * DAY;

/** The files' certificate, as it was last good. */
export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  #current: Certificate | null = null;
  #until = 0;
  #warnedAt = 0;
  /** What the files looked like when they were taken or refused, and when last looked at. */
  #settled = '';
  #seen = '';
  #cancel: () => void = () => undefined;

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  /** When the certificate in use expires, ms. */
  get until(): number {
    return this.#until;
  }

  /**
   * The certificate to begin with. One that has expired is taken, and logged: clients will say so themselves.
   * @throws ChatError environment `certificate-refused`, `details.reason` also `certificate-unreadable`, `key-unreadable`
   */
  async first(): Promise<Certificate> {
    this.#settled = this.#seen = await this.#stamp();
    const certificate = await this.#read();
    this.#take(certificate, validityOf(certificate).until);
    this.#warn();
    return certificate;
  }

  /** Looks again and again, and hands on what is new and good; ends with `stop`. */
  watch(use: (certificate: Certificate) => void): void {
    const { every, clock, log } = this.#options;
    const look = async (): Promise<void> => {
      const stamp = await this.#stamp();
      // Two files are not written at once: they are read when they have come to rest.
      if (stamp === this.#seen && stamp !== this.#settled) await this.reload(use);
      this.#seen = stamp;
      this.#warn();
    };
    const next = (): void => {
      this.#cancel = clock.after(every, () => {
        look()
          .catch((error: unknown) => {
            log({ level: 'error', event: 'certificate-refused', reason: codeOf(error) });
          })
          .finally(next);
      });
    };
    next();
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }

  /** Reads the files now. What is not good is logged and changes nothing. */
  async reload(use: (certificate: Certificate) => void): Promise<void> {
    const { log, clock } = this.#options;
    this.#settled = await this.#stamp();
    try {
      const certificate = await this.#read();
      const { until, from } = validityOf(certificate);
      if (until <= clock.now()) throw certificateRefused('expired');
      if (from > clock.now()) throw certificateRefused('not-yet-valid');
      use(certificate);
      this.#take(certificate, until);
    } catch (error) {
      const reason = error instanceof ChatError ? error.details.reason : null;
      log({
        ...{
          level: 'error',
          event: 'certificate-refused',
          reason: typeof reason === 'string' ? reason : codeOf(error),
        },
        keeps: this.#current !== null,
        validUntil: new Date(this.#until).toISOString(),
      });
    }
  }

  #take(certificate: Certificate, until: number): void {
    this.#current = certificate;
    this.#until = until;
    this.#warnedAt = 0;
    const { log } = this.#options;
    log({ level: 'info', event: 'certificate-taken', validUntil: new Date(until).toISOString() });
  }

  /** Once a day when there is reason to. */
  #warn(): void {
    const now = this.#options.clock.now();
    if (this.#until - now > SOON || now - this.#warnedAt < DAY) return;
    this.#warnedAt = now;
    const validUntil = new Date(this.#until).toISOString();
    if (this.#until <= now) this.#options.log({ level: 'error', event: 'certificate-expired', validUntil });
    else this.#options.log({ level: 'warn', event: 'certificate-expires-soon', validUntil });
  }

  async #read(): Promise<Certificate> {
    const { cert, key } = this.#options;
    return { cert: await readable(cert, 'certificate-unreadable'), key: await readable(key, 'key-unreadable') };
  }

  /** Changes with the files, also where a link is led to other ones. */
  async #stamp(): Promise<string> {
    const stamps = [this.#options.cert, this.#options.key].map(async (path) => {
      const found = await stat(path).catch(() => null);
      return found === null ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs}`;
    });
    return (await Promise.all(stamps)).join(' | ');
  }
}

async function readable(path: string, reason: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch {
    throw certificateRefused(reason);
  }
}
