/**
 * The relay's TLS: which certificates it takes, and what it offers with them.
 * @module
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { ChatError } from '../errors.ts';

/** PEM: the certificate with its chain, and its private key. */
export interface Certificate {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** When a certificate is good, ms. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

/** Forward secret and authenticated alone, TLS 1.3 first; of TLS 1.2 what a browser of the last ten years has. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/** How the relay speaks TLS. The groups are OpenSSL's own: with 3.5 and later a post-quantum one comes first. */
export function tlsOptions({ cert, key }: Certificate): TlsOptions {
  return {
    ...{ cert, key },
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    handshakeTimeout: 10_000,
  };
}

/**
 * When the first certificate of the chain is good; it and its key were checked to belong together.
 * @throws ChatError environment `certificate-refused`, `details.reason`: `certificate-malformed`, `key-malformed`,
 *   `key-of-another`
 */
export function validityOf({ cert, key }: Certificate): Validity {
  const certificate = parsed('certificate-malformed', () => new X509Certificate(cert));
  const privateKey: KeyObject = parsed('key-malformed', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw certificateRefused('key-of-another');
  return { from: Date.parse(certificate.validFrom), until: Date.parse(certificate.validTo) };
}

/** Why a certificate is not taken. The cause is left out: it might quote the key's file. */
export function certificateRefused(reason: string): ChatError {
  return new ChatError('environment', 'certificate-refused', `the certificate is not taken: ${reason}`, {
    details: { reason },
  });
}

function parsed<T>(reason: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw certificateRefused(reason);
  }
}
