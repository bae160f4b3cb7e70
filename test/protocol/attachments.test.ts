import { expect } from 'chai';
import * as fc from 'fast-check';
import { sha256 } from '@noble/hashes/sha2.js';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concat, u32be } from '../../src/bytes/bytes.ts';
import { label } from '../../src/identity/label.ts';
import {
  attachmentDecryptor,
  attachmentEncryptor,
  attachmentLengths,
  CHUNK,
  MAX_FILE,
} from '../../src/protocol/attachment.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { randomOf } from './world.ts';

const key = randomOf('file key')(32);
const fileOf = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255);

/** Fed in pieces of `step` bytes. */
function inPieces(bytes: Uint8Array, step: number, push: (piece: Uint8Array) => Uint8Array): Uint8Array {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += step) out.push(push(bytes.subarray(at, at + step)));
  return concat(...out);
}

function encrypted(file: Uint8Array, step = 10_000): { blob: Uint8Array; hash: Uint8Array } {
  const encryptor = attachmentEncryptor({ key, size: file.length });
  const start = inPieces(file, step, (piece) => encryptor.push(piece));
  const { bytes, hash } = encryptor.finish();
  return { blob: concat(start, bytes), hash };
}

function decrypted(
  blob: Uint8Array,
  options: { size: number; hash?: Uint8Array; key?: Uint8Array; step?: number },
): Uint8Array {
  const decryptor = attachmentDecryptor({
    key: options.key ?? key,
    size: options.size,
    hash: options.hash ?? sha256(blob),
  });
  const file = inPieces(blob, options.step ?? 9_999, (piece) => decryptor.push(piece));
  decryptor.finish();
  return file;
}

const codeOf = (blob: Uint8Array, options: Parameters<typeof decrypted>[1]) =>
  codeOfThrow(() => decrypted(blob, options));

describe('attachments', () => {
  for (const size of [0, 1, 255, 256, 257, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_001]) {
    it(`of ${size} bytes come out as they were`, () => {
      const file = fileOf(size);
      const { blob, hash } = encrypted(file);
      expect(blob.length).to.equal(attachmentLengths(size).blob);
      expect(hash).to.deep.equal(sha256(blob));
      expect(decrypted(blob, { size, hash })).to.deep.equal(file);
    });
  }

  it('give the same blob however they are cut', () => {
    const file = fileOf(70_000);
    const whole = encrypted(file, file.length).blob;
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 80_000 }), (step) => {
        expect(encrypted(file, step).blob).to.deep.equal(whole);
        expect(decrypted(whole, { size: file.length, step })).to.deep.equal(file);
      }),
      { numRuns: 10 },
    );
  });

  it('hide their exact length', () => {
    expect(attachmentLengths(0)).to.deep.equal({ padded: 256, chunks: 1, blob: 272 });
    expect(attachmentLengths(256).blob).to.equal(attachmentLengths(1).blob);
    expect(attachmentLengths(100_000)).to.deep.equal(attachmentLengths(99_500));
    expect(attachmentLengths(MAX_FILE)).to.deep.equal({ padded: MAX_FILE, chunks: 1_600, blob: MAX_FILE + 25_600 });
  });

  it('have a largest size', async () => {
    for (const size of [MAX_FILE + 1, -1, 1.5, 2 ** 53])
      expect(await codeOfThrow(() => attachmentLengths(size))).to.equal('attachment-too-large');
  });

  it('are refused when cut short, at any place', async () => {
    const { blob, hash } = encrypted(fileOf(3 * CHUNK));
    for (const end of [0, 1, CHUNK + 16, 2 * (CHUNK + 16), blob.length - 1])
      expect(await codeOf(blob.slice(0, end), { size: 3 * CHUNK, hash })).to.equal('attachment-truncated');
    // A shorter size does not make a cut blob whole: the last chunk says that it is not the last.
    expect(await codeOf(blob.slice(0, CHUNK + 16), { size: CHUNK })).to.equal('attachment-corrupt');
  });

  it('are refused when changed, reordered, lengthened, or under another key', async () => {
    const size = 2 * CHUNK;
    const { blob, hash } = encrypted(fileOf(size));
    const chunk = (i: number) => blob.subarray(i * (CHUNK + 16), (i + 1) * (CHUNK + 16));
    for (const at of [0, CHUNK, CHUNK + 16, blob.length - 1]) {
      const changed = blob.slice();
      changed[at]! ^= 128;
      expect(await codeOf(changed, { size })).to.equal('attachment-corrupt');
    }
    expect(await codeOf(concat(chunk(1), chunk(0)), { size })).to.equal('attachment-corrupt');
    expect(await codeOf(concat(chunk(0), chunk(0)), { size })).to.equal('attachment-corrupt');
    expect(await codeOf(concat(blob, Uint8Array.of(0)), { size })).to.equal('attachment-corrupt');
    expect(await codeOf(blob, { size, hash, key: new Uint8Array(32) })).to.equal('attachment-corrupt');
    expect(await codeOf(blob, { size, hash: new Uint8Array(32) })).to.equal('attachment-corrupt');
  });

  it('are refused when the padding is not zero', async () => {
    const plain = new Uint8Array(256).fill(1);
    const nonce = concat(new Uint8Array(19), u32be(0), Uint8Array.of(1));
    const blob = xchacha20poly1305(key, nonce, label('attachment')).encrypt(plain);
    expect(await codeOf(blob, { size: 256 })).to.equal('accepted');
    expect(await codeOf(blob, { size: 255 })).to.equal('attachment-corrupt');
  });

  it('stay refused once refused', async () => {
    const { blob, hash } = encrypted(fileOf(2 * CHUNK));
    const decryptor = attachmentDecryptor({ key, size: 2 * CHUNK, hash });
    const bad = blob.slice(0, CHUNK + 16);
    bad[0]! ^= 1;
    expect(await codeOfThrow(() => decryptor.push(bad))).to.equal('attachment-corrupt');
    expect(await codeOfThrow(() => decryptor.push(blob.subarray(CHUNK + 16)))).to.equal('attachment-corrupt');
    expect(await codeOfThrow(() => decryptor.finish())).to.equal('attachment-corrupt');
  });

  it('are not encrypted in another size than was said', async () => {
    const short = attachmentEncryptor({ key, size: 10 });
    short.push(new Uint8Array(9));
    expect(await codeOfThrow(() => short.finish())).to.equal('attachment-truncated');
    expect(await codeOfThrow(() => attachmentEncryptor({ key, size: 10 }).push(new Uint8Array(11)))).to.equal(
      'attachment-too-large',
    );
  });
});
