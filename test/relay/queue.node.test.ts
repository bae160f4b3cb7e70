import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { ChatError } from '../../src/errors.ts';
import { toHex } from '../../src/bytes/text.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { newKeys, RelayWorld, until } from '../support/relay-world.ts';
import type { WireClient } from '../support/wire-client.ts';

const newId = (): Uint8Array => new Uint8Array(randomBytes(16));
const salt = newId();

describe('relay queue', () => {
  let world: RelayWorld;
  let agents: DeviceKeys[];
  let customer: DeviceKeys;
  let conversation = newId();
  let waiting: WireClient;

  async function start(count = 2, durable = false): Promise<void> {
    world = await RelayWorld.start({ durable });
    agents = await Promise.all(Array.from({ length: count }, newKeys));
    customer = await newKeys();
    ({ conversation } = world.conversation(customer, salt));
    await world.publish(...agents.map((keys) => ({ keys, role: 'agent' as const })));
    waiting = await world.enter(customer);
  }
  afterEach(() => world.stop());

  const enterAll = (): Promise<WireClient[]> => Promise.all(agents.map((keys) => world.enter(keys)));
  const agentAt = (i: number): DeviceKeys => agents[i] ?? agents[0]!;

  it('announces, shows, and pushes every change to the members that watch', async () => {
    await start();
    const [one, two] = (await enterAll()) as [WireClient, WireClient];
    expect(await one.request('queue-watch', {})).to.deep.equal({ entries: [], total: 0 });
    expect(await waiting.request('announce', { conversation, salt })).to.deep.equal({ state: 'waiting' });
    const { entries } = await one.next('queue');
    expect(entries).to.have.length(1);
    expect(entries[0]).to.deep.include({ conversation, key: customer.key, salt, state: 'waiting', by: null });
    expect((await two.request('queue-watch', {})).entries).to.deep.equal(entries);
    expect(await waiting.request('announce', { conversation, salt })).to.deep.equal({ state: 'waiting' });
    await two.request('claim', { conversation });
    for (const client of [one, two]) {
      expect((await client.next('queue')).entries[0]).to.deep.include({ state: 'claimed', by: agentAt(1).id });
    }
    expect(await waiting.request('announce', { conversation, salt })).to.deep.equal({ state: 'claimed' });
    await two.request('requeue', { conversation });
    expect((await one.next('queue')).entries[0]).to.deep.include({ state: 'waiting', since: entries[0]?.since });
    await waiting.request('finish', { conversation });
    expect((await one.next('queue')).entries[0]).to.deep.include({ conversation, state: 'gone', by: null });
    expect(await one.codeOf('claim', { conversation })).to.equal('conversation-unknown');
    expect(await one.codeOf('finish', { conversation })).to.equal('ok');
    expect(one.untaken('queue')).to.equal(0);
  });

  it('lets exactly one of 50 claims at once win, durably, and names the winner to the others', async function () {
    this.timeout(20_000);
    await start(50, true);
    await waiting.request('announce', { conversation, salt });
    const clients = await enterAll();
    const outcomes = await Promise.all(
      clients.map((client) =>
        client.request('claim', { conversation }).then(
          () => 'won',
          (error: unknown) => (error instanceof ChatError ? `${error.code} ${error.details.by}` : 'failed'),
        ),
      ),
    );
    const winner = outcomes.indexOf('won');
    const expected = agents.map((_keys, i) => (i === winner ? 'won' : `already-claimed ${toHex(agentAt(winner).id)}`));
    expect(outcomes).to.deep.equal(expected);
    await world.restart();
    const [first] = (await enterAll()) as [WireClient];
    expect((await first.request('queue-watch', {})).entries[0]?.by).to.deep.equal(agentAt(winner).id);
    const again = await world.enter(agentAt(winner));
    expect(await again.codeOf('claim', { conversation })).to.equal('ok');
  });

  it('lets only members that serve watch and claim, and only customers announce', async () => {
    await start();
    const archive = await newKeys();
    await world.publish({ keys: agentAt(0), role: 'agent' }, { keys: archive, role: 'archive' });
    const [agent, recorder, root] = [
      await world.enter(agentAt(0)),
      await world.enter(archive),
      await world.enter(world.root),
    ];
    await waiting.request('announce', { conversation, salt });
    for (const client of [waiting, recorder, root]) {
      expect(await client.codeOf('queue-watch', {})).to.equal('forbidden');
      expect(await client.codeOf('claim', { conversation })).to.equal('forbidden');
      expect(await client.codeOf('duty', { state: 'on' })).to.equal('forbidden');
    }
    for (const client of [agent, recorder, root]) {
      expect(await client.codeOf('announce', { conversation: newId(), salt })).to.equal('forbidden');
    }
  });

  it('keeps others out of what is not theirs', async () => {
    await start();
    const [one, two] = (await enterAll()) as [WireClient, WireClient];
    const stranger = await world.enter();
    await waiting.request('announce', { conversation, salt });
    await one.request('claim', { conversation });
    for (const client of [two, stranger]) {
      expect(await client.codeOf('requeue', { conversation })).to.equal('forbidden');
      expect(await client.codeOf('finish', { conversation })).to.equal('forbidden');
    }
    expect(await two.codeOf('assign', { conversation, to: agentAt(1).id })).to.equal('forbidden');
    expect(await stranger.codeOf('announce', { conversation, salt })).to.equal('forbidden');
    expect(await stranger.codeOf('announce', { conversation: newId(), salt })).to.equal('forbidden');
    expect(await one.codeOf('assign', { conversation, to: customer.id })).to.equal('forbidden');
    expect(await one.codeOf('assign', { conversation, to: agentAt(1).id })).to.equal('ok');
    expect(await one.codeOf('finish', { conversation })).to.equal('forbidden');
    expect(await two.codeOf('finish', { conversation })).to.equal('ok');
  });

  it('ends a claim when the customer, having heard of nobody for a minute, announces again', async () => {
    let now = Date.now();
    world = await RelayWorld.start({ clock: { now: () => now, after: () => () => undefined } });
    const [one, two] = [await newKeys(), await newKeys()];
    customer = await newKeys();
    await world.publish({ keys: one, role: 'agent' }, { keys: two, role: 'agent' });
    const [announcer, claimer, other] = [await world.enter(customer), await world.enter(one), await world.enter(two)];
    ({ conversation } = world.conversation(customer, salt));
    await announcer.request('announce', { conversation, salt });
    await claimer.request('claim', { conversation });
    now += 59_000;
    expect(await announcer.request('announce', { conversation, salt })).to.deep.equal({ state: 'claimed' });
    expect(await other.codeOf('claim', { conversation })).to.equal('already-claimed');
    now += 1_000;
    expect(await announcer.request('announce', { conversation, salt })).to.deep.equal({ state: 'waiting' });
    expect(await other.codeOf('claim', { conversation })).to.equal('ok');
  });

  it('bounds what one device has in the queue', async () => {
    await start();
    const codes = [];
    for (let i = 0; i < 9; i++) codes.push(await waiting.codeOf('announce', world.conversation(customer)));
    expect(codes).to.deep.equal([...Array<string>(8).fill('ok'), 'quota']);
  });

  it('makes the conversations of a removed member wait again, and tells it nothing more', async () => {
    await start();
    const [gone, stays] = (await enterAll()) as [WireClient, WireClient];
    await gone.request('queue-watch', {});
    await stays.request('queue-watch', {});
    await waiting.request('announce', { conversation, salt });
    await gone.request('claim', { conversation });
    await gone.next('queue');
    await gone.next('queue');
    await stays.next('queue');
    await stays.next('queue');
    await world.publish({ keys: agentAt(1), role: 'agent' });
    expect((await stays.next('queue')).entries[0]).to.deep.include({ state: 'waiting', by: null });
    expect(await gone.codeOf('claim', { conversation })).to.equal('forbidden');
    expect(await gone.codeOf('queue-watch', {})).to.equal('forbidden');
    expect(await stays.codeOf('claim', { conversation })).to.equal('ok');
    await stays.next('queue');
    expect(gone.untaken('queue')).to.equal(0);
  });

  it('gives a long queue in the reply and in pushes behind it, the longest waiting first', async function () {
    this.timeout(20_000);
    let now = Date.now();
    world = await RelayWorld.start({
      clock: { now: () => now++, after: () => () => undefined },
      limits: {
        queueEntriesPerDevice: 1_000,
        queueEntriesPerAddress: 1_000,
        rates: { deviceQueueMoves: { burst: 2_000, perMinute: 0 } },
      },
    });
    const agent = await newKeys();
    await world.publish({ keys: agent, role: 'agent' });
    customer = await newKeys();
    const announcer = await world.enter(customer);
    const made = Array.from({ length: 600 }, () => world.conversation(customer));
    const ids = made.map(({ conversation: id }) => id);
    for (const body of made) await announcer.request('announce', body);
    const watcher = await world.enter(agent);
    const { entries, total } = await watcher.request('queue-watch', {});
    expect(total).to.equal(600);
    const rest = (await watcher.next('queue')).entries;
    expect([...entries, ...rest].map(({ conversation: id }) => toHex(id))).to.deep.equal(ids.map(toHex));
  });
});

