import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { ChatError } from '../../src/errors.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { blindInput, finalizeOutput } from '../../src/vault/oprf.ts';
import { tagCheckOf } from '../../src/vault/pin-slot.ts';
import type { ReplyBody, RequestBody } from '../../src/wire/requests.ts';
import { signVaultCall, type VaultCall, type VaultOp } from '../../src/wire/vault-calls.ts';
import { RelayWorld } from '../support/relay-world.ts';
import type { WireClient } from '../support/wire-client.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const bytesOf = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

type Fields<K extends VaultOp> = Omit<VaultCall<K>, 'v' | 'op' | 'relay' | 'nonce' | 'vault'>;

/** A client that holds a vault's key. */
class Holder {
  readonly seed: Uint8Array;
  readonly client: WireClient;
  readonly nonce: Uint8Array;

  private constructor(client: WireClient, nonce: Uint8Array, seed: Uint8Array) {
    this.client = client;
    this.nonce = nonce;
    this.seed = seed;
  }

  static async connect(world: RelayWorld, seed = bytesOf(32)): Promise<Holder> {
    const client = await world.connect();
    return new Holder(client, (await client.next('challenge')).nonce, seed);
  }

  async call<K extends VaultOp>(op: K, fields: Fields<K>, changed: { nonce?: Uint8Array; relay?: string } = {}) {
    const { nonce, relay } = { nonce: this.nonce, relay: this.client.origin, ...changed };
    const signed = await signVaultCall(nobleCrypto, this.seed, { op, relay, nonce, fields: fields as never });
    return this.client.request(op, { signed } as RequestBody<K>);
  }

  async codeOf<K extends VaultOp>(op: K, fields: Fields<K>, changed?: { nonce?: Uint8Array; relay?: string }) {
    try {
      await this.call(op, fields, changed);
      return 'ok';
    } catch (error) {
      if (error instanceof ChatError) return error.code;
      throw error;
    }
  }
}

/** How long the relay lets the holder wait, ms; asked with what would not count if it let it in. */
async function waitOf(holder: Holder, version = 1): Promise<number> {
  try {
    await holder.call('vault-evaluate', { version, blinded: new Uint8Array(32) });
    return 0;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    if (error.code === 'vault-call-refused') return 0;
    return error.details['retryAfter'] as number;
  }
}

const blinded = (text = 'guess'): Uint8Array => blindInput(utf8(text), bytesOf).blinded;
const tag = bytesOf(32);
const check = tagCheckOf(tag);

