import { expect } from 'chai';
import { encodeCbor } from '../../src/bytes/cbor.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { sign, type Signed } from '../../src/identity/signature.ts';
import { CLOSE_CODES } from '../../src/wire/codes.ts';
import { answerChallenge, relayAuthCodec } from '../../src/wire/relay-auth.ts';
import type { RequestBody, RequestType } from '../../src/wire/requests.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';
import type { WireClient } from '../support/wire-client.ts';

describe('relay authentication', () => {
  let world: RelayWorld;
  let keys: DeviceKeys;
  beforeEach(async () => {
    world = await RelayWorld.start();
    keys = await newKeys();
  });
  afterEach(() => world.stop());

  async function challenged(): Promise<{ client: WireClient; nonce: Uint8Array }> {
    const client = await world.connect();
    return { client, nonce: (await client.next('challenge')).nonce };
  }

  function answer(nonce: Uint8Array, changes: { relay?: string; desk?: Uint8Array } = {}): Promise<Signed> {
    const { seed, key } = keys;
    return answerChallenge(nobleCrypto, { seed, key, desk: world.desk, relay: world.origin, nonce, ...changes });
  }

  async function expectRefused(client: WireClient, signed: Signed, code: string): Promise<void> {
    expect(await client.codeOf('auth', { signed })).to.equal(code);
    expect(await client.closed).to.equal(CLOSE_CODES['auth-refused']);
  }

  it('tells a device its id, its standing and how much waits', async () => {
    const client = await world.connect();
    const reply = await client.auth(keys, world.desk);
    expect(reply.device).to.deep.equal(keys.id);
    expect(reply.member).to.equal(null);
    expect(reply.queued).to.equal(0);
    expect(reply.now).to.be.closeTo(Date.now(), 5_000);
    await world.publish({ keys, role: 'supervisor' });
    expect((await (await world.connect()).auth(keys, world.desk)).member).to.equal('supervisor');
    expect((await (await world.connect()).auth(world.root, world.desk)).member).to.equal('root');
  });

  it('accepts each of its own origins and no other', async () => {
    const port = new URL(world.origin).port;
    for (const relay of [`ws://localhost:${port}`, `ws://[::1]:${port}`]) {
      const { client, nonce } = await challenged();
      expect(await client.codeOf('auth', { signed: await answer(nonce, { relay }) })).to.equal('ok');
    }
    for (const relay of ['wss://evil.example', `wss://127.0.0.1:${port}`, 'ws://127.0.0.1', `${world.origin}/`]) {
      const { client, nonce } = await challenged();
      await expectRefused(client, await answer(nonce, { relay }), 'auth-origin');
    }
  });

  it('takes the configured public origins in the place of the local ones', async () => {
    await world.stop();
    world = await RelayWorld.start({ publicOrigins: ['wss://chat.example', 'wss://chat.example:8443/path'] });
    for (const relay of ['wss://chat.example', 'wss://chat.example:8443']) {
      const { client, nonce } = await challenged();
      expect(await client.codeOf('auth', { signed: await answer(nonce, { relay }) })).to.equal('ok');
    }
    const { client, nonce } = await challenged();
    await expectRefused(client, await answer(nonce), 'auth-origin');
  });

  it('refuses an answer to the challenge of another connection, also of one that is gone', async () => {
    const first = await challenged();
    const signed = await answer(first.nonce);
    await expectRefused((await challenged()).client, signed, 'auth-nonce');
    expect(await first.client.codeOf('auth', { signed })).to.equal('ok');
    await first.client.close();
    await expectRefused((await challenged()).client, signed, 'auth-nonce');
  });

  it('takes an answer once on the connection itself', async () => {
    const { client, nonce } = await challenged();
    const signed = await answer(nonce);
    await client.request('auth', { signed });
    expect(await client.codeOf('auth', { signed })).to.equal('already-authenticated');
    expect(await client.codeOf('ping', {})).to.equal('ok');
  });

  it('lets two answers sent at once authenticate once', async () => {
    const { client, nonce } = await challenged();
    const signed = await answer(nonce);
    const codes = await Promise.all([client.codeOf('auth', { signed }), client.codeOf('auth', { signed })]);
    expect(codes).to.deep.equal(['ok', 'already-authenticated']);
  });

  it('holds what is sent behind auth until it is checked', async () => {
    const { client, nonce } = await challenged();
    const [auth, count] = [client.codeOf('auth', { signed: await answer(nonce) }), client.codeOf('prekeys-count', {})];
    expect(await Promise.all([auth, count])).to.deep.equal(['ok', 'ok']);
  });

  it('refuses a signature by another key, for another purpose, or over other bytes', async () => {
    const other = await newKeys();
    const statement = (nonce: Uint8Array) =>
      relayAuthCodec.encode({ v: 1, relay: world.origin, nonce, key: keys.key, desk: world.desk });
    const wrong = [
      (nonce: Uint8Array) => sign(nobleCrypto, other.seed, 'relay-auth', statement(nonce)),
      (nonce: Uint8Array) => sign(nobleCrypto, keys.seed, 'message', statement(nonce)),
      async (nonce: Uint8Array): Promise<Signed> => {
        const [bytes, signature] = await sign(nobleCrypto, keys.seed, 'relay-auth', statement(nonce));
        signature[0] = (signature[0] ?? 0) ^ 1;
        return [bytes, signature];
      },
    ];
    for (const make of wrong) {
      const { client, nonce } = await challenged();
      await expectRefused(client, await make(nonce), 'auth-signature');
    }
  });

  it('refuses a statement of another form', async () => {
    for (const value of [{}, [1], { v: 2, relay: '', nonce: new Uint8Array(32), key: keys.key, desk: world.desk }]) {
      const { client } = await challenged();
      await expectRefused(
        client,
        await sign(nobleCrypto, keys.seed, 'relay-auth', encodeCbor(value)),
        'auth-malformed',
      );
    }
  });

  it('refuses a desk that it does not serve, unless it serves any', async () => {
    const desk = (await newKeys()).key;
    const { client, nonce } = await challenged();
    await expectRefused(client, await answer(nonce, { desk }), 'desk-unknown');
    await world.stop();
    world = await RelayWorld.start({ desks: 'open' });
    const again = await challenged();
    expect(await again.client.codeOf('auth', { signed: await answer(again.nonce, { desk }) })).to.equal('ok');
  });

  it('answers before auth only what is allowed then', async () => {
    const client = await world.connect();
    expect(await client.codeOf('ping', {})).to.equal('ok');
    expect(await client.request('directory-fetch', { desk: world.desk })).to.deep.equal({ bundle: null });
    const id = new Uint8Array(16);
    const forbidden: { [K in RequestType]?: RequestBody<K> } = {
      'prekeys-publish': { signed: null, oneTime: [] },
      'prekeys-count': {},
      'prekeys-fetch': { device: id },
      send: { items: [{ to: id, kind: 'frame', bytes: new Uint8Array(1) }] },
      signal: { to: id, bytes: new Uint8Array(1) },
      subscribe: {},
      ack: { upTo: 0 },
      'directory-watch': { desk: world.desk },
      'directory-publish': { bundle: new Uint8Array(1) },
      enrolments: {},
      'enrolment-drop': { ids: [id] },
      duty: { state: 'on' },
      'duty-list': { desk: world.desk },
      'duty-watch': { desk: world.desk },
      announce: { conversation: id, salt: id },
      'queue-watch': {},
      claim: { conversation: id },
      assign: { conversation: id, to: id },
      requeue: { conversation: id },
      finish: { conversation: id },
      'blob-create': { size: 1 },
      'blob-write': { blob: new Uint8Array(32), offset: 0, bytes: new Uint8Array(1) },
      'blob-status': { blob: new Uint8Array(32) },
      'blob-read': { blob: new Uint8Array(32), offset: 0, length: 1 },
    };
    for (const [type, body] of Object.entries(forbidden)) {
      expect(await client.codeOf(type as 'ping', body), type).to.equal('unauthenticated');
    }
  });

  it('closes who does not authenticate in time, and who falls silent', async function () {
    this.timeout(15_000);
    await world.stop();
    world = await RelayWorld.start({ limits: { authWithin: 100, idleAfter: 1_000 } });
    const [stranger, silent] = [await world.connect(), await world.enter(keys)];
    expect(await stranger.closed).to.equal(CLOSE_CODES['auth-timeout']);
    expect(await silent.closed).to.equal(CLOSE_CODES.idle);
  });

  it('logs neither keys nor ids nor addresses', async () => {
    const { client, nonce } = await challenged();
    await client.request('auth', { signed: await answer(nonce) });
    const other = await challenged();
    await other.client.codeOf('auth', { signed: await answer(nonce) });
    await client.close();
    const log = JSON.stringify(world.logged);
    expect(world.logged.map(({ event }) => event)).to.include.members(['auth-refused', 'connection-closed']);
    const planted = [keys.key, keys.id, world.desk, nonce].flatMap((bytes) =>
      (['hex', 'base64', 'base64url'] as const).map((form) => Buffer.from(bytes).toString(form).slice(0, 12)),
    );
    for (const word of [...planted, '127.0.0.1']) expect(log).not.to.include(word);
  });
});
