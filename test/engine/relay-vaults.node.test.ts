import { expect } from 'chai';
import { DrivenClock, settled } from '../../src/adapters/memory/driven-clock.ts';
import { nodeClock, nodeRandom } from '../../src/adapters/node/node-clock.ts';
import { nodeTransport } from '../../src/adapters/node/node-socket.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { relayVaults } from '../../src/engine/relay-vaults.ts';
import { ChatError } from '../../src/errors.ts';
import { blindInput, finalizeOutput } from '../../src/vault/oprf.ts';
import { tagCheckOf } from '../../src/vault/pin-slot.ts';
import type { RequestFrame } from '../../src/wire/frames.ts';
import { VAULT_CALLS, type VaultOp } from '../../src/wire/vault-calls.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { realRandom } from '../support/random.ts';
import { RelayWorld } from '../support/relay-world.ts';
import { ScriptedRelay } from '../support/scripted-relay.ts';

const seed = realRandom(32);
const tag = realRandom(32);
const check = tagCheckOf(tag);
const blinded = (): Uint8Array => blindInput(utf8('guess'), realRandom).blinded;

describe('vaults at a real relay', () => {
  let world: RelayWorld;
  let vaults: ReturnType<typeof relayVaults>;

  beforeEach(async () => {
    world = await RelayWorld.start({ durable: true });
    const ports = { transport: nodeTransport(), clock: nodeClock, random: nodeRandom };
    vaults = relayVaults({ ports, url: world.origin });
  });
  afterEach(async () => {
    vaults.close();
    await world.stop();
  });

  it('are made, evaluated, proven, renewed, retired and destroyed', async () => {
    const blinding = blindInput(utf8('pin'), realRandom);
    const made = await vaults.create(seed, { blinded: blinding.blinded });
    const output = finalizeOutput(blinding, made, made.key);
    await vaults.register(seed, { version: made.version, check });
    const again = blindInput(utf8('pin'), realRandom);
    const answer = await vaults.evaluate(seed, { version: 1, blinded: again.blinded });
    expect(finalizeOutput(again, answer, made.key)).to.deep.equal(output);
    expect(answer.left).to.equal(9);
    await vaults.prove(seed, { version: 1, tag, evaluation: answer.evaluation });
    const next = await vaults.renew(seed, { version: 1, tag, blinded: blinded() });
    expect(next.version).to.equal(2);
    await vaults.register(seed, { version: 2, check });
    await vaults.retire(seed, { version: 2, tag });
    expect(await codeOfThrow(() => vaults.evaluate(seed, { version: 1, blinded: blinded() }))).to.equal(
      'vault-version',
    );
    await vaults.destroy(seed);
    await vaults.destroy(seed);
    expect(await codeOfThrow(() => vaults.evaluate(seed, { version: 2, blinded: blinded() }))).to.equal(
      'vault-unknown',
    );
  });

  it('are asked for again by whoever comes later, on a connection with another nonce', async () => {
    const { version } = await vaults.create(seed, { blinded: blinded() });
    await vaults.register(seed, { version, check });
    await world.halt();
    // Whether the old connection was seen to end before or after the call went out.
    expect(await codeOfThrow(() => vaults.evaluate(seed, { version, blinded: blinded() }))).to.be.oneOf([
      'relay-unreachable',
      'relay-disconnected',
    ]);
    expect(await codeOfThrow(() => vaults.prove(seed, { version, tag, evaluation: new Uint8Array(16) }))).to.equal(
      'relay-unreachable',
    );
    await world.resume();
    expect((await vaults.evaluate(seed, { version, blinded: blinded() })).left).to.equal(9);
    const others = relayVaults({
      ports: { transport: nodeTransport(), clock: nodeClock, random: nodeRandom },
      url: world.origin,
    });
    expect((await others.evaluate(seed, { version, blinded: blinded() })).left).to.equal(8);
    others.close();
  });

  it('say why the relay refuses, and how long to wait', async () => {
    const { version } = await vaults.create(seed, { blinded: blinded() });
    expect(await codeOfThrow(() => vaults.evaluate(seed, { version, blinded: blinded() }))).to.equal('vault-version');
    await vaults.register(seed, { version, check });
    for (let i = 0; i < 5; i++) await vaults.evaluate(seed, { version, blinded: blinded() });
    try {
      await vaults.evaluate(seed, { version, blinded: blinded() });
      expect.fail('a sixth was let in at once');
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      expect(error.code).to.equal('vault-delayed');
      expect(error.details['retryAfter']).to.be.within(50_000, 60_000);
    }
  });
});

