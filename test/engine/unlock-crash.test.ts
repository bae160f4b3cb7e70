import { expect } from 'chai';
import fc from 'fast-check';
import { DrivenClock, settled } from '../../src/adapters/memory/driven-clock.ts';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { toHex } from '../../src/bytes/text.ts';
import { openVault, type OpenVault } from '../../src/engine/unlock.ts';
import { realRandom } from '../support/random.ts';
import { Crash } from '../support/crash.ts';
import { TicketRelay } from '../support/ticket-relay.ts';

const DAY = 24 * 3_600_000;

/** One profile whose tabs crash. */
class Profile {
  readonly clock = new DrivenClock();
  readonly relay = new TicketRelay(this.clock);
  disk = new MemoryDisk();
  /** The master key, once an opening has succeeded. */
  vmk: string | null = null;

  /** Opens in a tab that may crash on the way; null if it did. Nobody else has locks: the others are gone. */
  async open(crash = new Crash(Infinity, 'after')): Promise<OpenVault | null> {
    const ports = {
      records: crash.records(this.disk),
      locks: memoryLocks(),
      clock: this.clock,
      random: realRandom,
    };
    let vault: OpenVault | null = null;
    let failure: unknown = null;
    openVault({ ports, tickets: crash.tickets(this.relay), kind: 'guest' }).then(
      (opened) => (vault = opened),
      (error: unknown) => (failure = error),
    );
    await settled();
    if (failure !== null) throw failure as Error;
    return vault;
  }

  /** Opens without a crash and checks that it is the vault it was. */
  async mustOpen(): Promise<void> {
    const vault = await this.open();
    if (vault === null) throw new Error('the vault did not open');
    const vmk = toHex(vault.keys.masterKey());
    if (this.vmk !== null) expect(vmk).to.equal(this.vmk);
    expect(vault.created).to.equal(this.vmk === null ? vault.created : false);
    this.vmk = vmk;
    vault.lock();
  }

  /** A tab that crashes; whether it did. */
  async crash(crash: Crash, loseLastWrite: boolean): Promise<boolean> {
    const vault = await this.open(crash);
    if (vault !== null) {
      const vmk = toHex(vault.keys.masterKey());
      if (this.vmk !== null) expect(vmk).to.equal(this.vmk);
      // Only what was used can be missed: a first vault whose only write is lost was never there.
      if (this.vmk !== null || !loseLastWrite) this.vmk = vmk;
      vault.lock();
    }
    if (loseLastWrite && crash.beforeLastWrite !== null) this.disk = crash.beforeLastWrite;
    return crash.happened;
  }
}

const outcomes = [
  { when: 'before', loseLastWrite: false },
  { when: 'after', loseLastWrite: false },
  { when: 'after', loseLastWrite: true },
] as const;

/** Runs the story with a crash at each of its steps in turn. */
async function atEveryStep(
  prepare: (profile: Profile) => Promise<void>,
  then: (profile: Profile) => Promise<void>,
): Promise<number> {
  let crashes = 0;
  for (const { when, loseLastWrite } of outcomes) {
    for (let step = 0; ; step++) {
      const profile = new Profile();
      await prepare(profile);
      if (!(await profile.crash(new Crash(step, when), loseLastWrite))) break;
      crashes++;
      await then(profile);
    }
  }
  return crashes;
}

const opensEverAfter = async (profile: Profile): Promise<void> => {
  await profile.mustOpen();
  await profile.mustOpen();
};

describe('a vault whose opening crashes', () => {
  it('opens after a crash at every step of its making', async () => {
    // Put, commit.
    expect(await atEveryStep(async () => undefined, opensEverAfter)).to.equal(2 * outcomes.length);
  });

  it('opens after a crash at every step of its first reopening', async () => {
    // Read, put, two commits, drop.
    expect(await atEveryStep((profile) => profile.mustOpen(), opensEverAfter)).to.equal(5 * outcomes.length);
  });

  it('opens after a crash at every step of a later reopening', async () => {
    // As above and one more drop: what was spent before is dropped again.
    const later = async (profile: Profile): Promise<void> => {
      await profile.mustOpen();
      await profile.mustOpen();
    };
    expect(await atEveryStep(later, opensEverAfter)).to.equal(6 * outcomes.length);
  });

  it('opens after two crashes at any steps', async () => {
    let crashes = 0;
    for (const { when, loseLastWrite } of outcomes) {
      for (let second = 0; second < 8; second++) {
        crashes += await atEveryStep(
          (profile) => profile.mustOpen(),
          async (profile) => {
            await profile.crash(new Crash(second, when), loseLastWrite);
            await opensEverAfter(profile);
          },
        );
      }
    }
    expect(crashes).to.equal(outcomes.length * 8 * 5 * outcomes.length);
  }).timeout(60_000);

  it('opens after any row of crashes, days apart', async () => {
    const crash = fc.record({ step: fc.nat(9), outcome: fc.constantFrom(...outcomes), hours: fc.nat(6 * 24) });
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { maxLength: 8 }), async (crashes) => {
        const profile = new Profile();
        await profile.mustOpen();
        // A crash before the new ticket is stored does not prolong the old one.
        let sinceOpened = 0;
        for (const { step, outcome, hours } of crashes) {
          if (sinceOpened + hours * 3_600_000 >= 7 * DAY) {
            await profile.mustOpen();
            sinceOpened = 0;
          }
          await profile.clock.advance(hours * 3_600_000);
          sinceOpened += hours * 3_600_000;
          await profile.crash(new Crash(step, outcome.when), outcome.loseLastWrite);
        }
        await profile.mustOpen();
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it('leaves no old ticket at the relay that was ever in the store, once it was opened again twice', async () => {
    await atEveryStep(
      async (profile) => {
        await profile.mustOpen();
        await profile.mustOpen();
      },
      async (profile) => {
        const old = profile.disk.copy();
        await profile.mustOpen();
        await profile.mustOpen();
        const thief = new Profile();
        thief.disk = old;
        for (const [id, ticket] of profile.relay.held) thief.relay.held.set(id, ticket);
        let code = 'opened';
        await thief.open().catch((error: { code: string }) => (code = error.code));
        expect(code).to.equal('vault-lost');
      },
    );
  });
});
