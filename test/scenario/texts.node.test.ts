import { expect } from 'chai';
import { attended, shown } from '../support/attended.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { ChatWorld, textsWith } from '../support/chat-world.ts';

describe('texts that cannot be sent', function () {
  this.timeout(40_000);
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.start();
  });
  afterEach(() => world.stop());

  it('are refused and change nothing', async () => {
    const { agent, customer, phone, conversation } = await attended(world);
    const before = phone.commits;
    const code = (text: string): Promise<string> => codeOfThrow(() => customer.sendText(conversation, text));
    expect(await code('')).to.equal('text-empty');
    expect(await code(' \n\t ')).to.equal('text-empty');
    expect(await code('x'.repeat(16_385))).to.equal('text-too-long');
    expect(await code('ä'.repeat(8_193))).to.equal('text-too-long');
    expect(await code('half of a pair: \ud83d')).to.equal('text-malformed');
    expect(await codeOfThrow(() => customer.startConversation({ topic: null, text: '' }))).to.equal('text-empty');
    expect(await codeOfThrow(() => customer.startConversation({ topic: 'x'.repeat(201), text: 'Hello' }))).to.equal(
      'topic-too-long',
    );
    expect(phone.commits).to.equal(before);
    expect(await shown(customer, conversation)).to.deep.equal(['Hello', 'Good morning']);
    const longest = 'ä'.repeat(8_192);
    await customer.sendText(conversation, longest);
    expect(await textsWith(agent, conversation, longest)).to.deep.equal(['Hello', 'Good morning', longest]);
  });
});