describe('calls for a vault', () => {
  let clock: DrivenClock;
  let relay: ScriptedRelay;
  let vaults: ReturnType<typeof relayVaults>;

  beforeEach(() => {
    clock = new DrivenClock();
    relay = new ScriptedRelay(clock);
    vaults = relayVaults({
      ports: { transport: relay.transport, clock, random: realRandom },
      url: 'wss://relay.example/path',
    });
  });
  afterEach(() => {
    vaults.close();
    expect(clock.timers).to.equal(0);
  });

  const signedIn = (frame: RequestFrame, op: VaultOp) => {
    if (!('signed' in frame.body) || frame.body.signed === null) throw new Error('nothing was signed');
    return VAULT_CALLS[op].decode(frame.body.signed[0]);
  };

  it('are signed for the configured relay and the connection on which they go', async () => {
    relay.onRequest = (frame) => relay.reply(frame as { type: 'vault-destroy'; id: number }, {});
    await vaults.destroy(seed);
    await clock.advance(6_000);
    await vaults.destroy(seed);
    expect(relay.peers).to.have.length(2);
    const calls = relay.requests.map((frame) => signedIn(frame, 'vault-destroy'));
    expect(calls.map((call) => [call.relay, call.nonce[0]])).to.deep.equal([
      ['wss://relay.example', 1],
      ['wss://relay.example', 2],
    ]);
    expect(relay.auths).to.have.length(0);
  });

  it('are repeated once when the connection breaks, but for what would cost a guess', async () => {
    const calls: [VaultOp, () => Promise<unknown>, number][] = [
      ['vault-create', () => vaults.create(seed, { blinded: blinded() }), 2],
      ['vault-renew', () => vaults.renew(seed, { version: 1, tag, blinded: blinded() }), 2],
      ['vault-register', () => vaults.register(seed, { version: 1, check }), 2],
      ['vault-prove', () => vaults.prove(seed, { version: 1, tag, evaluation: new Uint8Array(16) }), 2],
      ['vault-retire', () => vaults.retire(seed, { version: 1, tag }), 2],
      ['vault-destroy', () => vaults.destroy(seed), 2],
      ['vault-evaluate', () => vaults.evaluate(seed, { version: 1, blinded: blinded() }), 1],
    ];
    relay.onRequest = () => relay.peer.close();
    for (const [op, call, times] of calls) {
      relay.requests.length = 0;
      expect(await codeOfThrow(call), op).to.equal('relay-disconnected');
      await settled();
      expect(relay.requests.map(({ type }) => type)).to.deep.equal(Array.from({ length: times }, () => op));
      const nonces = relay.requests.map((frame) => signedIn(frame, op).nonce[0]);
      expect(new Set(nonces).size, op).to.equal(times);
      await clock.advance(6_000);
    }
  });

  it('are not repeated when the relay is silent or refuses', async () => {
    const silent = codeOfThrow(() => vaults.destroy(seed));
    await clock.advance(10_000);
    expect(await silent).to.equal('relay-timeout');
    expect(relay.requests).to.have.length(1);
    relay.onRequest = (frame) => relay.refuse(frame, 'rate-limited', { retryAfter: 5 });
    expect(await codeOfThrow(() => vaults.destroy(seed))).to.equal('rate-limited');
    expect(relay.requests).to.have.length(2);
  });
});
