import { argon2id } from '@noble/hashes/argon2.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { blindInput, finalizeOutput } from '../../src/vault/oprf.ts';
import { evaluateBlinded, isElement, voprfKeyFrom } from '../../src/relay/voprf.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { realRandom } from '../support/random.ts';

/** RFC 9497, appendix A.1.2: ristretto255-SHA512, mode VOPRF, batches of one. */
const KEY = {
  secret: fromHex('e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909'),
  key: fromHex('c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e'),
};
const BLIND = '64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706';
const PROOF_RANDOM = '222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e';
const VECTORS = [
  {
    input: '00',
    blinded: '863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945',
    evaluated: 'aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e',
    proof:
      'ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d',
    output:
      'b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c',
  },
  {
    input: '5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a',
    blinded: 'cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c',
    evaluated: '60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468',
    proof:
      '401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02',
    output:
      '8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6',
  },
] as const;

/** Random bytes from which the library makes this scalar: it reduces them modulo ℓ − 1 and adds one. */
function drawing(scalar: string): (length: number) => Uint8Array {
  const bytes = fromHex(scalar);
  let i = 0;
  while (bytes[i] === 0) bytes[i++] = 0xff;
  bytes[i] = (bytes[i] ?? 0) - 1;
  return (length) => concat(bytes, new Uint8Array(length - bytes.length));
}

describe('the OPRF of a PIN', () => {
  for (const [i, vector] of VECTORS.entries()) {
    it(`gives the values of RFC 9497, A.1.2.${i + 1}, on both sides`, () => {
      const blinding = blindInput(fromHex(vector.input), drawing(BLIND));
      expect(toHex(blinding.factor)).to.equal(BLIND);
      expect(toHex(blinding.blinded)).to.equal(vector.blinded);
      const answer = evaluateBlinded(KEY, blinding.blinded, drawing(PROOF_RANDOM));
      expect(toHex(answer.evaluated)).to.equal(vector.evaluated);
      expect(toHex(answer.proof)).to.equal(vector.proof);
      expect(toHex(finalizeOutput(blinding, answer, KEY.key))).to.equal(vector.output);
    });
  }

  it('gives the same value through any blinding, and another for each key and input', () => {
    const other = voprfKeyFrom(realRandom(32));
    const through = (key: typeof KEY, input: string): string => {
      const blinding = blindInput(utf8(input), realRandom);
      return toHex(finalizeOutput(blinding, evaluateBlinded(key, blinding.blinded, realRandom), key.key));
    };
    expect(through(KEY, 'a')).to.equal(through(KEY, 'a'));
    expect(new Set([through(KEY, 'a'), through(KEY, 'b'), through(other, 'a')]).size).to.equal(3);
    expect(toHex(blindInput(utf8('a'), realRandom).blinded)).not.to.equal(
      toHex(blindInput(utf8('a'), realRandom).blinded),
    );
  });

  it('names the relay when it used another key or answered anything else', async () => {
    const other = voprfKeyFrom(realRandom(32));
    const blinding = blindInput(utf8('a'), realRandom);
    const right = evaluateBlinded(KEY, blinding.blinded, realRandom);
    const wrong = evaluateBlinded(other, blinding.blinded, realRandom);
    const flipped = right.proof.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
    for (const answer of [
      wrong,
      { ...right, evaluated: wrong.evaluated },
      { ...right, proof: wrong.proof },
      { ...right, proof: flipped },
      { ...right, evaluated: new Uint8Array(32) },
      { ...right, evaluated: new Uint8Array(32).fill(0xff) },
      { ...right, proof: new Uint8Array(64) },
    ]) {
      expect(await codeOfThrow(() => finalizeOutput(blinding, answer, KEY.key))).to.equal('vault-relay-fault');
    }
    expect(await codeOfThrow(() => finalizeOutput(blinding, right, KEY.key))).to.equal('accepted');
  });

  it('knows what is no element', () => {
    expect(isElement(fromHex(VECTORS[0].blinded))).to.equal(true);
    for (const bytes of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(31), new Uint8Array(0)]) {
      expect(isElement(bytes)).to.equal(false);
    }
  });
});

describe('what the PIN slot is made of', () => {
  it('is Argon2id as in RFC 9106, 5.3', () => {
    const tag = argon2id(new Uint8Array(32).fill(1), new Uint8Array(16).fill(2), {
      ...{ m: 32, t: 3, p: 4, dkLen: 32 },
      key: new Uint8Array(8).fill(3),
      personalization: new Uint8Array(12).fill(4),
    });
    expect(toHex(tag)).to.equal('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
  });

  it('is HKDF as in RFC 5869, A.1', () => {
    const okm = hkdf(
      sha256,
      new Uint8Array(22).fill(0x0b),
      fromHex('000102030405060708090a0b0c'),
      fromHex('f0f1f2f3f4f5f6f7f8f9'),
      42,
    );
    expect(toHex(okm)).to.equal('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
  });

  it('is XChaCha20-Poly1305 as in draft-irtf-cfrg-xchacha, A.3.1', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
    const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i);
    const text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    const sealed = xchacha20poly1305(key, nonce, fromHex('50515253c0c1c2c3c4c5c6c7')).encrypt(utf8(text));
    expect(toHex(sealed)).to.equal(
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e' +
        'c0875924c1c7987947deafd8780acf49',
    );
  });
});
