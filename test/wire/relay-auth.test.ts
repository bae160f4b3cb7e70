import { expect } from 'chai';
import { codeOf } from '../../src/errors.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { verifySigned } from '../../src/identity/signature.ts';
import { answerChallenge, relayAuthCodec, relayOriginOf, relaySocketUrl } from '../../src/wire/relay-auth.ts';
import { sendBatches } from '../../src/wire/send-batches.ts';
import { encodeRequest } from '../../src/wire/frames.ts';
import fc from 'fast-check';

describe('wire authentication', () => {
  it('signs relay, nonce, key and desk for this purpose alone', async () => {
    const seed = new Uint8Array(32).fill(1);
    const key = await nobleCrypto.signingKey(seed);
    const [desk, nonce] = [new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)];
    const signed = await answerChallenge(nobleCrypto, { seed, key, desk, relay: 'wss://chat.example', nonce });
    expect(relayAuthCodec.decode(signed[0])).to.deep.equal({ v: 1, relay: 'wss://chat.example', nonce, key, desk });
    expect(await verifySigned(nobleCrypto, key, 'relay-auth', signed)).to.equal(true);
    expect(await verifySigned(nobleCrypto, key, 'message', signed)).to.equal(false);
  });

  it('takes the origin from the URL it was given', () => {
    expect(relayOriginOf('wss://Chat.Example')).to.equal('wss://chat.example');
    expect(relayOriginOf('wss://chat.example:443/')).to.equal('wss://chat.example');
    expect(relayOriginOf('wss://chat.example:8443/some/path')).to.equal('wss://chat.example:8443');
    for (const url of ['ws://localhost:80', 'ws://localhost']) expect(relayOriginOf(url)).to.equal('ws://localhost');
    expect(relayOriginOf('ws://127.0.0.1:8080')).to.equal('ws://127.0.0.1:8080');
    expect(relayOriginOf('ws://[::1]:8080')).to.equal('ws://[::1]:8080');
  });

  it('says where the socket is', () => {
    expect(relaySocketUrl('wss://chat.example')).to.equal('wss://chat.example/v1');
    expect(relaySocketUrl('wss://chat.example/')).to.equal('wss://chat.example/v1');
    expect(relaySocketUrl('wss://chat.example/chat/')).to.equal('wss://chat.example/chat/v1');
  });

  it('refuses to send in the clear, and URLs that are none', () => {
    const codes: Record<string, string> = {
      'ws://chat.example': 'relay-insecure',
      'ws://localhost.example': 'relay-insecure',
      'ws://127.0.0.1.example': 'relay-insecure',
      'ws://10.0.0.1': 'relay-insecure',
      'https://chat.example': 'relay-url-malformed',
      'chat.example': 'relay-url-malformed',
      '': 'relay-url-malformed',
      'wss://user:word@chat.example': 'relay-url-malformed',
      'wss://chat.example/?query': 'relay-url-malformed',
      'wss://chat.example/#fragment': 'relay-url-malformed',
    };
    for (const [url, code] of Object.entries(codes)) {
      for (const of of [relayOriginOf, relaySocketUrl]) {
        try {
          of(url);
          expect.fail(`${url} was accepted`);
        } catch (error) {
          expect(codeOf(error), url).to.equal(code);
        }
      }
    }
  });
});

describe('wire batches', () => {
  it('keeps the order, loses nothing, and makes requests that fit', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 131_072 }));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 60 }), (sizes) => {
        const items = sizes.map((length) => ({
          to: new Uint8Array(16),
          kind: 'frame' as const,
          bytes: new Uint8Array(length),
        }));
        const batches = sendBatches(items);
        expect(batches.flatMap((batch) => batch.items)).to.deep.equal(items);
        for (const batch of batches) encodeRequest('send', 2 ** 32 - 1, batch);
      }),
      { numRuns: 40 },
    );
  });

  it('makes as few as it can of small ones', () => {
    const items = Array.from({ length: 50 }, () => ({
      to: new Uint8Array(16),
      kind: 'frame' as const,
      bytes: new Uint8Array(9),
    }));
    expect(sendBatches(items).map((batch) => batch.items.length)).to.deep.equal([24, 24, 2]);
  });
});
