import { expect } from 'chai';
import { allDelivered, attended, shown } from '../support/attended.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';
import { until } from '../support/relay-world.ts';

describe('power that fails at any write while something arrives', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  for (const when of ['before', 'after'] as const) {
    it(`shows everything once, and tells the sender (${when} the write)`, async () => {
      const scene = await attended(world);
      const { agent, conversation } = scene;
      let { phone, customer } = scene;
      const devices = [phone];
      const said: string[] = ['Hello', 'Good morning'];
      let failures = 0;
      for (let at = 0; ; at++) {
        const text = `at ${at}`;
        said.push(text);
        await phone.quiet();
        phone.failAt(at, when);
        await agent.sendText(conversation, text);
        const device = phone;
        await Promise.race([allDelivered(agent, conversation), until(() => device.dead, 8_000)]);
        if (!phone.dead) break;
        failures++;
        phone = phone.restarted();
        devices.push(phone);
        customer = await world.customer(phone);
        await textsWith(customer, conversation, text);
        await allDelivered(agent, conversation);
      }
      expect(failures).to.be.greaterThan(1);
      expect(await shown(customer, conversation)).to.deep.equal(said);
      const net = devices[0]?.net;
      for (const other of devices.slice(1)) net?.sent.push(...other.net.sent);
      expect(net?.reusedKeys()).to.deep.equal([]);
    });
  }
});
