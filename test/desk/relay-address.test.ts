import { expect } from 'chai';
import { relayAddress } from '../../src/desk/relay-address.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const PAGE = 'https://chat.example/desk?x=1#secret';

describe('the relay of a desk', () => {
  it('is the origin that served the page, whatever else its address holds', () => {
    for (const none of [null, '', '  ']) expect(relayAddress(none, PAGE)).to.equal('wss://chat.example');
    expect(relayAddress(null, 'http://localhost:8080/desk')).to.equal('ws://localhost:8080');
    expect(relayAddress(null, 'http://127.0.0.1:8080/desk')).to.equal('ws://127.0.0.1:8080');
  });

  it('is the one that the attribute names', () => {
    expect(relayAddress('wss://relay.example', PAGE)).to.equal('wss://relay.example');
    expect(relayAddress('https://relay.example/chat/', PAGE)).to.equal('wss://relay.example/chat');
    expect(relayAddress(' wss://relay.example:8443 ', PAGE)).to.equal('wss://relay.example:8443');
  });

  it('is never one without encryption, but on this machine', async () => {
    expect(await codeOfThrow(() => relayAddress('ws://relay.example', PAGE))).to.equal('relay-insecure');
    expect(await codeOfThrow(() => relayAddress('http://relay.example', PAGE))).to.equal('relay-insecure');
    expect(await codeOfThrow(() => relayAddress(null, 'http://bank.example/desk'))).to.equal('relay-insecure');
    expect(await codeOfThrow(() => relayAddress('ws://localhost.example', PAGE))).to.equal('relay-insecure');
    expect(relayAddress('ws://[::1]:9000', PAGE)).to.equal('ws://[::1]:9000');
  });

  it('is refused when it is something else', async () => {
    for (const bad of [
      'ftp://relay.example',
      'wss://',
      'wss://a:b@relay.example',
      'wss://relay.example/?q=1',
      'wss://relay.example/#x',
      'javascript:0',
    ]) {
      expect(await codeOfThrow(() => relayAddress(bad, PAGE)), bad).to.equal('relay-url-malformed');
    }
  });
});
