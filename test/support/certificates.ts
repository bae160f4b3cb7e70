/**
 * Certificates for tests, signed by themselves: the few lines of DER that a server's certificate takes, so that no test
 * needs a package or a program to make one. RFC 5280.
 * @module
 */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

const OID = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
};
const LOCALHOST = 'localhost';

/** For `localhost` and 127.0.0.1, P-256. Times in ms; by default from an hour ago on, for 90 days. */
export function makeCertificate(options: { from?: number; until?: number; serial?: number } = {}): TestCertificate {
  const { from = Date.now() - 3_600_000, until = Date.now() + 90 * 86_400_000, serial = 1 } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  // Each has a name of its own: several may be trusted at once, and are told apart by it.
  const name = sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(`test ${randomUUID()}`)))));
  const names = sequence(der(0x82, Buffer.from(LOCALHOST)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([0x01, serial])),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid(OID.subjectAltName), der(0x04, names)))),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function oid(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

/** GeneralizedTime, which is read for every year although the RFC wants it from 2050 on: `YYYYMMDDhhmmssZ`. */
function time(ms: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`));
}
