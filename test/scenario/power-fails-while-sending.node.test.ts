import { expect } from 'chai';
import { allDelivered, attended, shown } from '../support/attended.ts';
import { ChatWorld, first, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('power that fails at any write while something is sent', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  for (const when of ['before', 'after'] as const) {
    it(`loses nothing that was accepted, doubles nothing and uses no key twice (${when} the write)`, async () => {
      const scene = await attended(world);
      const { agent, conversation } = scene;
      let { phone, customer } = scene;
      const accepted: string[] = [];
      const devices = [phone];
      let failures = 0;
      for (let at = 0; ; at++) {
        const text = `at ${at}`;
        await phone.quiet();
        phone.failAt(at, when);
        const sending = customer.sendText(conversation, text).then(() => accepted.push(text));
        const arrived = textsWith(agent, conversation, text).then(() => allDelivered(customer, conversation));
        const device = phone;
        await Promise.race([sending.then(() => arrived), until(() => device.dead, 8_000)]);
        // So many writes are not needed: every one has failed once.
        if (!phone.dead) break;
        failures++;
        phone = phone.restarted();
        devices.push(phone);
        customer = await world.customer(phone);
        await first(customer.status, ({ connection }) => connection === 'online');
        await allDelivered(customer, conversation);
        arrived.catch(() => undefined);
      }
      expect(failures).to.be.greaterThan(3);
      await allDelivered(customer, conversation);
      const heard = await shown(agent, conversation);
      const said = heard.filter((text) => text.startsWith('at '));
      expect(new Set(said).size).to.equal(said.length);
      expect(said).to.include.members(accepted);
      expect(await shown(customer, conversation)).to.deep.equal(heard);
      // All frames that ever left, whichever life of the device they left in.
      const net = devices[0]?.net;
      for (const other of devices.slice(1)) net?.sent.push(...other.net.sent);
      expect(net?.reusedKeys()).to.deep.equal([]);
    });
  }
});
