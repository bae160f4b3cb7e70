import { inspect } from 'node:util';
import { expect } from 'chai';
import type { MemoryDisk } from '../../src/adapters/memory/memory-records.ts';
import { TABLES } from '../../src/engine/ports.ts';
import { allDelivered, attended, now } from '../support/attended.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';

const MARK = 'xyzzy-4711';

describe('what is said', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('is on no disk, in no frame, in no log and in no error', async () => {
    const { agent, customer, phone, laptop, conversation } = await attended(world);
    await customer.sendText(conversation, `secret ${MARK}`);
    await textsWith(agent, conversation, `secret ${MARK}`);
    await agent.sendText(conversation, `answer ${MARK}`);
    await textsWith(customer, conversation, `answer ${MARK}`);
    await customer.saveDraft(conversation, `draft ${MARK}`);
    await customer.saveOpeningDraft(`draft ${MARK}`);
    await allDelivered(agent, conversation);
    for (const { disk } of [phone, laptop]) expect(await holds(disk, MARK)).to.equal(false);
    for (const { net } of [phone, laptop]) {
      for (const { bytes } of [...net.sent, ...net.pushed]) expect(Buffer.from(bytes).includes(MARK)).to.equal(false);
    }
    expect(inspect(world.relay.logged, { depth: 20 })).to.not.include(MARK);
    expect(inspect(await now(customer.status), { depth: 20 })).to.not.include(MARK);
    const errors = [
      customer.sendText(conversation, MARK.repeat(10_000)),
      customer.sendText(conversation, `${MARK}\ud83d`),
      customer.startConversation({ topic: MARK.repeat(100), text: MARK }),
      customer.sendText('00'.repeat(16), MARK),
      customer.saveDraft(conversation, MARK.repeat(100_000)),
      customer.saveDraft(conversation, `${MARK}\ud83d`),
    ];
    for (const { status, ...outcome } of await Promise.allSettled(errors)) {
      expect(status).to.equal('rejected');
      expect(inspect(outcome, { depth: 20, showHidden: true })).to.not.include(MARK);
    }
  });
});

async function holds(disk: MemoryDisk, text: string): Promise<boolean> {
  const store = disk.open();
  let rows = 0;
  for (const table of TABLES) {
    for (const { key, bytes } of await store.list(table, { from: '', to: 'g' })) {
      rows++;
      if (Buffer.from(bytes).includes(text) || Buffer.from(key, 'hex').includes(text)) return true;
    }
  }
  if (rows < 20) throw new Error('there is too little on the disk');
  return false;
}
