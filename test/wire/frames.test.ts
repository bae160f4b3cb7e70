import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/bytes/bytes.ts';
import { encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { ChatError, codeOf } from '../../src/errors.ts';
import { CLOSE_CODES, closeNameOf, ERROR_CODES } from '../../src/wire/codes.ts';
import {
  decodeRelayFrame,
  decodeRequest,
  encodePush,
  encodeRefusal,
  encodeReply,
  encodeRequest,
} from '../../src/wire/frames.ts';
import { MAX_FRAME, MAX_PREKEY_BATCH, MAX_WIRE_MESSAGE } from '../../src/wire/limits.ts';
import { PUSHES, type PushBody, type PushType } from '../../src/wire/pushes.ts';
import { REQUESTS, type ReplyBody, type RequestBody, type RequestType } from '../../src/wire/requests.ts';

const bytes = (min: number, max = min) => fc.uint8Array({ minLength: min, maxLength: max });
const id = bytes(16);
const key = bytes(32);
const time = fc.maxSafeNat();
const signed = (max: number) => fc.tuple(bytes(0, max), bytes(64));
const nothing = fc.constant({});
const desk = fc.record({ desk: key });
const conversation = fc.record({ conversation: id });
const mailKind = fc.constantFrom('frame' as const, 'reset' as const);
const entry = fc.record({
  conversation: id,
  key,
  salt: id,
  since: time,
  state: fc.constantFrom('waiting' as const, 'claimed' as const, 'gone' as const),
  by: fc.option(id),
});
const prekey = signed(1_536);
const bundle = bytes(1, 300);
const bundleReply = fc.record({ bundle: fc.option(bundle) });
const devices = fc.record({ devices: fc.array(id, { maxLength: 20 }) });
const blobState = fc.record({ offset: fc.nat(1_000), complete: fc.boolean() });
const blob = bytes(32);
const vaultCall = fc.record({ signed: signed(512) });
const vaultKey = fc.record({ version: fc.integer({ min: 1 }), key, evaluated: key, proof: bytes(64) });

/** For every request, bodies of it and of its reply. */
const requests: { [K in RequestType]: [fc.Arbitrary<RequestBody<K>>, fc.Arbitrary<ReplyBody<K>>] } = {
  auth: [
    fc.record({ signed: signed(512) }),
    fc.record({
      device: id,
      now: time,
      member: fc.constantFrom(
        'agent' as const,
        'supervisor' as const,
        'archive' as const,
        'bot' as const,
        'root' as const,
        null,
      ),
      queued: fc.nat(),
    }),
  ],
  ping: [nothing, fc.record({ now: time })],
  'prekeys-publish': [
    fc.record({ signed: fc.option(prekey), oneTime: fc.array(prekey, { maxLength: 5 }) }),
    fc.record({ oneTime: fc.nat(100) }),
  ],
  'prekeys-count': [nothing, fc.record({ signed: fc.boolean(), oneTime: fc.nat(100) })],
  'prekeys-fetch': [
    fc.record({ device: id }),
    fc.record({ key, signed: fc.option(prekey), oneTime: fc.option(prekey) }),
  ],
  send: [
    fc.record({
      items: fc.array(fc.record({ to: id, kind: mailKind, bytes: bytes(1, 400) }), { minLength: 1, maxLength: 24 }),
    }),
    fc.record({
      results: fc.array(
        fc.constantFrom('accepted' as const, 'device-unknown' as const, 'mailbox-full' as const, 'too-large' as const),
        { minLength: 1, maxLength: 24 },
      ),
    }),
  ],
  signal: [fc.record({ to: id, bytes: bytes(1, 256) }), nothing],
  subscribe: [nothing, nothing],
  ack: [fc.record({ upTo: time }), nothing],
  'directory-fetch': [desk, bundleReply],
  'directory-watch': [desk, bundleReply],
  'directory-publish': [fc.record({ bundle }), nothing],
  enrol: [fc.record({ desk: key, request: signed(1_024) }), nothing],
  enrolments: [
    nothing,
    fc.record({ requests: fc.array(fc.record({ id, at: time, request: signed(1_024) }), { maxLength: 4 }) }),
  ],
  'enrolment-drop': [fc.record({ ids: fc.array(id, { minLength: 1, maxLength: 64 }) }), nothing],
  duty: [fc.record({ state: fc.constantFrom('on' as const, 'away' as const, 'off' as const) }), nothing],
  'duty-list': [desk, devices],
  'duty-watch': [desk, devices],
  announce: [
    fc.record({ conversation: id, salt: id }),
    fc.record({ state: fc.constantFrom('waiting' as const, 'claimed' as const) }),
  ],
  'queue-watch': [nothing, fc.record({ entries: fc.array(entry, { maxLength: 9 }), total: fc.nat() })],
  claim: [conversation, nothing],
  assign: [fc.record({ conversation: id, to: id }), nothing],
  requeue: [conversation, nothing],
  finish: [conversation, nothing],
  'blob-create': [fc.record({ size: fc.integer({ min: 1, max: 104_883_200 }) }), fc.record({ blob })],
  'blob-write': [fc.record({ blob, offset: fc.nat(1_000), bytes: bytes(1, 400) }), blobState],
  'blob-status': [fc.record({ blob }), blobState],
  'blob-read': [
    fc.record({ blob, offset: fc.nat(1_000), length: fc.integer({ min: 1, max: 131_104 }) }),
    fc.record({ bytes: bytes(1, 400), size: fc.nat(1_000) }),
  ],
  'ticket-put': [fc.record({ id: bytes(16, 32), half: key, expires: time }), nothing],
  'ticket-read': [fc.record({ id: bytes(16, 32) }), fc.record({ half: key })],
  'ticket-drop': [fc.record({ id: bytes(16, 32) }), nothing],
  'vault-create': [vaultCall, vaultKey],
  'vault-renew': [vaultCall, vaultKey],
  'vault-register': [vaultCall, nothing],
  'vault-evaluate': [vaultCall, fc.record({ evaluation: id, left: fc.nat(10), evaluated: key, proof: bytes(64) })],
  'vault-prove': [vaultCall, nothing],
  'vault-retire': [vaultCall, nothing],
  'vault-destroy': [vaultCall, nothing],
};

const pushes: { [K in PushType]: fc.Arbitrary<PushBody<K>> } = {
  challenge: fc.record({ v: fc.constant(1 as const), nonce: key, now: time }),
  mail: fc.record({ seq: time, from: id, kind: mailKind, at: time, bytes: bytes(1, 400) }),
  unsubscribed: nothing,
  signal: fc.record({ from: id, bytes: bytes(1, 256) }),
  directory: fc.record({ desk: key, bundle }),
  enrolment: nothing,
  duty: fc.record({ desk: key, devices: fc.array(id, { maxLength: 20 }) }),
  queue: fc.record({ entries: fc.array(entry, { minLength: 1, maxLength: 9 }) }),
};

const requestId = fc.nat(2 ** 32 - 1);

function refusedWith(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    expect(error).to.be.instanceOf(ChatError);
    return codeOf(error);
  }
}

