import { expect } from 'chai';
import { codeOf } from '../../src/errors.ts';
import type { ChatClient, ConversationView, DeskClient, MessageView } from '../../src/engine/views.ts';
import { ChatWorld, first, named, texts } from '../support/chat-world.ts';
import { HeldDevice } from '../support/held-device.ts';
import { ShiftingClock } from '../support/shifting-clock.ts';
import { until } from '../support/relay-world.ts';

/** What may be refused because others were faster, or there is no network. */
const EXPECTED = new Set([
  'already-claimed',
  'conversation-unknown',
  'conversation-ended',
  'conversation-not-joined',
  'relay-disconnected',
]);

/** Numbers that look random and are the same for one seed. */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a customer and three agents who do what they like', function () {
  this.timeout(120_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  for (const seed of [17, 21]) {
    it(`miss nothing, double nothing and agree in the end (${seed})`, async () => {
      const pick = numbersOf(seed);
      const clock = new ShiftingClock();
      const names = ['Ada', 'Ben', 'Cleo'];
      const devices = names.map(() => new HeldDevice({ clock }));
      const phone = new HeldDevice({ clock });
      const agents: DeskClient[] = [];
      for (const [i, name] of names.entries()) agents.push(await world.agent(name, devices[i]));
      const customer = await world.customer(phone);
      const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
      const said = ['Hello'];
      const log: string[] = [];
      let count = 0;
      const attempt = async (what: string, work: () => Promise<unknown>): Promise<boolean> => {
        try {
          await work();
          log.push(what);
          return true;
        } catch (error) {
          log.push(`${what}: ${codeOf(error)}`);
          if (!EXPECTED.has(codeOf(error))) throw error;
          return false;
        }
      };
      const say = async (client: ChatClient, who: string): Promise<void> => {
        const text = `${who} ${count++}`;
        if (await attempt(`says ${text}`, () => client.sendText(conversation, text))) said.push(text);
      };

      for (let step = 0; step < 80; step++) {
        const which = pick(3);
        const [agent, name, device] = [
          agents[which] as DeskClient,
          names[which] as string,
          devices[which] as HeldDevice,
        ];
        switch (pick(8)) {
          case 0:
          case 1:
            await say(customer, 'customer');
            break;
          case 2:
          case 3:
            await say(agent, name);
            break;
          case 4:
          case 5:
            await attempt(`${name} claims`, () => agent.claim(conversation));
            break;
          case 6:
            await attempt(`${name} leaves`, async () => {
              const leaving = agent.leave(conversation, { requeue: true });
              if ((await first(agent.status, () => true)).connection !== 'online') clock.forward(6_000);
              await leaving;
            });
            break;
          default:
            log.push(`${name} or the customer is cut off`);
            (pick(2) === 0 ? device : phone).net.cut();
        }
        if (pick(3) > 0) await new Promise((resolve) => setTimeout(resolve, pick(150)));
      }

      // Everybody comes to rest, and one agent has the conversation.
      const isOnline = async (client: ChatClient): Promise<boolean> =>
        (await first(client.status, () => true)).connection === 'online';
      await until(async () => (await Promise.all([customer, ...agents].map(isOnline))).every(Boolean), 20_000);
      const viewOf = async (client: ChatClient): Promise<ConversationView | undefined> =>
        (await first(client.conversations, () => true)).find(({ id }) => id === conversation);
      const inside = async (): Promise<DeskClient[]> => {
        const views = await Promise.all(agents.map(viewOf));
        return agents.filter((_, i) => views[i]?.joined === true);
      };
      if ((await inside()).length === 0) {
        const [someone] = agents as [DeskClient];
        await first(someone.queue, (queue) => queue.some(({ state }) => state === 'waiting'), 20_000).catch(() => {
          throw new Error(log.join('\n'));
        });
        await someone.claim(conversation);
        log.push('Ada claims at last');
      }
      const [last] = (await inside()) as [DeskClient];
      const { name } = await first(last.membership, () => true);
      await say(last, name);
      await say(customer, 'customer');
      const wanted = new Set(said);
      const hasAll = (all: readonly MessageView[]): boolean => [...wanted].every((text) => texts(all).includes(text));
      for (const client of [customer, last]) {
        const all = await first(client.messages(conversation, 500), hasAll, 20_000).catch((error: unknown) => {
          throw new Error(`${client === customer ? 'customer' : name}: ${log.join('\n')}`, { cause: error });
        });
        const seen = texts(all);
        expect(seen, log.join('\n')).to.have.length(wanted.size);
        for (const who of ['customer', ...names]) {
          const hers = seen.filter((text) => text.startsWith(who));
          expect(hers, log.join('\n')).to.deep.equal(said.filter((text) => text.startsWith(who)));
        }
        expect((await viewOf(client))?.notices, log.join('\n')).to.deep.equal([]);
        expect(named(await viewOf(client), 'joined'), log.join('\n')).to.deep.equal([name]);
      }
      const reused = [phone, ...devices].flatMap((device) => device.net.reusedKeys());
      expect(reused).to.deep.equal([]);
    });
  }
});
