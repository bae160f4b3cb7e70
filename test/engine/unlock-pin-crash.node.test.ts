import { expect } from 'chai';
import type { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { toHex } from '../../src/bytes/text.ts';
import { codeOf } from '../../src/errors.ts';
import { pinSlotCodec } from '../../src/vault/pin-slot.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { slotKeyOf } from '../../src/vault/slot.ts';
import { Crash } from '../support/crash.ts';
import { PinProfile, type Program } from '../support/pin-profile.ts';

const PIN = '493817';
const NEXT = '160425';
const HOUR = 3_600_000;
/** How many writes a power cut takes back; 0: the program alone dies. A crash before an effect leaves what one after the effect before it leaves. */
const LOSSES = [0, 1, 2];
/** Of two crashes each takes nothing or the most: what one write less leaves is as after a later step. */
const PAIR_LOSSES = [0, 2];

const unlock: Program = (vault) => vault.unlock(PIN);
const change: Program = (vault) => vault.change(PIN, NEXT, LEAST_STRETCH);

/** A vault with a guest's ticket. */
async function guestProfile(): Promise<PinProfile> {
  const profile = new PinProfile();
  await profile.guest();
  return profile;
}

/** A vault with a PIN, unlocked once. */
async function pinProfile(): Promise<PinProfile> {
  const profile = await guestProfile();
  await enrol(profile, new Crash(Infinity, 'after'), 0);
  await profile.run(new Crash(Infinity, 'after'), 0, unlock);
  return profile;
}

async function enrol(profile: PinProfile, crash: Crash, lost: number): Promise<boolean> {
  const keys = await profile.guest();
  return profile.run(crash, lost, (vault) => vault.enrol(keys, PIN, LEAST_STRETCH));
}

/** Crashes after each effect in turn, with each loss; gives how many crashes there were. */
async function atEveryStep(
  start: PinProfile,
  crashing: (profile: PinProfile, crash: Crash, lost: number) => Promise<boolean>,
  then: (profile: PinProfile) => Promise<void>,
  losses: readonly number[] = LOSSES,
): Promise<number> {
  let crashes = 0;
  for (const lost of losses) {
    for (let step = 0; ; step++) {
      const profile = await start.copy();
      if (!(await crashing(profile, new Crash(step, 'after'), lost))) break;
      crashes++;
      await then(profile);
    }
  }
  return crashes;
}

const running =
  (program: Program) =>
  (profile: PinProfile, crash: Crash, lost: number): Promise<boolean> =>
    profile.run(crash, lost, program);

/** Opens, and then again: the second opening finds what the first has made. */
const opensEverAfter = async (profile: PinProfile): Promise<void> => {
  const pin = await profile.mustOpen(PIN, NEXT);
  if (pin !== 'guest') expect(await profile.mustOpen(pin)).to.equal(pin);
};

/** Opens, with whichever PIN is right. */
const opens = async (profile: PinProfile): Promise<void> => {
  await profile.mustOpen(PIN, NEXT);
};

async function saltOf({ disk }: PinProfile): Promise<string> {
  const row = await disk.open().get('vault', slotKeyOf('pin'));
  return row === undefined ? '' : toHex(pinSlotCodec.decode(row.bytes).salt);
}

/** How often a thief who has these disks gets an answer, however long he waits between two guesses. */
async function guessesOf(profile: PinProfile, disks: readonly MemoryDisk[]): Promise<number> {
  let answered = 0;
  for (const disk of disks) {
    const thief = await profile.copy();
    thief.disk = disk.copy();
    thief.relay = profile.relay;
    for (let i = 0; i < 12; i++) {
      await thief.clock.advance(2 * HOUR);
      const before = profile.relay.evaluations.length;
      const code = await thief
        .vault()
        .unlock(String(100_000 + i))
        .then(() => 'opened', codeOf);
      expect(code).to.be.oneOf(['vault-pin-wrong', 'vault-lost']);
      answered += profile.relay.evaluations.length - before;
      if (code === 'vault-lost') break;
    }
  }
  return answered;
}

describe('a vault with a PIN whose programs crash', () => {
  it('opens after a crash at every step of the enrolment, whatever is lost', async () => {
    // Create, register, three commits, and the drops of the ticket and of the one before it.
    const crashes = await atEveryStep(await guestProfile(), enrol, opensEverAfter);
    expect(crashes).to.equal(7 * LOSSES.length);
  }).timeout(60_000);

  it('opens after a crash at every step of unlocking, whatever is lost', async () => {
    // Evaluate, prove, renew, register, three commits, retire.
    expect(await atEveryStep(await pinProfile(), running(unlock), opensEverAfter)).to.equal(8 * LOSSES.length);
  }).timeout(60_000);

  it('opens with one of both PINs after a crash at every step of a change, whatever is lost', async () => {
    expect(await atEveryStep(await pinProfile(), running(change), opensEverAfter)).to.equal(8 * LOSSES.length);
  }).timeout(60_000);

  const pairs: readonly [string, Program, (pin: string) => Program][] = [
    ['unlocking and of the next unlocking', unlock, (pin) => (vault) => vault.unlock(pin)],
    ['unlocking and of a change', unlock, (pin) => (vault) => vault.change(pin, NEXT, LEAST_STRETCH)],
    ['a change and of unlocking', change, (pin) => (vault) => vault.unlock(pin)],
  ];
  for (const [name, first, second] of pairs) {
    it(`opens after crashes at any two steps of ${name}`, async () => {
      const start = await pinProfile();
      const salt = await saltOf(start);
      let crashes = 0;
      const twice = async (once: PinProfile): Promise<void> => {
        const pin = (await saltOf(once)) === salt ? PIN : NEXT;
        crashes += await atEveryStep(once, running(second(pin)), opens, PAIR_LOSSES);
      };
      await atEveryStep(start, running(first), twice, PAIR_LOSSES);
      expect(crashes).to.be.at.least((8 * PAIR_LOSSES.length) ** 2);
    }).timeout(300_000);
  }

  it('opens after crashes at any two steps of the enrolment and of what follows', async () => {
    let crashes = 0;
    const twice = async (once: PinProfile): Promise<void> => {
      const isGuest = (await once.disk.open().get('vault', slotKeyOf('guest'))) !== undefined;
      crashes += await atEveryStep(once, isGuest ? enrol : running(unlock), opens, PAIR_LOSSES);
    };
    await atEveryStep(await guestProfile(), enrol, twice, PAIR_LOSSES);
    expect(crashes).to.be.at.least((7 * PAIR_LOSSES.length) ** 2);
  }).timeout(300_000);

  it('gives a thief of every disk there ever was at most ten guesses after any crash', async () => {
    for (const program of [unlock, change]) {
      await atEveryStep(
        await pinProfile(),
        running(program),
        async (profile) => {
          const disks = [profile.disk, ...profile.history.slice(-4)];
          const seen = new Map<number, MemoryDisk>();
          for (const disk of disks) {
            const row = await disk.open().get('vault', slotKeyOf('pin'));
            if (row !== undefined) seen.set(pinSlotCodec.decode(row.bytes).version, disk);
          }
          expect(seen.size).to.be.at.least(1);
          expect(await guessesOf(profile, [...seen.values()])).to.be.at.most(10);
        },
        PAIR_LOSSES,
      );
    }
  }).timeout(300_000);
});
