import { expect } from 'chai';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { deviceIdOf, deviceKeysFrom } from '../../src/identity/device.ts';
import { fingerprintOf } from '../../src/identity/fingerprint.ts';
import { nobleCrypto } from '../../src/identity/noble-crypto.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

/** RFC 8032 §7.1, test 1. */
const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const key = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

describe('devices (§4)', () => {
  it('have the id that their key hashes to', () => {
    expect(toHex(deviceIdOf(fromHex(key)))).to.equal('90d36edd7788d1d6ce50dc6dfbf28ec9');
  });

  it('have key and id from their seed', async () => {
    const device = await deviceKeysFrom(nobleCrypto, fromHex(seed));
    expect(toHex(device.seed)).to.equal(seed);
    expect(toHex(device.key)).to.equal(key);
    expect(toHex(device.id)).to.equal('90d36edd7788d1d6ce50dc6dfbf28ec9');
  });

  it('keep their seed when the caller clears its own copy', async () => {
    const own = fromHex(seed);
    const device = await deviceKeysFrom(nobleCrypto, own);
    own.fill(0);
    expect(toHex(device.seed)).to.equal(seed);
  });

  it('show no seed when printed, serialised, listed or spread', async () => {
    const device = await deviceKeysFrom(nobleCrypto, fromHex(seed));
    expect((device as { toString(): string }).toString()).to.equal('[device keys]');
    expect(JSON.stringify({ device })).to.equal('{"device":"[device keys]"}');
    expect(Object.keys(device)).not.to.include('seed');
    expect({ ...device }).not.to.have.property('seed');
    const inspect = (device as unknown as Record<symbol, () => string>)[Symbol.for('nodejs.util.inspect.custom')];
    expect(inspect?.call(device)).to.equal('[device keys]');
  });

  it('have seeds of 32 bytes', async () => {
    expect(await codeOfThrow(() => deviceKeysFrom(nobleCrypto, new Uint8Array(31)))).to.equal('seed-malformed');
  });
});

describe('fingerprints (§4)', () => {
  it('are six groups of five digits', () => {
    expect(fingerprintOf(fromHex(key))).to.equal('03766 30394 58724 28593 11894 53434');
  });

  it('keep leading zeros', () => {
    expect(fingerprintOf(fromHex('00000036' + '00'.repeat(28)))).to.equal('00318 15707 74890 71528 33926 65801');
  });
});
