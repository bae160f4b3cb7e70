import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { argon2id } from '@noble/hashes/argon2.js';
import { expect } from 'chai';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { nodeClock, nodeRandom } from '../../src/adapters/node/node-clock.ts';
import { nodeTransport } from '../../src/adapters/node/node-socket.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { toHex } from '../../src/bytes/text.ts';
import { relayTickets } from '../../src/engine/relay-tickets.ts';
import { relayVaults } from '../../src/engine/relay-vaults.ts';
import { PinVault, type StretchPin } from '../../src/engine/unlock-pin.ts';
import { openVault } from '../../src/engine/unlock.ts';
import type { VaultAccess } from '../../src/engine/vault-access.ts';
import { readSlots } from '../../src/engine/vault-slots.ts';
import { codeOf } from '../../src/errors.ts';
import { evaluateBlinded, voprfKeyFrom } from '../../src/relay/voprf.ts';
import { blindInput } from '../../src/vault/oprf.ts';
import { tagCheckOf } from '../../src/vault/pin-slot.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { realRandom } from '../support/random.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';

const PIN = '493817';
const HOUR = 3_600_000;
const AT_ONCE = 100;
const wide = { burst: 10_000, perMinute: 0 };
const cheapStretch: StretchPin = async (pin, salt) => argon2id(utf8(pin), salt, { m: 8, t: 1, p: 1, dkLen: 32 });

/** Engine ports of a device without a store. */
const ports = () => ({ transport: nodeTransport(), clock: nodeClock, random: nodeRandom });

/** Two that guess, each on a connection of its own. */
const thievesAt = (url: string) =>
  [relayVaults({ ports: ports(), url }), relayVaults({ ports: ports(), url })] as const;

/** Registers a key; gives the seed that names the vault. */
async function registered(vaults: VaultAccess): Promise<Uint8Array> {
  const seed = realRandom(32);
  const { blinded } = blindInput(utf8('pin'), realRandom);
  const { version } = await vaults.create(seed, { blinded });
  await vaults.register(seed, { version, check: tagCheckOf(realRandom(32)) });
  return seed;
}

/** A hundred guesses at once, spread over these connections; what each came to. @param onAnswer called for each answer */
async function guesses(seed: Uint8Array, thieves: readonly VaultAccess[], onAnswer = (): void => undefined) {
  const { blinded } = blindInput(utf8('guess'), realRandom);
  return Promise.all(
    Array.from({ length: AT_ONCE }, async (_, i) => {
      try {
        await thieves[i % thieves.length]?.evaluate(seed, { version: 1, blinded });
        onAnswer();
        return 'answered';
      } catch (error) {
        return codeOf(error);
      }
    }),
  );
}

const answersIn = (codes: readonly string[]): number => codes.filter((code) => code === 'answered').length;

describe('guessing at a PIN at a real relay (LMDB)', function () {
  this.timeout(120_000);

  it('is answered ten times, whoever asks a hundred times at once, however often', async () => {
    let now = Date.now();
    const world = await RelayWorld.start({
      durable: true,
      clock: { now: () => now, after: () => () => undefined },
      limits: { rates: { addressEvaluations: wide, addressRequests: wide }, requestsAtOnce: 200 },
    });
    try {
      let seed: Uint8Array | null = null;
      const answered: number[] = [];
      const refusals = new Set<string>();
      for (let round = 0; round < 8; round++) {
        // An hour later the connections of before are too old.
        const thieves = thievesAt(world.origin);
        seed ??= await registered(thieves[0]);
        refusals.clear();
        const codes = await guesses(seed, thieves);
        for (const code of codes) if (code !== 'answered') refusals.add(code);
        answered.push(answersIn(codes));
        for (const thief of thieves) thief.close();
        if (round < 5) expect([...refusals]).to.deep.equal(['vault-delayed']);
        now += HOUR;
      }
      // The fifth makes the others wait, then each of them the next; after the tenth there is nothing left to ask.
      expect(answered).to.deep.equal([5, 1, 1, 1, 1, 1, 0, 0]);
      expect([...refusals]).to.deep.equal(['vault-unknown']);
    } finally {
      await world.stop();
    }
  });

  describe('that is killed again and again', () => {
    const script = fileURLToPath(new URL('../support/relay-process.ts', import.meta.url));
    let directory: string;
    let child: ChildProcess;

    /** Starts a relay on what there is, by a clock that is this far ahead; gives its URL. */
    async function start(desk: Uint8Array, ahead: number): Promise<string> {
      child = spawn(process.execPath, ['--import', 'tsx', script, directory, toHex(desk), String(ahead)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const port = await new Promise<string>((resolve, reject) => {
        child.once('exit', () => reject(new Error('the relay did not start')));
        if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
      });
      child.removeAllListeners('exit');
      return `ws://127.0.0.1:${port}`;
    }

    async function kill(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'relay-attack-'));
    });
    after(async () => {
      await kill();
      await rm(directory, { recursive: true });
    });

    it('is answered ten times at the most', async () => {
      const desk = (await newKeys()).key;
      let seed: Uint8Array | null = null;
      let answered = 0;
      const last: string[] = [];
      for (let round = 0; round < 9; round++) {
        const url = await start(desk, round * HOUR);
        const thieves = thievesAt(url);
        seed ??= await registered(thieves[0]);
        // Killed behind the first answer in even rounds, while some of the others are counted and not answered yet.
        let killed: Promise<void> | null = null;
        const codes = await guesses(seed, thieves, () => {
          if (round % 2 === 0) killed ??= kill();
        });
        answered += answersIn(codes);
        last.splice(0, last.length, ...codes);
        for (const thief of thieves) thief.close();
        await (killed ?? kill());
        expect(answered).to.be.at.most(10);
      }
      expect(answered).to.be.at.least(1);
      expect(new Set(last)).to.deep.equal(new Set(['vault-unknown']));
    });
  });
});

