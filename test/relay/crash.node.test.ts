import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { toHex } from '../../src/bytes/text.ts';
import { utf8 } from '../../src/bytes/bytes.ts';
import { codeOf } from '../../src/errors.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { newKeys } from '../support/relay-world.ts';
import { WireClient } from '../support/wire-client.ts';

const script = fileURLToPath(new URL('../support/relay-process.ts', import.meta.url));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('relay killed in the middle of its work (LMDB)', function () {
  this.timeout(60_000);
  let directory: string;
  let desk: Uint8Array;
  let child: ChildProcess;
  let origin: string;

  async function start(): Promise<void> {
    child = spawn(process.execPath, ['--import', 'tsx', script, directory, toHex(desk)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => {
        reject(new Error('the relay did not start'));
      });
      if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
    });
    child.removeAllListeners('exit');
    origin = `ws://127.0.0.1:${port}`;
  }

  async function kill(): Promise<void> {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  const enter = (keys: DeviceKeys): Promise<WireClient> => WireClient.enter(origin, keys, desk);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'relay-crash-'));
    desk = (await newKeys()).key;
    await start();
  });
  after(async () => {
    await kill();
    await rm(directory, { recursive: true });
  });

  it('loses nothing accepted, keeps the order, and gives back nothing acknowledged', async () => {
    const [ann, bob] = [await newKeys(), await newKeys()];
    await enter(bob);
    const accepted: number[] = [];
    /** Up to where deletion was asked for, and up to where it was answered. */
    let asked = 0;
    let acknowledged = 0;
    let sent = 0;
    for (let round = 0; round < 3; round++) {
      const [sender, receiver] = [await enter(ann), await enter(bob)];
      await receiver.request('subscribe', {});
      receiver.onPush = (type, body) => {
        if (type !== 'mail' || !('bytes' in body) || !('seq' in body)) return false;
        const number = Number(text(body.bytes));
        if (number % 7 === 0) {
          asked = Math.max(asked, number);
          void receiver.request('ack', { upTo: body.seq }).then(
            () => (acknowledged = Math.max(acknowledged, number)),
            () => undefined,
          );
        }
        return true;
      };
      const stop = sent + 100;
      const first = sent + 1;
      const killed = new Promise<void>((resolve) => {
        for (let i = first; i <= stop; i++) {
          sender.request('send', { items: [{ to: bob.id, kind: 'frame', bytes: utf8(`${i}`) }] }).then(
            ({ results }) => {
              if (results[0] === 'accepted') accepted.push(i);
              // In the very turn in which an acceptance arrives, with others under way.
              if (accepted.length > 0 && i >= first + 40 && child.killed === false) {
                child.kill('SIGKILL');
                resolve();
              }
            },
            (error: unknown) => {
              expect(codeOf(error)).to.equal('closed');
            },
          );
        }
      });
      await killed;
      await Promise.all([sender.closed, receiver.closed]);
      sent = stop;
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((resolve) => child.once('exit', resolve));
      await start();
    }
    const reader = await enter(bob);
    await reader.request('subscribe', {});
    const left: number[] = [];
    for (;;) {
      const mail = await reader.next('mail', 500).catch(() => null);
      if (mail === null) break;
      left.push(Number(text(mail.bytes)));
      if (left.length % 20 === 0) await reader.request('ack', { upTo: mail.seq });
    }
    expect(accepted.length).to.be.greaterThan(100);
    expect(left).to.deep.equal([...left].sort((a, b) => a - b));
    expect(new Set(left).size).to.equal(left.length);
    // Killed between the deletion and its answer it has deleted what it was asked to, from the front and nothing else.
    const gone = accepted.filter((i) => i > acknowledged && !left.includes(i));
    expect(gone.filter((i) => i > asked || i > (left[0] ?? Infinity))).to.deep.equal([]);
    expect(left.filter((i) => i <= acknowledged)).to.deep.equal([]);
    await reader.close();
  });

  it('gives back nothing whose acknowledgement it has just answered', async () => {
    for (let round = 0; round < 3; round++) {
      const keys = await newKeys();
      const [sender, receiver] = [await enter(await newKeys()), await enter(keys)];
      const items = Array.from({ length: 20 }, (_, i) => ({
        to: keys.id,
        kind: 'frame' as const,
        bytes: utf8(`${i}`),
      }));
      await sender.request('send', { items });
      await receiver.request('subscribe', {});
      let upTo = 0;
      for (let i = 0; i < 20; i++) upTo = (await receiver.next('mail')).seq;
      await receiver.request('ack', { upTo }).then(() => child.kill('SIGKILL'));
      await receiver.closed;
      if (child.exitCode === null && child.signalCode === null) {
        await new Promise((resolve) => child.once('exit', resolve));
      }
      await start();
      const again = await WireClient.connect(origin);
      expect((await again.auth(keys, desk)).queued).to.equal(0);
    }
  });

  it('hands no one-time prekey out twice', async () => {
    const owner = await newKeys();
    const stock = await enter(owner);
    const prekey = (i: number): Signed => [utf8(`prekey ${i}`), new Uint8Array(64)];
    await stock.request('prekeys-publish', { signed: null, oneTime: Array.from({ length: 20 }, (_, i) => prekey(i)) });
    const handed: string[] = [];
    for (let round = 0; round < 2; round++) {
      const fetchers = await Promise.all(Array.from({ length: 4 }, async () => enter(await newKeys())));
      await Promise.all(
        fetchers.map(async (fetcher, i) => {
          const { oneTime } = await fetcher.request('prekeys-fetch', { device: owner.id });
          if (oneTime !== null) handed.push(text(oneTime[0]));
          if (i === 3) child.kill('SIGKILL');
        }),
      ).catch((error: unknown) => {
        expect(codeOf(error)).to.equal('closed');
      });
      await Promise.all(fetchers.map((fetcher) => fetcher.closed));
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((resolve) => child.once('exit', resolve));
      await start();
    }
    expect(handed.length).to.be.greaterThan(1);
    expect(new Set(handed).size).to.equal(handed.length);
    const { oneTime } = await (await enter(owner)).request('prekeys-count', {});
    expect(oneTime).to.be.at.most(20 - handed.length);
  });
});
