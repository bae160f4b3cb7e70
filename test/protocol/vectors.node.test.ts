import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { protocolVectors } from '../vectors/protocol-vectors.ts';

describe('the generator of the protocol’s vectors', () => {
  it('makes the committed files, byte for byte', async () => {
    const files = await protocolVectors();
    expect(Object.keys(files).length).to.equal(6);
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8') === text, name).to.equal(true);
  });
});
