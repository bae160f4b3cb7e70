import { expect } from 'chai';
import type { Live } from '../../src/engine/views.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';
import { addWaiting, busyScene, emptyScene, mineId, SARA, waitingId } from './scene.ts';

/** The present answer of a query. */
function now<T>(live: Live<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = live.subscribe((value) => {
      queueMicrotask(() => stop());
      resolve(value);
    }, reject);
  });
}

describe('the desk client in memory', () => {
  it('answers later, after every change, and no more once it was stopped', async () => {
    const { desk, sara } = emptyScene();
    const answers: number[] = [];
    const stop = sara.queue.subscribe(
      (queue) => answers.push(queue.length),
      () => answers.push(-1),
    );
    expect(answers).to.deep.equal([]);
    await Promise.resolve();
    addWaiting(desk, 0, desk.now());
    await Promise.resolve();
    stop();
    addWaiting(desk, 1, desk.now());
    await Promise.resolve();
    expect(answers).to.deep.equal([0, 1]);
  });

  it('lets one of two claims win, says who it was, and changes nothing for the other', async () => {
    const { desk, sara, tom } = emptyScene();
    addWaiting(desk, 0, desk.now());
    await tom.claim(waitingId(0));
    expect(await codeOfThrow(() => sara.claim(waitingId(0)))).to.equal('already-claimed');
    expect(desk.of(waitingId(0)).joined.has(SARA)).to.equal(false);
    const [entry] = await now(sara.queue);
    expect([entry?.state, entry?.byName, entry?.known]).to.deep.equal(['claimed', 'Tom Okafor', null]);
  });

  it('keeps what cannot be sent and sends it when it can', async () => {
    const { desk, sara } = emptyScene();
    addWaiting(desk, 0, desk.now());
    await sara.claim(waitingId(0));
    sara.setStatus({ connection: 'offline' });
    await sara.sendText(waitingId(0), 'Hello');
    const progress = async () => (await now(sara.messages(waitingId(0), 10))).at(-1)?.progress;
    expect(await progress()).to.equal('sending');
    sara.setStatus({ connection: 'online', verification: { state: 'stale' } });
    expect(await progress()).to.equal('held');
    sara.setStatus({ verification: { state: 'verified' } });
    expect(await progress()).to.equal('delivered');
  });

  it('refuses what the contract forbids', async () => {
    const { desk, sara } = emptyScene();
    addWaiting(desk, 0, desk.now());
    expect(await codeOfThrow(() => sara.sendText(waitingId(0), 'x'))).to.equal('not-joined');
    await sara.claim(waitingId(0));
    expect(await codeOfThrow(() => sara.sendText(waitingId(0), ''))).to.equal('text-length');
    expect(await codeOfThrow(() => sara.sendText(waitingId(0), 'x'.repeat(16_385)))).to.equal('text-length');
    await sara.endConversation(waitingId(0));
    expect(await codeOfThrow(() => sara.sendText(waitingId(0), 'x'))).to.equal('conversation-ended');
    await sara.close();
    expect(await codeOfThrow(() => sara.setDuty('on'))).to.equal('client-closed');
  });

  it('counts as unread what others wrote since', async () => {
    const { desk, sara } = await busyScene();
    const unread = async () => (await now(sara.conversations)).find(({ id }) => id === mineId(0))?.unread;
    expect(await unread()).to.equal(0);
    desk.says(mineId(0), 'And?');
    expect(await unread()).to.equal(1);
    await sara.sendText(mineId(0), 'Yes');
    await sara.markRead(mineId(0));
    expect(await unread()).to.equal(0);
  });

  it('tells a removed member nothing', async () => {
    const { desk, sara } = await busyScene();
    desk.remove(SARA);
    expect([await now(sara.conversations), await now(sara.queue)]).to.deep.equal([[], []]);
    expect(await now(sara.messages(mineId(0), 10))).to.deep.equal([]);
    expect((await now(sara.membership)).state).to.equal('removed');
  });

  it('ends when it is locked, opens with the PIN alone, and keeps what was stored', async () => {
    const { desk, sara } = emptyScene();
    addWaiting(desk, 0, desk.now());
    await sara.claim(waitingId(0));
    await sara.saveDraft(waitingId(0), 'half a');
    await sara.vault.lock();
    expect(await sara.ended).to.equal('locked');
    expect(await codeOfThrow(() => sara.sendText(waitingId(0), 'more'))).to.equal('client-closed');
    expect(await codeOfThrow(async () => sara.lock.open(undefined))).to.equal('vault-locked');
    expect(await codeOfThrow(async () => sara.lock.open({ by: 'pin', pin: '000111' }))).to.equal('vault-pin-wrong');
    sara.lock.open({ by: 'pin', pin: '284937' });
    const again = new DoubleDeskClient(desk, sara.device, sara.lock);
    expect((await now(again.conversations))[0]?.draft).to.equal('half a');
    await again.close();
    expect(await again.ended).to.equal('closed');
  });
});