describe('relay duty', () => {
  const dutyGrace = 12_345;
  let world: RelayWorld;
  let agent: DeviceKeys;
  /** Graces that run. */
  let graces: Set<() => void>;
  beforeEach(async () => {
    graces = new Set();
    const after = (ms: number, callback: () => void): (() => void) => {
      if (ms === dutyGrace) graces.add(callback);
      return () => void graces.delete(callback);
    };
    world = await RelayWorld.start({ clock: { now: () => Date.now(), after }, limits: { dutyGrace } });
    agent = await newKeys();
    await world.publish({ keys: agent, role: 'agent' });
  });
  afterEach(() => world.stop());

  it('lists who said on, and pushes every change', async () => {
    const watcher = await world.enter();
    expect(await watcher.request('duty-watch', { desk: world.desk })).to.deep.equal({ devices: [] });
    const client = await world.enter(agent);
    for (const [state, devices] of [
      ['on', [agent.id]],
      ['away', []],
      ['on', [agent.id]],
      ['off', []],
    ] as const) {
      await client.request('duty', { state });
      expect(await watcher.next('duty')).to.deep.equal({ desk: world.desk, devices });
      expect((await watcher.request('duty-list', { desk: world.desk })).devices).to.deep.equal(devices);
    }
    await client.request('duty', { state: 'off' });
    expect(watcher.untaken('duty')).to.equal(0);
  });

  it('outlives a short interruption, not a long one', async () => {
    const watcher = await world.enter();
    await watcher.request('duty-watch', { desk: world.desk });
    let client = await world.enter(agent);
    await client.request('duty', { state: 'on' });
    await watcher.next('duty');
    client.socket.terminate();
    await until(() => graces.size === 1);
    client = await world.enter(agent);
    expect(graces.size).to.equal(0);
    expect((await watcher.request('duty-list', { desk: world.desk })).devices).to.have.length(1);
    expect(watcher.untaken('duty')).to.equal(0);
    client.socket.terminate();
    await until(() => graces.size === 1);
    for (const end of graces) end();
    expect((await watcher.next('duty')).devices).to.have.length(0);
  });

  it('ends with the last of several connections', async () => {
    const watcher = await world.enter();
    await watcher.request('duty-watch', { desk: world.desk });
    const [one, two] = [await world.enter(agent), await world.enter(agent)];
    await one.request('duty', { state: 'on' });
    await watcher.next('duty');
    await one.close();
    expect(await two.codeOf('ping', {})).to.equal('ok');
    expect(graces.size).to.equal(0);
    await two.close();
    await until(() => graces.size === 1);
    expect(watcher.untaken('duty')).to.equal(0);
    for (const end of graces) end();
    expect((await watcher.next('duty')).devices).to.have.length(0);
  });

  it('ends when the member is removed', async () => {
    const [watcher, client] = [await world.enter(), await world.enter(agent)];
    await watcher.request('duty-watch', { desk: world.desk });
    await client.request('duty', { state: 'on' });
    await watcher.next('duty');
    await world.publish();
    expect((await watcher.next('duty')).devices).to.have.length(0);
    expect(await client.codeOf('duty', { state: 'on' })).to.equal('forbidden');
  });

  it('bounds what a connection watches', async () => {
    await world.stop();
    world = await RelayWorld.start({ desks: 'open' });
    const client = await world.enter();
    const codes = [];
    for (let i = 0; i < 9; i++) codes.push(await client.codeOf('duty-watch', { desk: new Uint8Array(32).fill(i) }));
    expect(codes).to.deep.equal([...Array<string>(8).fill('ok'), 'quota']);
  });
});