describe('a vault with a PIN at a real relay', function () {
  this.timeout(60_000);
  let world: RelayWorld;
  let vaults: ReturnType<typeof relayVaults>;
  let tickets: ReturnType<typeof relayTickets>;
  const disk = new MemoryDisk();
  const locks = memoryLocks();
  let vmk = '';

  const program = (access: VaultAccess): PinVault =>
    new PinVault({
      ports: { ...ports(), records: disk.open(), locks },
      vaults: access,
      tickets,
      stretch: cheapStretch,
    });

  before(async () => {
    world = await RelayWorld.start({ durable: true });
    vaults = relayVaults({ ports: ports(), url: world.origin });
    tickets = relayTickets({ ports: ports(), url: world.origin });
    const guest = await openVault({
      ...{ ports: { ...ports(), records: disk.open(), locks }, tickets, kind: 'guest' },
    });
    vmk = toHex(guest.keys.masterKey());
    expect(await program(vaults).enrol(guest.keys, PIN, LEAST_STRETCH)).to.equal(null);
    guest.lock();
  });
  after(async () => {
    vaults.close();
    tickets.close();
    await world.stop();
  });

  it('opens over the wire, each time under another key', async () => {
    for (let i = 0; i < 3; i++) {
      const { keys, problem } = await program(vaults).unlock(PIN);
      expect(problem).to.equal(null);
      expect(toHex(keys.masterKey())).to.equal(vmk);
    }
    expect((await readSlots(disk.open())).pin?.slot.version).to.equal(4);
  });

  it('names a relay that evaluates with another key, and holds nothing against the PIN', async () => {
    const other = voprfKeyFrom(realRandom(32));
    const lying: VaultAccess = {
      ...vaults,
      async evaluate(seed, fields) {
        const answer = await vaults.evaluate(seed, fields);
        return { ...answer, ...evaluateBlinded(other, fields.blinded, realRandom) };
      },
    };
    const deceived = program(lying);
    expect(await codeOfThrow(() => deceived.unlock(PIN))).to.equal('vault-relay-fault');
    // Not remembered as wrong: the relay is asked again, and says the same.
    expect(await codeOfThrow(() => deceived.unlock(PIN))).to.equal('vault-relay-fault');
    const { keys, problem } = await program(vaults).unlock(PIN);
    expect([toHex(keys.masterKey()), problem]).to.deep.equal([vmk, null]);
  });

  it('says how many tries are left, and changes its PIN', async () => {
    const vault = program(vaults);
    try {
      await vault.unlock('000000');
      expect.fail('a wrong PIN opens it');
    } catch (error) {
      expect([codeOf(error), (error as { details?: { left?: number } }).details?.left]).to.deep.equal([
        'vault-pin-wrong',
        9,
      ]);
    }
    expect((await vault.change(PIN, '160425', LEAST_STRETCH)).problem).to.equal(null);
    expect(toHex((await vault.unlock('160425')).keys.masterKey())).to.equal(vmk);
  });
});
