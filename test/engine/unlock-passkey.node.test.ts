import { expect } from 'chai';
import { toHex } from '../../src/bytes/text.ts';
import { disconnected } from '../../src/engine/relay-errors.ts';
import type { PasskeyVault } from '../../src/engine/unlock-passkey.ts';
import { readSlots, type StoredSlots } from '../../src/engine/vault-slots.ts';
import { passkeySlotCodec } from '../../src/vault/passkey-slot.ts';
import { pinSlotCodec, type PinSlot } from '../../src/vault/pin-slot.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { guestSlotCodec, slotKeyOf } from '../../src/vault/slot.ts';
import type { VaultKeys } from '../../src/vault/vault-keys.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { PinProfile } from '../support/pin-profile.ts';

const PIN = '493817';
const NEXT = '160425';

type SlotRow = 'guest' | 'pin' | 'passkey' | 'lock';

describe('a vault with a passkey', () => {
  let profile: PinProfile;
  let keys: VaultKeys;
  let passkey: PasskeyVault;

  beforeEach(async () => {
    profile = new PinProfile();
    keys = await profile.guest();
    passkey = profile.passkey();
  });

  const slots = (): Promise<StoredSlots> => readSlots(profile.disk.open());
  const kinds = async (): Promise<string[]> =>
    Object.entries(await slots()).flatMap(([kind, slot]) => (slot === null ? [] : [kind]));
  /** Writes bytes in the place of a slot's; null removes it. */
  const write = async (kind: SlotRow, bytes: Uint8Array | null): Promise<void> => {
    const store = profile.disk.open();
    const expects = (await store.get('vault', slotKeyOf(kind)))?.version ?? 0;
    const record = bytes === null ? null : { version: expects + 1, bytes };
    await store.commit([{ table: 'vault', key: slotKeyOf(kind), expects, record }]);
  };
  const bytesOf = async (kind: SlotRow, of = profile): Promise<Uint8Array> => {
    const row = await of.disk.open().get('vault', slotKeyOf(kind));
    if (row === undefined) throw new Error(`no slot ${kind}`);
    return row.bytes;
  };
  const unlocked = async (by = passkey): Promise<string> => toHex((await by.unlock()).masterKey());

  it('opens in the place of the guest’s ticket, which is gone', async () => {
    await passkey.enrol(keys, 'Support chat');
    expect(await passkey.settling).to.equal(null);
    expect(profile.passkeys.names).to.deep.equal(['Support chat']);
    expect(await kinds()).to.deep.equal(['passkey']);
    expect(profile.tickets.held.size).to.equal(0);
    expect((await slots()).passkey?.slot.spent).to.deep.equal([]);
    expect(await unlocked()).to.equal(profile.vmk);
    expect(await codeOfThrow(() => profile.guest())).to.equal('vault-locked');
    expect(profile.relay.evaluations).to.have.length(0);
  });

  it('is made and opens without the relay, which forgets the tickets as soon as it is there', async () => {
    profile.tickets.offline = true;
    profile.relay.offline = true;
    await passkey.enrol(keys, 'Test');
    expect(await passkey.settling).to.equal(null);
    const before = await slots();
    expect(before.passkey?.slot.spent).to.have.length(1);
    expect(await unlocked()).to.equal(profile.vmk);
    await passkey.settling;
    expect(await slots()).to.deep.equal(before);
    expect(profile.tickets.held.size).to.equal(1);
    profile.tickets.offline = false;
    expect(await unlocked()).to.equal(profile.vmk);
    await passkey.settling;
    expect(profile.tickets.held.size).to.equal(0);
    expect((await slots()).passkey?.slot.spent).to.deep.equal([]);
  });

  it('does not change by being opened', async () => {
    await passkey.enrol(keys, 'Test');
    await passkey.settling;
    const before = await slots();
    await unlocked();
    await passkey.settling;
    expect(await slots()).to.deep.equal(before);
  });

  it('lies beside a PIN, whichever was first, and each opens', async () => {
    await passkey.enrol(keys, 'Test');
    await passkey.settling;
    expect(await profile.vault().enrol(keys, PIN, LEAST_STRETCH)).to.equal(null);
    expect(await kinds()).to.deep.equal(['pin', 'passkey']);
    const before = await bytesOf('passkey');
    expect(await profile.mustOpen(PIN)).to.equal(PIN);
    await profile.vault().change(PIN, NEXT, LEAST_STRETCH);
    expect(await profile.mustOpen(NEXT)).to.equal(NEXT);
    expect(await bytesOf('passkey')).to.deep.equal(before);
    expect(await unlocked()).to.equal(profile.vmk);

    const other = new PinProfile();
    const theirs = await other.guest();
    await other.vault().enrol(theirs, PIN, LEAST_STRETCH);
    await other.passkey().enrol(theirs, 'Test');
    expect(await other.mustOpen(PIN)).to.equal(PIN);
    expect(await unlocked(other.passkey())).to.equal(other.vmk);
  });

  it('takes the place of the one before, which opens nothing any more', async () => {
    await passkey.enrol(keys, 'One');
    const [first = ''] = profile.passkeys.secrets.keys();
    await passkey.enrol(keys, 'Two');
    await passkey.settling;
    expect(toHex((await slots()).passkey?.slot.credential ?? new Uint8Array(0))).not.to.equal(first);
    expect(await unlocked()).to.equal(profile.vmk);
  });

  it('is removed where a PIN is left, and not otherwise', async () => {
    expect(await codeOfThrow(() => passkey.remove())).to.equal('vault-no-passkey');
    expect(await codeOfThrow(() => passkey.unlock())).to.equal('vault-no-passkey');
    profile.tickets.offline = true;
    await passkey.enrol(keys, 'Test');
    await passkey.settling;
    expect(await codeOfThrow(() => passkey.remove())).to.equal('vault-last-slot');
    await profile.vault().enrol(keys, PIN, LEAST_STRETCH);
    await passkey.remove();
    expect(await kinds()).to.deep.equal(['pin']);
    // The guest's ticket, which the relay could not be told of, is the PIN's to drop.
    profile.tickets.offline = false;
    expect(await profile.mustOpen(PIN)).to.equal(PIN);
    expect(profile.tickets.held.size).to.equal(0);
    expect(await codeOfThrow(() => passkey.unlock())).to.equal('vault-no-passkey');
  });

  it('is not made and opens nothing when the user does not want to, or there is no PRF', async () => {
    const before = await slots();
    profile.passkeys.cancels = true;
    expect(await codeOfThrow(() => passkey.enrol(keys, 'Test'))).to.equal('passkey-cancelled');
    profile.passkeys.cancels = false;
    for (const length of [0, 31, 16]) {
      profile.passkeys.outputLength = length;
      expect(await codeOfThrow(() => passkey.enrol(keys, 'Test'))).to.equal('passkey-unsupported');
    }
    expect(await slots()).to.deep.equal(before);
    profile.passkeys.outputLength = 32;
    await passkey.enrol(keys, 'Test');
    profile.passkeys.outputLength = 31;
    expect(await codeOfThrow(() => passkey.unlock())).to.equal('passkey-unsupported');
    profile.passkeys.secrets.clear();
    expect(await codeOfThrow(() => passkey.unlock())).to.equal('passkey-unsupported');
  });

  it('notices what happens in another tab while the user is asked', async () => {
    profile.passkeys.whileAsked = async () => {
      profile.passkeys.whileAsked = async () => undefined;
      await profile.vault().enrol(keys, PIN, LEAST_STRETCH);
    };
    await passkey.enrol(keys, 'Test');
    expect(await kinds()).to.deep.equal(['pin', 'passkey']);
    profile.passkeys.whileAsked = async () => {
      profile.passkeys.whileAsked = async () => undefined;
      await passkey.remove();
    };
    expect(await codeOfThrow(() => passkey.unlock())).to.equal('vault-no-passkey');
    profile.passkeys.whileAsked = async () => keys.erase();
    expect(await codeOfThrow(() => passkey.enrol(keys, 'Test'))).to.equal('vault-locked');
    expect(await kinds()).to.deep.equal(['pin']);
  });

  it('takes the keys of the vault that is stored alone', async () => {
    const theirs = await new PinProfile().guest();
    expect(await codeOfThrow(() => passkey.enrol(theirs, 'Test'))).to.equal('vault-not-stored');
    expect(profile.passkeys.names).to.deep.equal([]);
    await passkey.enrol(keys, 'Test');
    expect(await codeOfThrow(() => profile.vault().enrol(theirs, PIN, LEAST_STRETCH))).to.equal('vault-not-stored');
    expect(await codeOfThrow(() => profile.vault().replace(theirs, PIN, LEAST_STRETCH))).to.equal('vault-not-stored');
  });

  it('stands for a forgotten PIN, whose key the relay destroys', async () => {
    const vault = profile.vault();
    expect(await codeOfThrow(() => vault.replace(keys, NEXT, LEAST_STRETCH))).to.equal('vault-no-pin');
    await vault.enrol(keys, PIN, LEAST_STRETCH);
    expect(await codeOfThrow(() => vault.replace(keys, NEXT, LEAST_STRETCH))).to.equal('vault-no-passkey');
    await passkey.enrol(keys, 'Test');
    const old = await profile.copy();
    old.relay = profile.relay;
    expect(await vault.replace(keys, NEXT, LEAST_STRETCH)).to.equal(null);
    expect(await profile.relay.versions()).to.have.length(1);
    expect(await codeOfThrow(() => old.vault().unlock(PIN))).to.equal('vault-lost');
    expect(await codeOfThrow(() => profile.vault().unlock(PIN))).to.equal('vault-pin-wrong');
    expect(await profile.mustOpen(NEXT)).to.equal(NEXT);
    expect((await slots()).pin?.slot.former).to.equal(null);
    expect(await unlocked()).to.equal(profile.vmk);
    expect(await codeOfThrow(() => vault.enrol(keys, PIN, LEAST_STRETCH))).to.equal('vault-pin-exists');
  });

  it('leaves a PIN as it was that cannot be replaced, and lets no third key of it live', async () => {
    await profile.vault().enrol(keys, PIN, LEAST_STRETCH);
    await passkey.enrol(keys, 'Test');
    profile.relay.offline = true;
    const before = await bytesOf('pin');
    expect(await codeOfThrow(() => profile.vault().replace(keys, NEXT, LEAST_STRETCH))).to.equal('vault-offline');
    expect(await bytesOf('pin')).to.deep.equal(before);
    profile.relay.offline = false;
    const { create, renew, register, evaluate, prove, retire } = profile.relay;
    const destroy = async (): Promise<never> => {
      throw disconnected('no connection');
    };
    const stuck = profile.vault(undefined, { create, renew, register, evaluate, prove, retire, destroy });
    expect(await stuck.replace(keys, NEXT, LEAST_STRETCH)).to.equal(null);
    expect(await profile.relay.versions()).to.have.length(2);
    expect(await codeOfThrow(() => stuck.replace(keys, PIN, LEAST_STRETCH))).to.equal('vault-offline');
    expect(await profile.relay.versions()).to.have.length(2);
    expect(await profile.mustOpen(NEXT)).to.equal(NEXT);
    expect(await profile.relay.versions()).to.have.length(1);
  });

  it('is forgotten with everything else, here and at the relay', async () => {
    profile.tickets.offline = true;
    await passkey.enrol(keys, 'Test');
    await passkey.settling;
    await profile.vault().enrol(keys, PIN, LEAST_STRETCH);
    profile.tickets.offline = false;
    await profile.vault().forget();
    expect(await profile.disk.open().count('vault', { from: '', to: 'g' })).to.equal(0);
    expect(profile.tickets.held.size).to.equal(0);
    expect(await profile.relay.versions()).to.deep.equal([]);
    const guest = new PinProfile();
    await guest.guest();
    await guest.vault().forget();
    expect(guest.tickets.held.size).to.equal(0);
  });

  describe('against who writes to the disk', () => {
    /** What every way to open the vault says. */
    const all = (): Promise<string[]> =>
      Promise.all([
        codeOfThrow(() => passkey.unlock()),
        codeOfThrow(() => profile.vault().unlock(PIN)),
        codeOfThrow(() => profile.guest()),
      ]);
    const DAMAGED = ['vault-damaged', 'vault-damaged', 'vault-damaged'];

    beforeEach(async () => {
      await passkey.enrol(keys, 'Test');
      await passkey.settling;
      await profile.vault().enrol(keys, PIN, LEAST_STRETCH);
    });

    it('is damaged with slots swapped between kinds, and asks neither user nor relay', async () => {
      const pin = await bytesOf('pin');
      const mine = await bytesOf('passkey');
      await write('pin', mine);
      await write('passkey', pin);
      expect(await all()).to.deep.equal(DAMAGED);
      expect(profile.passkeys.uses).to.equal(0);
      expect(profile.relay.evaluations).to.have.length(0);
      await write('pin', pin);
      await write('passkey', mine);
      expect(await unlocked()).to.equal(profile.vmk);
      expect(await profile.mustOpen(PIN)).to.equal(PIN);
    });

    it('is damaged with the slot of another vault beside its own, whichever', async () => {
      const other = new PinProfile();
      const theirs = await other.guest();
      await other.vault().enrol(theirs, PIN, LEAST_STRETCH);
      await other.passkey().enrol(theirs, 'Test');
      for (const kind of ['pin', 'passkey'] as const) {
        const mine = await bytesOf(kind);
        await write(kind, await bytesOf(kind, other));
        expect(await all(), kind).to.deep.equal(DAMAGED);
        await write(kind, mine);
      }
    });

    it('is damaged with a guest’s slot beside it, an unknown row, or rows and no slot; the row of the lock is none', async () => {
      const other = new PinProfile();
      await other.guest();
      await write('guest', await bytesOf('guest', other));
      expect(await all()).to.deep.equal(DAMAGED);
      expect(guestSlotCodec.decode(await bytesOf('guest')).kind).to.equal('guest');
      await write('guest', null);

      const store = profile.disk.open();
      const unknown = { table: 'vault', key: 'ab' } as const;
      await store.commit([{ ...unknown, expects: 0, record: { version: 1, bytes: new Uint8Array(1) } }]);
      expect(await all()).to.deep.equal(DAMAGED);
      await store.commit([{ ...unknown, expects: 1, record: null }]);

      await write('lock', new Uint8Array(3));
      expect(await unlocked()).to.equal(profile.vmk);
      expect(await kinds()).to.deep.equal(['pin', 'passkey']);

      await write('pin', null);
      await write('passkey', null);
      expect(await kinds()).to.deep.equal([]);
      const row = { table: 'self', key: 'ab', expects: 0, record: { version: 1, bytes: new Uint8Array(3) } } as const;
      await store.commit([row]);
      expect(await all()).to.deep.equal(DAMAGED);
    });

    it('computes and asks nothing with parameters below the least or above the most', async () => {
      const slot = pinSlotCodec.decode(await bytesOf('pin'));
      const { m, t } = slot.stretch;
      const wrong: Partial<PinSlot['stretch']>[] = [{ m: m - 1 }, { m: 0 }, { t: t - 1 }, { m: 262_145 }, { t: 17 }];
      for (const change of wrong) {
        await write('pin', pinSlotCodec.encode({ ...slot, stretch: { ...slot.stretch, ...change } }));
        let computed = 0;
        const vault = profile.vault(undefined, undefined, async () => {
          computed++;
          return new Uint8Array(32);
        });
        expect(await codeOfThrow(() => vault.unlock(PIN))).to.equal('vault-parameters');
        expect(computed).to.equal(0);
      }
      expect(profile.relay.evaluations).to.have.length(0);
    });

    it('is damaged with other parameters that would be allowed, at which the right PIN shows that it is none', async () => {
      const slot = pinSlotCodec.decode(await bytesOf('pin'));
      const stretch = { ...slot.stretch, t: slot.stretch.t + 1 };
      await write('pin', pinSlotCodec.encode({ ...slot, stretch }));
      // Stretched as before: the value is the same, but the key is bound to the parameters.
      expect(await codeOfThrow(() => profile.vault().unlock(PIN))).to.equal('vault-damaged');
      await write('pin', pinSlotCodec.encode(slot));
      expect(await profile.mustOpen(PIN)).to.equal(PIN);
    });

    it('is damaged with a passkey’s slot in which anything was changed', async () => {
      const bytes = await bytesOf('passkey');
      const slot = passkeySlotCodec.decode(bytes);
      const flipped = (value: Uint8Array): Uint8Array => value.map((byte, i) => (i === 5 ? byte ^ 1 : byte));
      await write('passkey', passkeySlotCodec.encode({ ...slot, wrapped: flipped(slot.wrapped) }));
      expect(await codeOfThrow(() => passkey.unlock())).to.equal('vault-damaged');
      await write('passkey', passkeySlotCodec.encode({ ...slot, salt: flipped(slot.salt) }));
      expect(await codeOfThrow(() => passkey.unlock())).to.equal('vault-damaged');
      await write('passkey', bytes.slice(0, -1));
      expect(await all()).to.deep.equal(DAMAGED);
    });
  });
});