for (const durable of [false, true]) {
  describe(`relay vaults (${durable ? 'LMDB' : 'memory'})`, () => {
    let world: RelayWorld;
    let now: number;
    let holder: Holder;

    const start = async (limits = {}): Promise<void> => {
      now = Date.now();
      const clock = { now: () => now, after: () => () => undefined };
      world = await RelayWorld.start({ durable, clock, limits });
      holder = await Holder.connect(world);
    };
    const enrolled = async (): Promise<ReplyBody<'vault-create'>> => {
      const made = await holder.call('vault-create', { blinded: blinded() });
      await holder.call('vault-register', { version: made.version, check });
      return made;
    };
    const guess = (version = 1): Promise<string> => holder.codeOf('vault-evaluate', { version, blinded: blinded() });
    /** Guesses as often as that, waiting as long as it takes. */
    const guesses = async (count: number, version = 1): Promise<void> => {
      for (let i = 0; i < count; i++) {
        expect(await guess(version)).to.equal('ok');
        now += 60 * MINUTE;
      }
    };

    beforeEach(() => start());
    afterEach(() => world.stop());

    it('evaluate under a key of their own, and prove it', async () => {
      const blinding = blindInput(utf8('pin'), bytesOf);
      const made = await holder.call('vault-create', { blinded: blinding.blinded });
      const first = finalizeOutput(blinding, made, made.key);
      await holder.call('vault-register', { version: 1, check });
      const again = blindInput(utf8('pin'), bytesOf);
      const answer = await holder.call('vault-evaluate', { version: 1, blinded: again.blinded });
      expect(finalizeOutput(again, answer, made.key)).to.deep.equal(first);
      expect(answer.left).to.equal(9);

      const other = await Holder.connect(world);
      const elsewhere = blindInput(utf8('pin'), bytesOf);
      const second = await other.call('vault-create', { blinded: elsewhere.blinded });
      expect(toHex(finalizeOutput(elsewhere, second, second.key))).not.to.equal(toHex(first));
    });

    it('evaluate once before they are registered, and draw another key for another try', async () => {
      const first = await holder.call('vault-create', { blinded: blinded() });
      expect(await guess()).to.equal('vault-version');
      const second = await holder.call('vault-create', { blinded: blinded() });
      expect(second.version).to.equal(2);
      expect(toHex(second.key)).not.to.equal(toHex(first.key));
      expect(await holder.codeOf('vault-register', { version: 1, check })).to.equal('vault-version');
      await holder.call('vault-register', { version: 2, check });
      await holder.call('vault-register', { version: 2, check });
      expect(await holder.codeOf('vault-register', { version: 2, check: bytesOf(32) })).to.equal('vault-version');
      expect(await holder.codeOf('vault-create', { blinded: blinded() })).to.equal('vault-exists');
    });

    it('delay from the fifth failure and are destroyed at ten', async () => {
      await enrolled();
      const waits: number[] = [];
      for (let left = 9; left >= 0; left--) {
        const answer = await holder.call('vault-evaluate', { version: 1, blinded: blinded() });
        expect(answer.left).to.equal(left);
        const wait = left === 0 ? 0 : await waitOf(holder);
        waits.push(wait / MINUTE);
        if (wait > 0) {
          now += wait - 1;
          expect(await guess()).to.equal('vault-delayed');
          now += 1;
        }
      }
      expect(waits).to.deep.equal([0, 0, 0, 0, 1, 5, 15, 15, 60, 0]);
      now += 24 * 60 * MINUTE;
      expect(await guess()).to.equal('vault-unknown');
      expect(await holder.codeOf('vault-prove', { version: 1, tag, evaluation: bytesOf(16) })).to.equal(
        'vault-unknown',
      );
    });

    it('delay who has registered a key of the owner’s for himself as anybody', async () => {
      await enrolled();
      // The owner is about to register it. Who has copied the disk is faster, and can prove what he evaluates under it.
      const { version } = await holder.call('vault-renew', { version: 1, tag, blinded: blinded() });
      const own = bytesOf(32);
      await holder.call('vault-register', { version, check: tagCheckOf(own) });
      for (let guessed = 1; guessed <= 5; guessed++) {
        const { evaluation } = await holder.call('vault-evaluate', { version, blinded: blinded() });
        // With the one that can be proven there are five already.
        const code = await guess();
        expect(code).to.equal(guessed < 5 ? 'ok' : 'vault-delayed');
        await holder.call('vault-prove', { version, tag: own, evaluation });
      }
      now += MINUTE;
      expect(await guess()).to.equal('ok');
      const { evaluation } = await holder.call('vault-evaluate', { version, blinded: blinded() }).catch(() => {
        now += MINUTE;
        return holder.call('vault-evaluate', { version, blinded: blinded() });
      });
      await holder.call('vault-prove', { version, tag: own, evaluation });
      expect(await guess()).to.equal('vault-delayed');
      // The owner waits for nobody once these keys are given up.
      await holder.call('vault-retire', { version, tag: own });
      expect(await guess(version)).to.equal('ok');
    });

    it('evaluate exactly as often as they counted when a hundred ask at once', async () => {
      await world.stop();
      const wide = { burst: 1_000, perMinute: 0 };
      await start({ rates: { addressEvaluations: wide, addressRequests: wide }, requestsAtOnce: 200 });
      await enrolled();
      const element = blinded();
      const ask = (): Promise<string> => holder.codeOf('vault-evaluate', { version: 1, blinded: element });
      const all = async (count: number): Promise<number> =>
        (await Promise.all(Array.from({ length: count }, ask))).filter((code) => code === 'ok').length;
      // The fifth makes the others wait; each hour lets one more in, until there are ten.
      expect(await all(100)).to.equal(5);
      for (let hours = 0; hours < 5; hours++) {
        now += 60 * MINUTE;
        expect(await all(4)).to.equal(1);
      }
      expect(await all(4)).to.equal(0);
    }).timeout(60_000);

    it('take back the proven evaluation alone, once', async () => {
      await enrolled();
      await guesses(3);
      const { evaluation } = await holder.call('vault-evaluate', { version: 1, blinded: blinded() });
      expect(await holder.codeOf('vault-prove', { version: 1, tag: bytesOf(32), evaluation })).to.equal('vault-tag');
      await holder.call('vault-prove', { version: 1, tag, evaluation });
      await holder.call('vault-prove', { version: 1, tag, evaluation });
      // Three failures of somebody else stay: this is the fourth.
      const next = await holder.call('vault-evaluate', { version: 1, blinded: blinded() });
      expect(next.left).to.equal(6);
    });

    it('let the tenth be proven within a minute, but not guessed once more', async () => {
      await enrolled();
      await guesses(9);
      const { evaluation, left } = await holder.call('vault-evaluate', { version: 1, blinded: blinded() });
      expect(left).to.equal(0);
      expect(await guess()).to.equal('vault-exhausted');
      now += MINUTE - 1;
      await holder.call('vault-prove', { version: 1, tag, evaluation });
      now += DAY;
      expect(await guess()).to.equal('ok');
    });

    it('grant no eleventh guess by way of a second key', async () => {
      await enrolled();
      await guesses(9);
      const { evaluation } = await holder.call('vault-evaluate', { version: 1, blinded: blinded() });
      await holder.call('vault-prove', { version: 1, tag, evaluation });
      const renewed = await holder.call('vault-renew', { version: 1, tag, blinded: blinded() });
      expect(renewed.version).to.equal(2);
      await holder.call('vault-register', { version: 2, check: tagCheckOf(bytesOf(32)) });
      // The owner's program died here: both keys live, and nine of ten are used up.
      now += DAY;
      expect(await guess(1)).to.equal('ok');
      expect(await guess(2)).to.equal('vault-exhausted');
      now += MINUTE;
      expect(await guess(2)).to.equal('vault-unknown');
    });

    it('renew, and give up every key but the proven one', async () => {
      await enrolled();
      await guesses(4);
      expect(await holder.codeOf('vault-renew', { version: 1, tag: bytesOf(32), blinded: blinded() })).to.equal(
        'vault-tag',
      );
      const { version } = await holder.call('vault-renew', { version: 1, tag, blinded: blinded() });
      expect(await guess(version)).to.equal('vault-version');
      const newer = bytesOf(32);
      await holder.call('vault-register', { version, check: tagCheckOf(newer) });
      expect(await holder.codeOf('vault-retire', { version, tag })).to.equal('vault-tag');
      await holder.call('vault-retire', { version, tag: newer });
      await holder.call('vault-retire', { version, tag: newer });
      expect(await guess(1)).to.equal('vault-version');
      expect((await holder.call('vault-evaluate', { version, blinded: blinded() })).left).to.equal(9);
      const third = await holder.call('vault-renew', { version, tag: newer, blinded: blinded() });
      const fourth = await holder.call('vault-renew', { version, tag: newer, blinded: blinded() });
      expect([third.version, fourth.version]).to.deep.equal([3, 4]);
      expect(await holder.codeOf('vault-register', { version: 3, check })).to.equal('vault-version');
    });

    it('take calls of their own key, for this connection and this relay alone', async () => {
      await enrolled();
      const fields = { version: 1, blinded: blinded() };
      expect(await holder.codeOf('vault-evaluate', fields, { nonce: bytesOf(32) })).to.equal('vault-call-refused');
      expect(await holder.codeOf('vault-evaluate', fields, { relay: 'wss://other.example' })).to.equal(
        'vault-call-refused',
      );
      const thief = await Holder.connect(world);
      expect(await thief.codeOf('vault-evaluate', fields)).to.equal('vault-unknown');
      const key = await nobleCrypto.signingKey(holder.seed);
      const { client, nonce } = thief;
      const [bytes, signature] = await signVaultCall(nobleCrypto, holder.seed, {
        ...{ op: 'vault-evaluate', relay: client.origin, nonce, fields },
      });
      expect(await client.codeOf('vault-evaluate', { signed: [bytes, signature.map((b) => b ^ 1)] })).to.equal(
        'vault-call-refused',
      );
      // A call of one kind is none of another.
      expect(await client.codeOf('vault-renew', { signed: [bytes, signature] })).to.equal('vault-call-refused');
      expect(await client.codeOf('vault-evaluate', { signed: [bytes, signature] })).to.equal('ok');
      expect(bytes.join()).to.include(key.join());
      // Seen on that connection, repeated on another.
      const listener = await world.connect();
      expect(await listener.codeOf('vault-evaluate', { signed: [bytes, signature] })).to.equal('vault-call-refused');
    });

    it('refuse what is no element before it counts', async () => {
      await enrolled();
      for (const wrong of [new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
        expect(await holder.codeOf('vault-evaluate', { version: 1, blinded: wrong })).to.equal('vault-call-refused');
        expect(await holder.codeOf('vault-renew', { version: 1, tag, blinded: wrong })).to.equal('vault-call-refused');
      }
      expect((await holder.call('vault-evaluate', { version: 1, blinded: blinded() })).left).to.equal(9);
    });

    it('are destroyed when asked, and after a year without use', async () => {
      await enrolled();
      await holder.call('vault-destroy', {});
      await holder.call('vault-destroy', {});
      expect(await guess()).to.equal('vault-unknown');
      await enrolled();
      now += 399 * DAY;
      expect(await guess()).to.equal('ok');
      now += 400 * DAY;
      expect(await guess()).to.equal('vault-unknown');
    });

    it('are forgotten after an hour if nothing was registered', async () => {
      await holder.call('vault-create', { blinded: blinded() });
      now += 60 * MINUTE;
      expect(await holder.codeOf('vault-register', { version: 1, check })).to.equal('vault-unknown');
    });

    it('are bounded in number, for each address and in all', async () => {
      await world.stop();
      await start({ vaults: 2, rates: { addressNewVaults: { burst: 4, perMinute: 0 } } });
      const create = async (): Promise<string> => {
        const one = await Holder.connect(world);
        return one.codeOf('vault-create', { blinded: blinded() });
      };
      expect([await create(), await create(), await create()]).to.deep.equal(['ok', 'ok', 'quota']);
      expect([await create(), await create()]).to.deep.equal(['quota', 'rate-limited']);
    });

    if (durable) {
      it('count before they evaluate, so that a restart forgets no guess', async () => {
        await enrolled();
        await guesses(3);
        await world.restart();
        holder = await Holder.connect(world, holder.seed);
        expect((await holder.call('vault-evaluate', { version: 1, blinded: blinded() })).left).to.equal(6);
      });
    }
  });
}
