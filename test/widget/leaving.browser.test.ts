import { expect } from '@open-wc/testing';
import { cleanUp, activeScene, settled, type } from './scene.ts';

describe('whoever leaves the page', () => {
  const hide = (state: DocumentVisibilityState): void => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  afterEach(() => {
    Reflect.deleteProperty(document, 'visibilityState');
    cleanUp();
  });

  it('finds the draft again: it is written when the tab is hidden', async () => {
    const { chat, client, id } = await activeScene();
    await type(chat, 'Half a sen');
    expect(client.view(id).draft, 'not at every key').to.equal('');
    hide('hidden');
    await settled();
    expect(client.view(id).draft).to.equal('Half a sen');
  });

  it('and at once what comes after that', async () => {
    const { chat, client, id } = await activeScene();
    hide('hidden');
    await chat.setDraft('From the page');
    await settled();
    expect(client.view(id).draft).to.equal('From the page');
  });

  it('and when the page goes', async () => {
    const { chat, client, id } = await activeScene();
    await type(chat, 'Half a sen');
    window.dispatchEvent(new PageTransitionEvent('pagehide'));
    await settled();
    expect(client.view(id).draft).to.equal('Half a sen');
  });
});
