import { argon2id } from '@noble/hashes/argon2.js';
import { expect } from 'chai';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { ChatError, codeOf } from '../../src/errors.ts';
import type { PinVault } from '../../src/engine/unlock-pin.ts';
import { openVault } from '../../src/engine/unlock.ts';
import type { VaultAccess } from '../../src/engine/vault-access.ts';
import { evaluateBlinded, voprfKeyFrom } from '../../src/relay/voprf.ts';
import { pinSlotCodec, type PinSlot } from '../../src/vault/pin-slot.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { slotKeyOf } from '../../src/vault/slot.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { PinProfile } from '../support/pin-profile.ts';
import { realRandom } from '../support/random.ts';

const PIN = '493817';
const WRONG = '000000';
const HOUR = 3_600_000;
const PIN_KEY = slotKeyOf('pin');

describe('a vault with a PIN', () => {
  let profile: PinProfile;
  let vault: PinVault;

  beforeEach(async () => {
    profile = new PinProfile();
    const keys = await profile.guest();
    vault = profile.vault();
    await vault.enrol(keys, PIN, LEAST_STRETCH);
  });

  const slot = async (): Promise<PinSlot> => {
    const row = await profile.disk.open().get('vault', PIN_KEY);
    if (row === undefined) throw new Error('no slot');
    return pinSlotCodec.decode(row.bytes);
  };
  const rewrite = async (change: Partial<PinSlot>): Promise<void> => {
    const store = profile.disk.open();
    const row = await store.get('vault', PIN_KEY);
    const bytes = pinSlotCodec.encode({ ...(await slot()), ...change });
    const version = row?.version ?? 0;
    await store.commit([{ table: 'vault', key: PIN_KEY, expects: version, record: { version: version + 1, bytes } }]);
  };
  const failure = async (work: () => Promise<unknown>): Promise<ChatError> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof ChatError) return error;
      throw error;
    }
    throw new Error('it succeeded');
  };

  it('opens with the PIN, each time under another key of the relay, and no ticket is left', async () => {
    expect(profile.tickets.held.size).to.equal(0);
    const versions: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { keys, problem } = await vault.unlock(PIN);
      expect(problem).to.equal(null);
      expect(keys.erased).to.equal(false);
      versions.push((await slot()).version);
      expect(await profile.relay.versions()).to.deep.equal([versions.at(-1)]);
    }
    expect(versions).to.deep.equal([2, 3, 4]);
    await profile.mustOpen(PIN);
  });

  it('does not open as a guest, before and after, and is not taken for damaged', async () => {
    expect(await codeOfThrow(() => profile.guest())).to.equal('vault-locked');
    const keys = (await vault.unlock(PIN)).keys;
    expect(await codeOfThrow(() => vault.enrol(keys, PIN, LEAST_STRETCH))).to.equal('vault-pin-exists');
  });

  it('ends the renewal of the ticket in a tab that had opened it as a guest', async () => {
    const other = new PinProfile();
    const ports = { records: other.disk.open(), locks: memoryLocks(), clock: other.clock, random: realRandom };
    const errors: unknown[] = [];
    const open = await openVault({
      ...{ ports, tickets: other.tickets, kind: 'guest' },
      onRenewalError: (error) => errors.push(error),
    });
    await other.vault().enrol(open.keys, PIN, LEAST_STRETCH);
    await other.clock.advance(25 * HOUR);
    expect(errors).to.deep.equal([]);
    expect(other.tickets.held.size).to.equal(0);
    expect(other.clock.timers).to.equal(0);
    open.lock();
  });

  it('says how many tries are left, and sends the same wrong PIN once', async () => {
    const first = await failure(() => vault.unlock(WRONG));
    expect([first.code, first.details['left']]).to.deep.equal(['vault-pin-wrong', 9]);
    const again = await failure(() => vault.unlock(WRONG));
    expect([again.code, again.details['left']]).to.deep.equal(['vault-pin-wrong', 9]);
    expect(profile.relay.evaluations).to.have.length(1);
    // In memory alone: another tab asks again.
    const elsewhere = await failure(() => profile.vault().unlock(WRONG));
    expect(elsewhere.details['left']).to.equal(8);
    expect(profile.relay.evaluations).to.have.length(2);
  });

  it('leaves nothing in memory that stands for a PIN', async () => {
    const made: Uint8Array[] = [];
    const watched = profile.vault(undefined, undefined, async (pin, salt) => {
      const bytes = argon2id(utf8(pin), salt, { m: 8, t: 1, p: 1, dkLen: 32 });
      made.push(bytes);
      return bytes;
    });
    await failure(() => watched.unlock(WRONG));
    const { keys } = await watched.unlock(PIN);
    await watched.change(PIN, '628405', LEAST_STRETCH);
    await profile.passkey().enrol(keys, 'Example');
    await watched.replace(keys, PIN, LEAST_STRETCH);
    expect(made).to.have.length(5);
    for (const bytes of made) expect(bytes).to.deep.equal(new Uint8Array(32));
  });

  it('may be given a PIN that was wrong before', async () => {
    await failure(() => vault.unlock(WRONG));
    await vault.change(PIN, WRONG, LEAST_STRETCH);
    expect((await vault.unlock(WRONG)).problem).to.equal(null);
    expect((await failure(() => vault.unlock(PIN))).code).to.equal('vault-pin-wrong');
  });

  it('waits as long as the relay says, and is lost after ten', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 10; i++) {
      codes.push((await failure(() => vault.unlock(String(100_000 + i)))).code);
      if (i === 4) {
        const delayed = await failure(() => vault.unlock(PIN));
        expect([delayed.code, delayed.details['retryAfter']]).to.deep.equal(['vault-delayed', 60_000]);
      }
      await profile.clock.advance(HOUR);
    }
    expect(codes).to.deep.equal(Array.from({ length: 10 }, () => 'vault-pin-wrong'));
    expect((await failure(() => vault.unlock(PIN))).code).to.equal('vault-lost');
    expect(profile.relay.evaluations).to.have.length(10);
  });

  it('opens with the right PIN at the tenth try, and then has ten again', async () => {
    for (let i = 0; i < 9; i++) {
      await failure(() => vault.unlock(String(100_000 + i)));
      await profile.clock.advance(HOUR);
    }
    expect((await vault.unlock(PIN)).problem).to.equal(null);
    expect((await failure(() => vault.unlock(WRONG))).details['left']).to.equal(9);
  });

  it('does not give a thief of the disk more guesses because the owner unlocks', async () => {
    const thief = await profile.copy();
    thief.relay = profile.relay;
    for (let i = 0; i < 9; i++) {
      await failure(() => thief.vault().unlock(String(100_000 + i)));
      await profile.clock.advance(HOUR);
    }
    await profile.mustOpen(PIN);
    expect((await failure(() => thief.vault().unlock(WRONG))).code).to.equal('vault-lost');
    expect(await profile.mustOpen(PIN)).to.equal(PIN);
  });

  it('does so neither when the owner cannot replace the key', async () => {
    const thief = await profile.copy();
    thief.relay = profile.relay;
    for (let i = 0; i < 9; i++) {
      await failure(() => thief.vault().unlock(String(100_000 + i)));
      await profile.clock.advance(HOUR);
    }
    const refuse = async (): Promise<never> => {
      throw new ChatError('environment', 'relay-timeout', 'no answer');
    };
    const stuck = profile.vault(undefined, { ...access(profile), renew: refuse });
    expect((await stuck.unlock(PIN)).problem?.code).to.equal('vault-offline');
    expect((await failure(() => thief.vault().unlock(WRONG))).details['left']).to.equal(0);
    expect((await failure(() => thief.vault().unlock('111111'))).code).to.equal('vault-lost');
    expect(profile.relay.evaluations).to.have.length(11);
  });

  it('names a relay that evaluates with another key, and does not call the PIN wrong', async () => {
    const other = voprfKeyFrom(realRandom(32));
    const answers: [string, VaultAccess['evaluate']][] = [
      [
        'another key',
        async (seed, fields) => {
          const answer = await profile.relay.evaluate(seed, fields);
          return { ...answer, ...evaluateBlinded(other, fields.blinded, realRandom) };
        },
      ],
      [
        'a proof that is none',
        async (seed, fields) => ({ ...(await profile.relay.evaluate(seed, fields)), proof: new Uint8Array(64) }),
      ],
    ];
    for (const [name, evaluate] of answers) {
      const deceived = profile.vault(undefined, { ...access(profile), evaluate });
      const error = await failure(() => deceived.unlock(PIN));
      expect([error.code, error.kind], name).to.deep.equal(['vault-relay-fault', 'peer']);
      // Nothing is remembered against the PIN.
      expect((await failure(() => deceived.unlock(PIN))).code, name).to.equal('vault-relay-fault');
    }
    expect(await profile.mustOpen(PIN)).to.equal(PIN);
  });

  it('opens, and names the relay, when it proves nothing for the next key or denies the tag', async () => {
    const renew: VaultAccess['renew'] = async (seed, fields) => ({
      ...(await profile.relay.renew(seed, fields)),
      proof: new Uint8Array(64),
    });
    const prove: VaultAccess['prove'] = async () => {
      throw new ChatError('environment', 'vault-tag', 'refused');
    };
    const old: VaultAccess['renew'] = async (seed, fields) => ({
      ...(await profile.relay.renew(seed, fields)),
      version: 1,
    });
    for (const wrong of [{ renew }, { prove }, { renew: old }]) {
      const { keys, problem } = await profile.vault(undefined, { ...access(profile), ...wrong }).unlock(PIN);
      expect(problem?.code).to.equal('vault-relay-fault');
      expect(keys.erased).to.equal(false);
    }
    expect(await profile.mustOpen(PIN)).to.equal(PIN);
  });

  it('does not open without the relay, and loses nothing by it', async () => {
    const before = await slot();
    profile.relay.offline = true;
    const error = await failure(() => vault.unlock(PIN));
    expect([error.code, error.details['reason']]).to.deep.equal(['vault-offline', 'relay-unreachable']);
    expect((await failure(() => vault.change(PIN, WRONG, LEAST_STRETCH))).code).to.equal('vault-offline');
    expect(await slot()).to.deep.equal(before);
    profile.relay.offline = false;
    expect(await profile.mustOpen(PIN)).to.equal(PIN);
  });

  it('refuses a slot that would have the PIN stretched too little, before it computes or asks anything', async () => {
    for (const stretch of [
      { m: 8, t: 2, p: 1 as const },
      { m: 19_456, t: 1, p: 1 as const },
      { m: 4_194_304, t: 2, p: 1 as const },
    ]) {
      await rewrite({ stretch });
      expect((await failure(() => vault.unlock(PIN))).code).to.equal('vault-parameters');
    }
    expect(profile.relay.evaluations).to.have.length(0);
  });

  it('tells a damaged slot from a wrong PIN, and takes the try back', async () => {
    const { wrapped } = await slot();
    await rewrite({ wrapped: wrapped.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) });
    expect((await failure(() => vault.unlock(PIN))).code).to.equal('vault-damaged');
    expect((await failure(() => vault.unlock(WRONG))).details['left']).to.equal(9);
    await rewrite({ wrapped });
    expect(await profile.mustOpen(PIN)).to.equal(PIN);
  });

  it('does not open beside another slot, or with one that does not decode', async () => {
    const store = profile.disk.open();
    const bytes = new Uint8Array(3);
    await store.commit([{ table: 'vault', key: slotKeyOf('guest'), expects: 0, record: { version: 1, bytes } }]);
    expect((await failure(() => vault.unlock(PIN))).code).to.equal('vault-damaged');
    expect(await codeOfThrow(() => profile.guest())).to.equal('vault-damaged');
    await store.commit([{ table: 'vault', key: slotKeyOf('guest'), expects: 1, record: null }]);
    const version = (await store.get('vault', PIN_KEY))?.version ?? 0;
    await store.commit([{ table: 'vault', key: PIN_KEY, expects: version, record: { version: version + 1, bytes } }]);
    expect((await failure(() => vault.unlock(PIN))).code).to.equal('vault-damaged');
  });

  it('changes its PIN, and the old one is of no use on the disk as it was', async () => {
    const before = await profile.copy();
    before.relay = profile.relay;
    expect((await vault.change(PIN, '160425', LEAST_STRETCH)).problem).to.equal(null);
    expect((await failure(() => vault.change(PIN, '777777', LEAST_STRETCH))).code).to.equal('vault-pin-wrong');
    expect((await failure(() => before.vault().unlock(PIN))).code).to.equal('vault-lost');
    expect(await profile.mustOpen('160425')).to.equal('160425');
  });

  it('forgets everything, here and at the relay, with a damaged slot and offline too', async () => {
    const { seed } = await slot();
    await vault.forget();
    expect(await profile.relay.versions()).to.deep.equal([]);
    expect(codeOf(await failure(() => profile.relay.evaluate(seed, { version: 1, blinded: seed })))).to.equal(
      'vault-unknown',
    );
    const keys = await new PinProfile().guest();
    const other = new PinProfile();
    await other.guest();
    other.relay.offline = true;
    expect(await codeOfThrow(() => other.vault().enrol(keys, PIN, LEAST_STRETCH))).to.equal('vault-not-stored');
    await other.vault().forget();
    expect(await other.disk.open().count('vault', { from: '', to: 'g' })).to.equal(0);
  });

  it('takes no PIN that is none, and none for a vault that is not stored or has none', async () => {
    for (const pin of ['123', '1234567890123', 'abcdef']) {
      expect(await codeOfThrow(() => vault.unlock(pin))).to.equal('pin-malformed');
      expect(await codeOfThrow(() => vault.change(PIN, pin, LEAST_STRETCH))).to.equal('pin-malformed');
    }
    const other = new PinProfile();
    const keys = await other.guest();
    expect(await codeOfThrow(() => other.vault().unlock(PIN))).to.equal('vault-no-pin');
    expect(await codeOfThrow(() => other.vault().enrol(keys, PIN, { m: 8, t: 1, p: 1 }))).to.equal('vault-parameters');
    other.disk = new PinProfile().disk;
    expect(await codeOfThrow(() => other.vault().enrol(keys, PIN, LEAST_STRETCH))).to.equal('vault-not-stored');
  });
});

/** The relay's calls as a plain object, to be replaced one by one. */
function access({ relay }: PinProfile): VaultAccess {
  const { create, renew, register, evaluate, prove, retire, destroy } = relay;
  return { create, renew, register, evaluate, prove, retire, destroy };
}
