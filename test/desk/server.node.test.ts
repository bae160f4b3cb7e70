import { expect } from 'chai';

describe('the desk’s script on a server', () => {
  it('can be imported where there is no document, and registers nothing', async () => {
    expect(globalThis).not.to.have.property('document');
    const { SecureChatDesk } = await import('../../src/desk/secure-chat-desk.ts');
    expect(SecureChatDesk).to.be.a('function');
    expect(globalThis).not.to.have.property('document');
  });
});
