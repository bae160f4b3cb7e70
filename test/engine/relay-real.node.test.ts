import { expect } from 'chai';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { memoryRecords } from '../../src/adapters/memory/memory-records.ts';
import { nodeClock, nodeRandom } from '../../src/adapters/node/node-clock.ts';
import { nodeTransport } from '../../src/adapters/node/node-socket.ts';
import { connectRelay, type RelayConnection, type RelayGreeting } from '../../src/engine/relay-connection.ts';
import { relayTickets } from '../../src/engine/relay-tickets.ts';
import { openVault } from '../../src/engine/unlock.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { newKeys, RelayWorld } from '../support/relay-world.ts';

const ports = { transport: nodeTransport(), clock: nodeClock, random: nodeRandom };

/** Waits for a state; fails after 10 s. */
function stateOf(connection: RelayConnection, wanted: 'connecting' | 'online'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`never ${wanted}`)), 10_000);
    const stop = connection.state.subscribe((state) => {
      if (state.connection !== wanted) return;
      clearTimeout(timer);
      resolve();
      void Promise.resolve().then(() => stop());
    }, reject);
  });
}

describe('the relay connection with the relay itself', function () {
  this.timeout(30_000);
  let world: RelayWorld;
  const opened: { close(): void }[] = [];

  beforeEach(async () => {
    world = await RelayWorld.start({ durable: true });
  });

  afterEach(async () => {
    for (const connection of opened.splice(0)) connection.close();
    await world.stop();
  });

  function connect(keys: DeviceKeys): RelayConnection {
    const device = { keys, crypto: nobleCrypto, desk: world.desk };
    const connection = connectRelay({ ports, url: world.origin, device });
    opened.push(connection);
    return connection;
  }

  it('authenticates, asks, is refused, and hears pushes', async () => {
    const [keys, otherKeys] = [await newKeys(), await newKeys()];
    const [one, two] = [connect(keys), connect(otherKeys)];
    const greeting = await new Promise<RelayGreeting>((resolve) => void one.onOnline(resolve));
    expect(greeting.auth?.device).to.deep.equal(keys.id);
    expect(greeting.auth?.member).to.equal(null);
    expect(Math.abs(greeting.skew)).to.be.lessThan(5_000);
    await stateOf(two, 'online');
    const heard = new Promise((resolve) => void two.onPush('signal', ({ from, bytes }) => resolve([from, bytes])));
    await one.request('signal', { to: otherKeys.id, bytes: Uint8Array.of(1, 2, 3) });
    expect(await heard).to.deep.equal([keys.id, Uint8Array.of(1, 2, 3)]);
    expect(await codeOfThrow(() => one.request('queue-watch', {}))).to.equal('forbidden');
    expect(one.now.latency).to.be.a('number');
  });

  it('says that the desk is not served here', async () => {
    const keys = await newKeys();
    const device = { keys, crypto: nobleCrypto, desk: keys.key };
    const connection = connectRelay({ ports, url: world.origin, device });
    opened.push(connection);
    await new Promise<void>((resolve, reject) => {
      connection.state.subscribe(({ problem }) => {
        if (problem !== null) resolve();
      }, reject);
    });
    expect(connection.now.problem?.code).to.equal('desk-unknown');
  });

  it('comes back by itself after the relay went away', async () => {
    const connection = connect(await newKeys());
    await stateOf(connection, 'online');
    await world.halt();
    await stateOf(connection, 'connecting');
    expect(connection.now.problem?.code).to.match(/^relay-/);
    await world.resume();
    await stateOf(connection, 'online');
    expect(await connection.request('prekeys-count', {})).to.deep.equal({ signed: false, oneTime: 0 });
  });

  it('keeps the vault’s tickets, also over a restart of the relay', async () => {
    const vaultPorts = { ...ports, records: memoryRecords(), locks: memoryLocks() };
    const tickets = relayTickets({ ports, url: world.origin });
    opened.push(tickets);
    const first = await openVault({ ports: vaultPorts, tickets, kind: 'guest' });
    const key = first.keys.masterKey();
    first.lock();
    await world.halt();
    expect(await codeOfThrow(() => openVault({ ports: vaultPorts, tickets, kind: 'guest' }))).to.equal('vault-offline');
    await world.resume();
    for (let i = 0; i < 3; i++) {
      const again = await openVault({ ports: vaultPorts, tickets, kind: 'guest' });
      expect(again.keys.masterKey()).to.deep.equal(key);
      expect(again.created).to.equal(false);
      again.lock();
    }
    expect(await tickets.read(new Uint8Array(16))).to.equal(undefined);
    const id = nodeRandom(16);
    await tickets.put(id, nodeRandom(32));
    expect(await codeOfThrow(() => tickets.put(id, nodeRandom(32)))).to.equal('ticket-conflict');
    await tickets.drop(id);
    await tickets.drop(id);
    expect(await tickets.read(id)).to.equal(undefined);
  });
});
