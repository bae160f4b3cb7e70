import { expect } from 'chai';
import * as fc from 'fast-check';
import { formatDeskKey } from '../../src/identity/desk-key.ts';
import { configurationProblem, deskKeyFits } from '../../src/widget/configuration.ts';
import { DESK_KEY } from '../support/double-client.ts';

const RELAY = 'wss://chat.example';

describe('what an integrator must give', () => {
  it('is a relay and a desk key', () => {
    expect(configurationProblem(RELAY, DESK_KEY)).to.equal(null);
    expect(configurationProblem('wss://chat.example/base/', DESK_KEY)).to.equal(null);
  });

  it('is said to be missing or malformed, the key first', () => {
    expect(configurationProblem('', '')).to.equal('desk-key-missing');
    expect(configurationProblem(RELAY, 'dk1_')).to.equal('desk-key-malformed');
    expect(configurationProblem(RELAY, DESK_KEY.slice(4))).to.equal('desk-key-malformed');
    expect(configurationProblem(RELAY, `${DESK_KEY}A`)).to.equal('desk-key-malformed');
    expect(configurationProblem('', DESK_KEY)).to.equal('relay-missing');
    expect(configurationProblem('chat.example', DESK_KEY)).to.equal('relay-malformed');
    expect(configurationProblem('javascript:alert(1)', DESK_KEY)).to.equal('relay-malformed');
    expect(configurationProblem('wss://user:secret@chat.example', DESK_KEY)).to.equal('relay-malformed');
  });

  it('may be without encryption on this machine only', () => {
    for (const host of ['localhost:8080', '127.0.0.1:1', '[::1]:8080']) {
      expect(configurationProblem(`ws://${host}`, DESK_KEY), host).to.equal(null);
    }
    for (const host of [
      'chat.example',
      'localhost.example',
      '127.0.0.1.example',
      '10.0.0.1',
      '127.0.0.2',
      'chat.localhost',
      'notlocalhost',
    ]) {
      expect(configurationProblem(`ws://${host}`, DESK_KEY), host).to.equal('relay-insecure');
    }
    expect(configurationProblem('http://chat.example', DESK_KEY)).to.equal('relay-insecure');
  });

  it('has a key whose checksum fits, as the protocol writes it', async () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(key, async (bytes) => {
        const text = formatDeskKey(bytes);
        expect(configurationProblem(RELAY, text)).to.equal(null);
        expect(await deskKeyFits(text)).to.equal(true);
      }),
    );
    await fc.assert(
      fc.asyncProperty(key, fc.nat(47), async (bytes, at) => {
        const text = formatDeskKey(bytes);
        const other = text[4 + at] === 'A' ? 'B' : 'A';
        expect(await deskKeyFits(text.slice(0, 4 + at) + other + text.slice(5 + at))).to.equal(false);
      }),
    );
  });
});
