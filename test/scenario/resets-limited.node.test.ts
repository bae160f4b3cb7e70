import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { toHex } from '../../src/bytes/text.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { decodeFrame, frameHashOf } from '../../src/protocol/frame.ts';
import { createReset, encodeReset } from '../../src/protocol/reset.ts';
import { now, pass } from '../support/attended.ts';
import { ChatWorld, first } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';
import { RawCustomer } from '../support/raw-customer.ts';

describe('resets', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('that a peer repeats get a new session at once, and the next after an hour', async () => {
    const laptop = new HeldDevice();
    const agent = await world.agent('Sara', laptop);
    const { device } = await now(agent.membership);
    const customer = await RawCustomer.enter(world.relay, device);
    await customer.say({ kind: 'start', content: { topic: null } });
    await customer.say({ kind: 'text', content: { text: 'Help' } });
    await customer.announce();
    await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Help'));
    await agent.claim(customer.name);
    await customer.hears('join');
    await agent.sendText(customer.name, 'Hello');

    const sessions = new Set<string>();
    let last = new Uint8Array();
    /** The newest frame of a session that was not reset yet. */
    const freshFrame = async (within: number): Promise<boolean> => {
      const before = sessions.size;
      const end = Date.now() + within;
      while (Date.now() < end) {
        const mail = await customer.client.next('mail', 300).catch(() => null);
        if (mail === null || mail.kind !== 'frame') continue;
        last = mail.bytes as Uint8Array<ArrayBuffer>;
        sessions.add(toHex(decodeFrame(last).session));
        if (sessions.size > before) return true;
      }
      return false;
    };
    const reset = async (): Promise<void> => {
      const { signed } = await createReset({
        crypto: nobleCrypto,
        random: (length) => new Uint8Array(randomBytes(length)),
        self: customer.keys,
        desk: world.relay.desk,
        conversation: customer.conversation,
        session: decodeFrame(last).session,
        peerId: customer.agent,
        frameHashes: [frameHashOf(last)],
        now: laptop.clock.now(),
      });
      const bytes = encodeReset(signed);
      await customer.client.request('send', { items: [{ to: customer.agent, kind: 'reset', bytes }] });
    };

    expect(await freshFrame(5_000)).to.equal(true);
    await reset();
    expect(await freshFrame(5_000)).to.equal(true);
    // Again: the words have to wait now.
    await reset();
    await agent.sendText(customer.name, 'Are you there?');
    await pass(laptop.clock, 20);
    expect(await freshFrame(1_500)).to.equal(false);
    laptop.clock.forward(45 * 60_000);
    expect(await freshFrame(8_000)).to.equal(true);
    expect(sessions.size).to.equal(3);
  });
});
