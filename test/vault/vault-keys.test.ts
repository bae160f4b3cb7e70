import { expect } from 'chai';
import { toHex } from '../../src/bytes/text.ts';
import { blindPart } from '../../src/vault/record.ts';
import { VaultKeys } from '../../src/vault/vault-keys.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const vmk = Uint8Array.from({ length: 32 }, (_, i) => i);
const vid = Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i);

describe('the keys of a vault', () => {
  it('are those that another implementation derives', () => {
    const keys = new VaultKeys({ vmk, vid });
    expect(toHex(keys.tableKey('messages'))).to.equal(
      '956cec64e172387374bcaaa838d381d3766ec2438ce1031488455a36eabfce16',
    );
    expect(toHex(keys.blindKey())).to.equal('1e591be921714817ab23519063259e77c40fef48cf5c52ff6626fcaf81866cc5');
    expect(toHex(blindPart(keys, 'messages', 'draft'))).to.equal('7bbbec1250315373e1d898cb56c0ee7f');
    expect(toHex(blindPart(keys, 'messages', new TextEncoder().encode('draft')))).to.equal(
      'a2c515499d843bb14fad7be7fd3ca6bd',
    );
  });

  it('differ by table, vault and master key', () => {
    const all = [
      new VaultKeys({ vmk, vid }).tableKey('messages'),
      new VaultKeys({ vmk, vid }).tableKey('sessions'),
      new VaultKeys({ vmk, vid }).tableKey('blind'),
      new VaultKeys({ vmk, vid }).blindKey(),
      new VaultKeys({ vmk, vid: vmk.slice(0, 16) }).tableKey('messages'),
      new VaultKeys({ vmk: vmk.slice().reverse(), vid }).tableKey('messages'),
    ];
    expect(new Set(all.map(toHex)).size).to.equal(all.length);
  });

  it('do not change when the caller erases what it gave', () => {
    const given = vmk.slice();
    const keys = new VaultKeys({ vmk: given, vid });
    given.fill(0);
    expect(keys.masterKey()).to.deep.equal(vmk);
    keys.masterKey().fill(0);
    keys.vid.fill(0);
    expect(keys.masterKey()).to.deep.equal(vmk);
    expect(keys.vid).to.deep.equal(vid);
  });

  it('are gone after erasure, also those derived before', async () => {
    const keys = new VaultKeys({ vmk, vid });
    const derived = keys.tableKey('messages');
    keys.erase();
    expect(keys.erased).to.equal(true);
    expect(derived.every((byte) => byte === 0)).to.equal(true);
    for (const use of [() => keys.masterKey(), () => keys.tableKey('messages'), () => keys.blindKey()]) {
      expect(await codeOfThrow(use)).to.equal('vault-locked');
    }
  });

  it('show in no text made of the object', () => {
    const keys = new VaultKeys({ vmk, vid });
    keys.tableKey('messages');
    const texts = [
      String(keys),
      JSON.stringify({ keys }),
      JSON.stringify(Object.entries(keys)),
      Object.keys(keys).join(),
    ];
    for (const text of texts) expect(text).not.to.match(/[0-9a-f]{8}|\d+,\d+/);
  });

  it('refuse other lengths', async () => {
    expect(await codeOfThrow(() => new VaultKeys({ vmk: vid, vid }))).to.equal('vault-key-malformed');
    expect(await codeOfThrow(() => new VaultKeys({ vmk, vid: vmk }))).to.equal('vault-key-malformed');
  });
});