describe('wire frames', () => {
  for (const type of Object.keys(REQUESTS) as RequestType[]) {
    it(`carries ${type} and its reply unchanged`, () => {
      const [body, reply] = requests[type] as [fc.Arbitrary<RequestBody<'ping'>>, fc.Arbitrary<ReplyBody<'ping'>>];
      const name = type as 'ping';
      fc.assert(
        fc.property(requestId, body, reply, (number, asked, answered) => {
          const request = decodeRequest(encodeRequest(name, number, asked));
          expect(request).to.deep.equal({ type, id: number, body: asked });
          const frame = decodeRelayFrame(encodeReply(name, number, answered), (known) =>
            known === number ? type : undefined,
          );
          expect(frame).to.deep.equal({ is: 'ok', id: number, type, body: answered });
        }),
        { numRuns: 25 },
      );
    });
  }

  for (const type of Object.keys(PUSHES) as PushType[]) {
    it(`carries the push ${type} unchanged`, () => {
      fc.assert(
        fc.property(pushes[type] as fc.Arbitrary<PushBody<'enrolment'>>, (body) => {
          const frame = decodeRelayFrame(encodePush(type as 'enrolment', body), () => undefined);
          expect(frame).to.deep.equal({ is: 'push', push: type, body });
        }),
        { numRuns: 25 },
      );
    });
  }

  it('carries every refusal', () => {
    for (const code of ERROR_CODES) {
      const refusal = { code, retryAfter: 5, by: new Uint8Array(16) };
      expect(decodeRelayFrame(encodeRefusal(3, refusal), () => 'claim')).to.deep.equal({ is: 'error', id: 3, refusal });
    }
  });

  it('refuses whatever is no frame, in both directions, with an error of its own', () => {
    fc.assert(
      fc.property(bytes(0, 200), (noise) => {
        expect(['cbor-malformed', 'shape-mismatch']).to.include(refusedWith(() => decodeRequest(noise)));
        expect(['cbor-malformed', 'shape-mismatch']).to.include(
          refusedWith(() => decodeRelayFrame(noise, () => 'ping')),
        );
      }),
    );
  });

  it('refuses each part of a body being missing, renamed, or joined by another', () => {
    for (const type of Object.keys(REQUESTS) as RequestType[]) {
      const [sample] = fc.sample(requests[type][0], { numRuns: 1, seed: 7 });
      const fields = Object.entries(sample ?? {});
      const wrong = [
        Object.fromEntries([...fields, ['extra', null]]),
        ...fields.map(([name]) => Object.fromEntries(fields.filter(([other]) => other !== name))),
        ...fields.map(([name]) =>
          Object.fromEntries(fields.map(([other, value]) => [other === name ? 'renamed' : other, value])),
        ),
      ];
      for (const body of wrong) {
        expect(
          refusedWith(() => decodeRequest(encodeCbor([type, 1, body as CborValue]))),
          type,
        ).to.equal('shape-mismatch');
      }
    }
  });

  it('refuses answers to nothing, and an answer with the body of another request', () => {
    expect(refusedWith(() => decodeRelayFrame(encodeReply('subscribe', 4, {}), () => undefined))).to.equal(
      'shape-mismatch',
    );
    const refusal = encodeRefusal(4, { code: 'quota', retryAfter: null, by: null });
    expect(refusedWith(() => decodeRelayFrame(refusal, () => undefined))).to.equal('shape-mismatch');
    expect(refusedWith(() => decodeRelayFrame(encodeReply('ping', 4, { now: 1 }), () => 'subscribe'))).to.equal(
      'shape-mismatch',
    );
    expect(
      refusedWith(() =>
        decodeRelayFrame(encodeCbor(['error', 4, { code: 'odd', retryAfter: null, by: null }]), () => 'ping'),
      ),
    ).to.equal('shape-mismatch');
    expect(refusedWith(() => decodeRequest(encodeReply('subscribe', 4, {})))).to.equal('shape-mismatch');
    expect(refusedWith(() => decodeRelayFrame(encodeRequest('ping', 4, {}), () => 'ping'))).to.equal('shape-mismatch');
  });

  it('refuses what is too long before it looks at it', () => {
    expect(refusedWith(() => decodeRequest(new Uint8Array(MAX_WIRE_MESSAGE + 1)))).to.equal('cbor-too-large');
    expect(refusedWith(() => decodeRelayFrame(new Uint8Array(MAX_WIRE_MESSAGE + 1), () => 'ping'))).to.equal(
      'cbor-too-large',
    );
  });

  it('never encodes what the other side would refuse', () => {
    expect(refusedWith(() => encodeRequest('signal', 1, { to: new Uint8Array(15), bytes: utf8('x') }))).to.equal(
      'shape-mismatch',
    );
    expect(refusedWith(() => encodeRequest('ping', 2 ** 32, {}))).to.equal('shape-mismatch');
    const items = Array.from({ length: 2 }, () => ({
      to: new Uint8Array(16),
      kind: 'frame' as const,
      bytes: new Uint8Array(MAX_FRAME),
    }));
    expect(refusedWith(() => encodeRequest('send', 1, { items }))).to.equal('cbor-too-large');
  });

  it('has room for the largest of everything', () => {
    const item = { to: new Uint8Array(16), kind: 'frame' as const, bytes: new Uint8Array(MAX_FRAME) };
    expect(encodeRequest('send', 2 ** 32 - 1, { items: [item] }).length).to.be.at.most(MAX_WIRE_MESSAGE);
    const largest = [new Uint8Array(1_536), new Uint8Array(64)] as [Uint8Array, Uint8Array];
    const stock = Array.from({ length: MAX_PREKEY_BATCH }, () => largest);
    expect(encodeRequest('prekeys-publish', 1, { signed: largest, oneTime: stock }).length).to.be.lessThan(
      MAX_WIRE_MESSAGE,
    );
    const waiting = {
      id: new Uint8Array(16),
      at: Number.MAX_SAFE_INTEGER,
      request: [new Uint8Array(1_024), new Uint8Array(64)] as [Uint8Array, Uint8Array],
    };
    expect(encodeReply('enrolments', 1, { requests: Array.from({ length: 64 }, () => waiting) }).length).to.be.lessThan(
      MAX_WIRE_MESSAGE,
    );
    const claimed = {
      conversation: new Uint8Array(16),
      key: new Uint8Array(32),
      salt: new Uint8Array(16),
      since: Number.MAX_SAFE_INTEGER,
      state: 'claimed' as const,
      by: new Uint8Array(16),
    };
    expect(encodePush('queue', { entries: Array.from({ length: 512 }, () => claimed) }).length).to.be.lessThan(
      MAX_WIRE_MESSAGE,
    );
    expect(encodePush('directory', { desk: new Uint8Array(32), bundle: new Uint8Array(81_920) }).length).to.be.lessThan(
      MAX_WIRE_MESSAGE,
    );
    const part = { bytes: new Uint8Array(131_104), size: 104_883_200 };
    expect(encodeReply('blob-read', 1, part).length).to.be.at.most(MAX_WIRE_MESSAGE);
  });

  it('names its close codes and no others', () => {
    for (const [name, code] of Object.entries(CLOSE_CODES)) expect(closeNameOf(code)).to.equal(name);
    expect(closeNameOf(1000)).to.equal(undefined);
    expect(closeNameOf(1006)).to.equal(undefined);
  });
});
