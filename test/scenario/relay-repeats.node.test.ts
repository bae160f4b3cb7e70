import { expect } from 'chai';
import { allDelivered, attended, pass, shown } from '../support/attended.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';
import type { Mail, Meddler } from '../support/meddler.ts';

describe('a relay that repeats, swaps and replays', function () {
  this.timeout(60_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  const ways: Record<string, () => Meddler['onMail']> = {
    'repeats every mail': () => (mail) => [mail, mail],
    'swaps every two mails': () => {
      let kept: Mail | null = null;
      return (mail) => {
        if (kept === null && mail.kind === 'frame') {
          kept = mail;
          // Not for ever: a lone last one comes too, in the end.
          return [];
        }
        const before = kept === null ? [] : [kept];
        kept = null;
        return [mail, ...before];
      };
    },
    'brings everything that ever was again with every mail': () => {
      const seen: Mail[] = [];
      return (mail) => {
        seen.push(mail);
        return [mail, ...seen];
      };
    },
  };

  for (const [name, way] of Object.entries(ways)) {
    it(`shows everything once although the relay ${name}`, async () => {
      const { agent, customer, phone, laptop, clock, conversation } = await attended(world);
      for (const { net } of [phone, laptop]) net.onMail = way();
      const said = ['Hello', 'Good morning'];
      for (let i = 0; i < 6; i++) {
        await customer.sendText(conversation, `question ${i}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await agent.sendText(conversation, `answer ${i}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        said.push(`question ${i}`, `answer ${i}`);
      }
      for (const { net } of [phone, laptop]) net.onMail = (mail) => [mail];
      await customer.sendText(conversation, 'last question');
      await textsWith(agent, conversation, 'last question');
      await agent.sendText(conversation, 'last answer');
      said.push('last question', 'last answer');
      await pass(clock, 4);
      await allDelivered(customer, conversation);
      await allDelivered(agent, conversation);
      for (const client of [customer, agent]) {
        expect([...(await shown(client, conversation))].sort()).to.deep.equal([...said].sort());
      }
      expect([...phone.net.reusedKeys(), ...laptop.net.reusedKeys()]).to.deep.equal([]);
    });
  }
});
