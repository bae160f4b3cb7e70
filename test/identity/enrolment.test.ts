import { expect } from 'chai';
import { concat } from '../../src/bytes/bytes.ts';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import { fromHex, toBase64url, toHex } from '../../src/bytes/text.ts';
import { deviceIdOf, deviceKeysFrom } from '../../src/identity/device.ts';
import {
  encodeInvitation,
  invitationOf,
  openEnrolment,
  parseInvitation,
  requestEnrolment,
  type Invitation,
} from '../../src/identity/enrolment.ts';
import { fingerprintOf } from '../../src/identity/fingerprint.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import vectors from '../vectors/enrolment.json' with { type: 'json' };

const invitation: Invitation = {
  v: 1,
  desk: fromHex(vectors.invitation.desk),
  id: fromHex(vectors.invitation.id),
  secret: fromHex(vectors.invitation.secret),
  role: 'agent',
  expires: vectors.invitation.expires,
};
const signedOf = ([bytes, signature]: string[]): Signed => [fromHex(bytes ?? ''), fromHex(signature ?? '')];
const now = vectors.cases[0]?.now ?? 0;

describe('invitations (§6)', () => {
  it('are written into a link and read from it', () => {
    expect(encodeInvitation(invitation)).to.equal(vectors.text);
    expect(parseInvitation(vectors.text)).to.deep.equal(invitation);
  });

  const encoded = (changes: object): string => toBase64url(encodeCbor({ ...invitation, ...changes }));
  const refused = {
    'base64url-malformed': {
      'a character that has no place': `${vectors.text}=`,
      'one with a space': ` ${vectors.text}`,
    },
    'cbor-malformed': {
      nothing: '',
      'one cut off': vectors.text.slice(0, -4),
      'one with a byte more': toBase64url(concat(encodeCbor({ ...invitation }), Uint8Array.of(0))),
    },
    'cbor-too-large': { 'one of 257 bytes': toBase64url(new Uint8Array(257)) },
    'shape-mismatch': {
      'version 2': encoded({ v: 2 }),
      'an unknown role': encoded({ role: 'root' }),
      'a short secret': encoded({ secret: new Uint8Array(16) }),
      'a field more': encoded({ more: 1 }),
    },
  };
  for (const [code, texts] of Object.entries(refused)) {
    for (const [why, text] of Object.entries(texts)) {
      it(`are refused, as ${code}: ${why}`, async () => {
        expect(await codeOfThrow(() => parseInvitation(text))).to.equal(code);
      });
    }
  }
});

describe('enrolment (§6)', () => {
  it('is requested with the proof that the vectors give', async () => {
    const device = await deviceKeysFrom(nobleCrypto, fromHex(vectors.seed));
    const [bytes, signature] = await requestEnrolment(nobleCrypto, { invitation, device, name: 'Dora' });
    expect([toHex(bytes), toHex(signature)]).to.deep.equal(vectors.cases[0]?.request);
  });

  for (const { name, request, used, now: at, code } of vectors.cases) {
    it(`${code === null ? 'is approved' : `is refused, as ${code}`}: ${name}`, async () => {
      const opening = (): Promise<unknown> => openEnrolment(nobleCrypto, signedOf(request), { invitation, used }, at);
      expect(await codeOfThrow(opening)).to.equal(code ?? 'accepted');
    });
  }

  it('tells the administrator who asks', async () => {
    const device = await deviceKeysFrom(nobleCrypto, fromHex(vectors.seed));
    const signed = signedOf(vectors.cases[0]?.request ?? []);
    expect(await openEnrolment(nobleCrypto, signed, { invitation, used: false }, now)).to.deep.equal({
      key: device.key,
      deviceId: deviceIdOf(device.key),
      name: 'Dora',
      role: 'agent',
      fingerprint: fingerprintOf(device.key),
    });
    expect(invitationOf(signed)).to.deep.equal(invitation.id);
  });

  it('is refused with any one byte changed', async () => {
    const [bytes, signature] = signedOf(vectors.cases[0]?.request ?? []);
    for (let at = 0; at < bytes.length + signature.length; at++) {
      const changed = concat(bytes, signature);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const signed: Signed = [changed.slice(0, bytes.length), changed.slice(bytes.length)];
      const opening = (): Promise<unknown> => openEnrolment(nobleCrypto, signed, { invitation, used: false }, now);
      expect(await codeOfThrow(opening), `byte ${at}`).not.to.equal('accepted');
    }
  });

  it('takes no name that is none', async () => {
    const device = await deviceKeysFrom(nobleCrypto, fromHex(vectors.seed));
    for (const name of ['', 'a\nb', 'x'.repeat(81)]) {
      expect(await codeOfThrow(() => requestEnrolment(nobleCrypto, { invitation, device, name }))).to.equal(
        'shape-mismatch',
      );
    }
  });
});
