import { expect } from '@open-wc/testing';
import { DoubleClient } from '../support/double-client.ts';
import { cleanUp, must, openScene, panelOf, scene, settled, stored, textOf, until } from './scene.ts';

const names = (): string[] => stored().map((key) => key.split(':')[2] ?? '');

describe('what the browser has removed', () => {
  afterEach(cleanUp);

  it('is noticed on the next page, told to it and to the user, once', async () => {
    const first = await openScene();
    await first.chat.send('Hello');
    await settled(first.chat);
    expect(names()).to.have.members(['waiting', 'stored']);
    first.chat.remove();
    await settled();
    const { chat, of } = await scene({}, { next: async () => new DoubleClient() });
    await until(() => chat.state === 'online');
    expect(of('sc-storage-lost')).to.deep.equal([{ code: 'storage-evicted' }]);
    expect(of('sc-error')).to.deep.equal([]);
    chat.show();
    await until(() => panelOf(chat)?.opened === true);
    await settled(chat);
    expect(textOf(must(chat, '.banner'))).to.contain('The browser has removed the conversations');
    await expect(chat).to.be.accessible();
    expect(names()).to.deep.equal([]);
    chat.remove();
    await settled();
    const next = await openScene();
    expect(next.of('sc-storage-lost')).to.deep.equal([]);
  });

  it('is not what was never there, what is there, and what the user deleted', async () => {
    const first = await openScene();
    expect(names(), 'nothing before the first message').to.deep.equal([]);
    await first.chat.send('Hello');
    await settled(first.chat);
    await first.chat.logout({ wipe: true });
    expect(names()).to.deep.equal([]);
    first.chat.remove();
    await settled();
    const second = await openScene();
    expect(second.of('sc-storage-lost')).to.deep.equal([]);
    const { conversation } = await second.chat.send('Hello again');
    second.desk.end(conversation);
    await settled(second.chat);
    expect(names(), 'an ended conversation waits for nobody, but is stored').to.deep.equal(['stored']);
    second.chat.remove();
    await settled();
    const client = new DoubleClient();
    await client.startConversation({ topic: null, text: 'Hello' });
    const third = await openScene({}, { next: async () => client });
    expect(third.of('sc-storage-lost')).to.deep.equal([]);
  });

  it('is nobody’s loss where nothing outlives the tab', async () => {
    for (const history of ['session', 'none']) {
      const { chat } = await openScene({ history });
      await chat.send('Hello');
      await settled(chat);
      expect(names()).to.deep.equal([]);
    }
  });
});
