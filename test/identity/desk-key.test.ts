import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex } from '../../src/bytes/text.ts';
import { formatDeskKey, parseDeskKey } from '../../src/identity/desk-key.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
const text = 'dk1_11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURqXrA5y';

describe('desk keys as text (§4)', () => {
  it('are written with a checksum', () => {
    expect(formatDeskKey(key)).to.equal(text);
    expect(parseDeskKey(text)).to.deep.equal(key);
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(parseDeskKey(formatDeskKey(bytes))).to.deep.equal(bytes);
      }),
    );
  });

  const refused = {
    nothing: '',
    'the prefix alone': 'dk1_',
    'another version': text.replace('dk1_', 'dk2_'),
    'no prefix': text.slice(4),
    'the prefix in capitals': text.replace('dk1_', 'DK1_'),
    'a space before': ` ${text}`,
    'a line end after': `${text}\n`,
    'a character missing': text.slice(0, -1),
    'a character too many': `${text}A`,
    'four characters too many': `${text}AAAA`,
    padding: `${text}=`,
    'the other base64 alphabet': text.replace('_7T', '/7T'),
    'no checksum': text.slice(0, -5),
  };
  for (const [why, malformed] of Object.entries(refused)) {
    it(`are refused with ${why}`, async () => {
      expect(await codeOfThrow(() => parseDeskKey(malformed))).to.equal('desk-key-malformed');
    });
  }

  it('are refused with any one character changed', async () => {
    for (let at = 4; at < text.length; at++) {
      const other = text[at] === 'B' ? 'C' : 'B';
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      expect(await codeOfThrow(() => parseDeskKey(changed)), changed).to.equal('desk-key-malformed');
    }
  });
});
