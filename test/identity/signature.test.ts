import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { label } from '../../src/identity/label.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { hashOfSigned, sign, signedOf, verifySigned, type Purpose } from '../../src/identity/signature.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const seed = new Uint8Array(32).fill(1);

describe('labels (§2.1)', () => {
  it('are the project’s name and version, the purpose and a zero byte', () => {
    expect(label('pair')).to.deep.equal(utf8('secure-chat/1 pair\0'));
  });

  it('are no prefix of each other, though one purpose is of another', () => {
    expect(toHex(label('prekey-id')).startsWith(toHex(label('prekey')))).to.equal(false);
  });
});

describe('signatures with a purpose (§2.2)', () => {
  it('are those of the label and the bytes', async () => {
    const [bytes, signature] = await sign(nobleCrypto, seed, 'message', utf8('hello'));
    expect(bytes).to.deep.equal(utf8('hello'));
    expect(signature).to.deep.equal(await nobleCrypto.sign(seed, utf8('secure-chat/1 message\0hello')));
  });

  it('count for their purpose, their key and their bytes alone', async () => {
    const key = await nobleCrypto.signingKey(seed);
    const other = await nobleCrypto.signingKey(new Uint8Array(32).fill(2));
    const purposes: Purpose[] = [
      'directory',
      'renewal',
      'enrolment',
      'prekey',
      'handshake',
      'epoch',
      'message',
      'reset',
      'relay-auth',
    ];
    const signed = await sign(nobleCrypto, seed, 'prekey', utf8('hello'));
    for (const purpose of purposes) {
      expect(await verifySigned(nobleCrypto, key, purpose, signed)).to.equal(purpose === 'prekey');
    }
    expect(await verifySigned(nobleCrypto, other, 'prekey', signed)).to.equal(false);
    expect(await verifySigned(nobleCrypto, key, 'prekey', [utf8('hellO'), signed[1]])).to.equal(false);
  });

  it('are hashed with what they sign', () => {
    const pair = hashOfSigned([utf8('abc'), new Uint8Array(64).fill(7)]);
    expect(toHex(pair)).to.equal('c32cdd5101beb8e42500e9ea5216536d6b9d3a3ea8dd11e489f57562a649a822');
  });

  it('travel as pairs of bounded bytes and 64 bytes', async () => {
    const shape = signedOf(3);
    const signature = new Uint8Array(64);
    expect(shape([utf8('abc'), signature], 'it')).to.deep.equal([utf8('abc'), signature]);
    for (const value of [
      [utf8('abcd'), signature],
      [utf8('abc'), new Uint8Array(63)],
      [utf8('abc')],
      [utf8('a'), signature, null],
      null,
    ]) {
      expect(await codeOfThrow(() => shape(value, 'it'))).to.equal('shape-mismatch');
    }
  });
});
