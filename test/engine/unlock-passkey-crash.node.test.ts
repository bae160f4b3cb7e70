import { expect } from 'chai';
import type { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { readSlots } from '../../src/engine/vault-slots.ts';
import { codeOf } from '../../src/errors.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import type { VaultKeys } from '../../src/vault/vault-keys.ts';
import { Crash } from '../support/crash.ts';
import { PinProfile, type Program } from '../support/pin-profile.ts';

const PIN = '493817';
const NEXT = '160425';
const HOUR = 3_600_000;
const NEVER = new Crash(Infinity, 'after');
/** How many writes a power cut takes back; 0: the program alone dies. */
const LOSSES = [0, 1, 2];
const PAIR_LOSSES = [0, 2];

/** What a program does with the keys of an open vault. */
type WithKeys = (keys: VaultKeys) => Program;
const addPasskey: WithKeys = (keys) => async (_, passkey) => {
  await passkey.enrol(keys, 'Test');
};
const setPin: WithKeys = (keys) => (pin) => pin.enrol(keys, PIN, LEAST_STRETCH);
const resetPin: WithKeys = (keys) => (pin) => pin.replace(keys, NEXT, LEAST_STRETCH);
const removePasskey: WithKeys = () => (_, passkey) => passkey.remove();
const byPasskey: WithKeys = () => (_, passkey) => passkey.unlock();
const byPin =
  (pin: string): WithKeys =>
  () =>
  (vault) =>
    vault.unlock(pin);

async function profileWith(...programs: readonly WithKeys[]): Promise<PinProfile> {
  const profile = new PinProfile();
  await profile.guest();
  for (const program of programs) {
    expect(await profile.run(NEVER, 0, program(profile.keys()))).to.equal(false);
  }
  return profile;
}

/** Crashes after each effect in turn, with each loss; gives how many crashes there were. */
async function atEveryStep(
  start: PinProfile,
  program: WithKeys,
  then: (profile: PinProfile) => Promise<void>,
  losses: readonly number[] = LOSSES,
): Promise<number> {
  let crashes = 0;
  for (const lost of losses) {
    for (let step = 0; ; step++) {
      const profile = await start.copy();
      if (!(await profile.run(new Crash(step, 'after'), lost, program(profile.keys())))) break;
      crashes++;
      await then(profile);
    }
  }
  return crashes;
}

/** Opens by everything that is stored: each of it must open, and there must be something. Gives what there is. */
async function opensByAll(profile: PinProfile): Promise<string> {
  const { guest, pin, passkey } = await readSlots(profile.disk.open());
  if (guest !== null) await profile.guest();
  if (passkey !== null) expect(await profile.opensByPasskey()).to.equal(true);
  if (pin !== null) expect(await profile.mustOpen(PIN, NEXT)).to.be.oneOf([PIN, NEXT]);
  const all = [
    ...(guest === null ? [] : ['guest']),
    ...(pin === null ? [] : ['pin']),
    ...(passkey === null ? [] : ['passkey']),
  ];
  expect(all).not.to.have.length(0);
  return all.join();
}

const opensAfter =
  (...allowed: readonly string[]) =>
  async (profile: PinProfile): Promise<void> => {
    expect(await opensByAll(profile)).to.be.oneOf(allowed);
  };

/** Opens, and again: the second opening finds what the first has made. */
const opensEverAfter =
  (...allowed: readonly string[]) =>
  async (profile: PinProfile): Promise<void> => {
    const by = await opensByAll(profile);
    expect(by).to.be.oneOf(allowed);
    expect(await opensByAll(profile)).to.equal(by);
  };

describe('a vault with a passkey whose programs crash', () => {
  const cases: readonly [string, readonly WithKeys[], WithKeys, number, readonly string[]][] = [
    // Three commits, the drop of the ticket, and the commit that forgets its id.
    ['adding it to a guest’s vault', [], addPasskey, 5, ['guest', 'passkey']],
    // Three commits.
    ['adding it beside a PIN', [setPin], addPasskey, 3, ['pin', 'pin,passkey']],
    ['adding another in its place', [addPasskey], addPasskey, 3, ['passkey']],
    ['adding another in its place beside a PIN', [setPin, addPasskey], addPasskey, 3, ['pin,passkey']],
    // Create, register, three commits.
    ['setting a PIN beside it', [addPasskey], setPin, 5, ['passkey', 'pin,passkey']],
    // Create, register, three commits, destroy.
    ['setting another PIN by it', [setPin, byPin(PIN), addPasskey], resetPin, 6, ['pin,passkey']],
    // Evaluate, prove, renew, register, three commits, retire.
    ['unlocking by PIN beside it', [setPin, byPin(PIN), addPasskey], byPin(PIN), 8, ['pin,passkey']],
    ['removing it', [setPin, addPasskey], removePasskey, 1, ['pin', 'pin,passkey']],
  ];
  for (const [name, before, program, effects, allowed] of cases) {
    it(`opens by everything that is stored after a crash at every step of ${name}, whatever is lost`, async () => {
      const crashes = await atEveryStep(await profileWith(...before), program, opensEverAfter(...allowed));
      expect(crashes).to.equal(effects * LOSSES.length);
    }).timeout(120_000);
  }

  it('opens after crashes at any two steps of adding it to a guest’s vault and of what follows', async () => {
    let crashes = 0;
    const twice = async (once: PinProfile): Promise<void> => {
      const { guest } = await readSlots(once.disk.open());
      const next = guest === null ? byPasskey : addPasskey;
      crashes += await atEveryStep(once, next, opensAfter('guest', 'passkey'), PAIR_LOSSES);
    };
    await atEveryStep(await profileWith(), addPasskey, twice, PAIR_LOSSES);
    expect(crashes).to.be.at.least(60);
  }).timeout(300_000);

  it('opens after crashes at any two steps of adding it and of setting a PIN', async () => {
    let crashes = 0;
    const twice = async (once: PinProfile): Promise<void> => {
      crashes += await atEveryStep(once, setPin, opensAfter('guest', 'passkey', 'pin', 'pin,passkey'), PAIR_LOSSES);
    };
    await atEveryStep(await profileWith(), addPasskey, twice, PAIR_LOSSES);
    expect(crashes).to.be.at.least(100);
  }).timeout(300_000);

  const pairs: readonly [string, WithKeys, WithKeys][] = [
    ['setting another PIN by it, and once more', resetPin, (keys) => (pin) => pin.replace(keys, PIN, LEAST_STRETCH)],
    [
      'setting another PIN by it and of unlocking by PIN',
      resetPin,
      () => async (pin) => {
        try {
          return await pin.unlock(NEXT);
        } catch (error) {
          if (codeOf(error) !== 'vault-pin-wrong') throw error;
          return pin.unlock(PIN);
        }
      },
    ],
  ];
  for (const [name, first, second] of pairs) {
    it(`opens after crashes at any two steps of ${name}`, async () => {
      const start = await profileWith(setPin, byPin(PIN), addPasskey);
      let crashes = 0;
      const twice = async (once: PinProfile): Promise<void> => {
        crashes += await atEveryStep(once, second, opensAfter('pin,passkey'), PAIR_LOSSES);
      };
      await atEveryStep(start, first, twice, PAIR_LOSSES);
      expect(crashes).to.be.at.least(100);
    }).timeout(300_000);
  }

  it('leaves a thief of every disk ten guesses at the new PIN, and none at the old one once it was replaced', async () => {
    const start = await profileWith(setPin, byPin(PIN), addPasskey);
    const old = start.disk.copy();
    const guessesOf = async (profile: PinProfile, disk: MemoryDisk): Promise<number> => {
      const thief = await profile.copy();
      thief.disk = disk.copy();
      thief.relay = profile.relay;
      const before = profile.relay.evaluations.length;
      for (let i = 0; i < 12; i++) {
        await thief.clock.advance(2 * HOUR);
        const code = await thief
          .vault()
          .unlock(String(100_000 + i))
          .then(() => 'opened', codeOf);
        expect(code).to.be.oneOf(['vault-pin-wrong', 'vault-lost']);
      }
      return profile.relay.evaluations.length - before;
    };
    const done = await start.copy();
    await done.run(NEVER, 0, resetPin(done.keys()));
    expect(await guessesOf(done, old)).to.equal(0);
    expect(await guessesOf(done, done.disk)).to.equal(10);
    // Broken off, both PINs live at the relay, each with its own ten.
    await atEveryStep(
      start,
      resetPin,
      async (profile) => {
        expect(await guessesOf(profile, old)).to.be.at.most(10);
        expect(await guessesOf(profile, profile.disk)).to.be.at.most(10);
      },
      PAIR_LOSSES,
    );
  }).timeout(120_000);

  it('leaves no ticket at the relay once it was opened by passkey, wherever it crashed', async () => {
    await atEveryStep(await profileWith(), addPasskey, async (profile) => {
      if (!(await profile.opensByPasskey().catch(() => false))) return;
      expect(profile.tickets.held.size).to.equal(0);
    });
  });
});
