import { expect } from 'chai';
import { sha256 } from '@noble/hashes/sha2.js';
import { MAX_SEALED_TEXT, openSealedField, sealField } from '../../src/protocol/sealed-field.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { MINUTE, NOW, randomOf } from './world.ts';

const conversation = randomOf('conversation')(16);
const messageId = randomOf('message')(16);

function sealed(text: string) {
  const { private: part, ...hashes } = sealField({ random: randomOf('box'), conversation, messageId, text });
  const content = { label: 'Card', recipient: new Uint8Array(16), ...hashes, expires: NOW };
  return { content, private: part, conversation, messageId, now: NOW };
}

describe('sealed fields', () => {
  it('give their text to who has the private part', () => {
    for (const text of ['', '4111 1111', 'ключ 🔑', 'x'.repeat(MAX_SEALED_TEXT)])
      expect(openSealedField(sealed(text))).to.equal(text);
  });

  it('hide the length', () => {
    expect(sealed('1').private.box.length).to.equal(sealed('4111 1111 1111 1111').private.box.length);
  });

  it('are refused when box, key, conversation or message is another', async () => {
    const field = sealed('secret');
    const codeOf = (changes: object) => codeOfThrow(() => openSealedField({ ...field, ...changes }));
    const box = field.private.box.slice();
    box[100]! ^= 1;
    expect(await codeOf({})).to.equal('accepted');
    expect(await codeOf({ private: { ...field.private, box } })).to.equal('sealed-mismatch');
    // Its hash signed for as well: the box itself says no.
    const signedFor = { ...field.content, boxHash: sha256(box) };
    expect(await codeOf({ private: { ...field.private, box }, content: signedFor })).to.equal('sealed-mismatch');
    expect(await codeOf({ private: { ...field.private, boxKey: new Uint8Array(32) } })).to.equal('sealed-mismatch');
    expect(await codeOf({ conversation: messageId })).to.equal('sealed-mismatch');
    expect(await codeOf({ messageId: conversation })).to.equal('sealed-mismatch');
  });

  it('expire', async () => {
    const field = sealed('secret');
    expect(await codeOfThrow(() => openSealedField({ ...field, now: NOW + 10 * MINUTE }))).to.equal('accepted');
    expect(await codeOfThrow(() => openSealedField({ ...field, now: NOW + 10 * MINUTE + 1 }))).to.equal(
      'sealed-expired',
    );
  });

  it('have a longest text', async () => {
    expect(await codeOfThrow(() => sealed('x'.repeat(MAX_SEALED_TEXT + 1)))).to.equal('sealed-too-large');
  });
});
