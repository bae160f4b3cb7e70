import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { RelayWorld } from '../support/relay-world.ts';
import type { WireClient } from '../support/wire-client.ts';

const DAY = 86_400_000;
const bytesOf = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

describe('relay tickets', () => {
  let world: RelayWorld;
  let client: WireClient;
  let now: number;
  beforeEach(async () => {
    now = Date.now();
    const clock = { now: () => now, after: () => () => undefined };
    world = await RelayWorld.start({ durable: true, clock });
    client = await world.connect();
  });
  afterEach(() => world.stop());

  it('keeps a half for whoever knows the id, without authentication, until it is dropped', async () => {
    for (const id of [bytesOf(16), bytesOf(32)]) {
      const half = bytesOf(32);
      await client.request('ticket-put', { id, half, expires: now + DAY });
      const other = await world.connect();
      expect(await other.request('ticket-read', { id })).to.deep.equal({ half });
      expect(await other.request('ticket-read', { id })).to.deep.equal({ half });
      await other.request('ticket-drop', { id });
      expect(await client.codeOf('ticket-read', { id })).to.equal('ticket-unknown');
      expect(await client.codeOf('ticket-drop', { id })).to.equal('ticket-unknown');
    }
  });

  it('survives a restart', async () => {
    const [id, half] = [bytesOf(16), bytesOf(32)];
    await client.request('ticket-put', { id, half, expires: now + DAY });
    await world.restart();
    expect(await (await world.connect()).request('ticket-read', { id })).to.deep.equal({ half });
  });

  it('does not replace a half by another, but moves its end', async () => {
    const [id, half] = [bytesOf(16), bytesOf(32)];
    await client.request('ticket-put', { id, half, expires: now + 1_000 });
    expect(await client.codeOf('ticket-put', { id, half: bytesOf(32), expires: now + DAY })).to.equal(
      'ticket-conflict',
    );
    await client.request('ticket-put', { id, half, expires: now + 5_000 });
    now += 2_000;
    expect(await client.request('ticket-read', { id })).to.deep.equal({ half });
    now += 3_000;
    expect(await client.codeOf('ticket-read', { id })).to.equal('ticket-unknown');
    // Its time is over: the id is free.
    expect(await client.codeOf('ticket-put', { id, half: bytesOf(32), expires: now + DAY })).to.equal('ok');
  });

  it('refuses ends that are past or too far', async () => {
    const put = (expires: number): Promise<string> =>
      client.codeOf('ticket-put', { id: bytesOf(16), half: bytesOf(32), expires });
    expect(await put(now)).to.equal('ticket-lifetime');
    expect(await put(now + 7 * DAY + 1)).to.equal('ticket-lifetime');
    expect(await put(now + 7 * DAY)).to.equal('ok');
  });

  it('bounds how many there are', async () => {
    await world.stop();
    world = await RelayWorld.start({ limits: { tickets: 2 } });
    client = await world.connect();
    now = Date.now();
    const ids = [bytesOf(16), bytesOf(16), bytesOf(16)] as const;
    const put = (id: Uint8Array): Promise<string> =>
      client.codeOf('ticket-put', { id, half: new Uint8Array(32), expires: now + DAY });
    expect([await put(ids[0]), await put(ids[1]), await put(ids[2])]).to.deep.equal(['ok', 'ok', 'quota']);
    expect(await put(ids[0])).to.equal('ok');
    await client.request('ticket-drop', { id: ids[0] });
    expect(await put(ids[2])).to.equal('ok');
  });

  it('neither logs an id nor keeps it in its files', async () => {
    const [id, half] = [bytesOf(16), bytesOf(32)];
    await client.request('ticket-put', { id, half, expires: now + DAY });
    await client.request('ticket-read', { id });
    await world.restart();
    const folder = join(world.directory, 'store');
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
    // The half is what is kept: finding it shows that this search would find the id.
    expect(files.some((file) => file.includes(Buffer.from(half)))).to.equal(true);
    for (const word of [Buffer.from(id), Buffer.from(Buffer.from(id).toString('hex'))]) {
      expect(files.some((file) => file.includes(word))).to.equal(false);
    }
    expect(JSON.stringify(world.logged)).not.to.include(Buffer.from(id).toString('hex'));
  });
});
