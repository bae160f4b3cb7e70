import { expect } from 'chai';
import { compare } from '../../src/bytes/bytes.ts';
import { baseHashOf, encodeBundle, signDirectory, signRenewal } from '../../src/identity/directory.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { hashOfSigned, type Signed } from '../../src/identity/signature.ts';
import { nextLink, type Link } from '../../src/protocol/chain.ts';
import { referenceOf, type Head } from '../../src/protocol/head.ts';
import { signMessage } from '../../src/protocol/message.ts';
import { verifyTranscript } from '../../src/protocol/transcript-check.ts';
import { decodeTranscript, encodeTranscript, type Transcript } from '../../src/protocol/transcript.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { crypto, DAY, messageOf, NOW, randomOf, world } from './world.ts';

/** One device's chain. */
class Speaker {
  readonly #device: DeviceKeys;
  readonly #chain: Uint8Array;
  #last: (Link & { hash: Uint8Array }) | null = null;

  constructor(device: DeviceKeys) {
    this.#device = device;
    this.#chain = device.key.slice(0, 8);
  }

  async say(text: string, seen: Head[] = []): Promise<Signed> {
    const link = nextLink(this.#last, this.#chain);
    const id = randomOf(text)(16);
    const message = await messageOf(this.#device, { kind: 'text', content: { text } }, { ...link, id, seen });
    const signed = await signMessage({ crypto, device: this.#device, message });
    this.#last = { ...link, hash: hashOfSigned(signed) };
    return signed;
  }

  get head(): Head {
    if (this.#last === null) throw new Error('nothing said');
    return { device: this.#device.id, chain: this.#chain, seq: this.#last.seq, hash: this.#last.hash };
  }
}

async function checkpoint(heads: Head[], time: number): Promise<Signed> {
  const { archive, directory } = await world();
  const content = { heads, time, directory: referenceOf(directory) };
  const message = await messageOf(archive, { kind: 'checkpoint', content }, { audience: 'direct' });
  return signMessage({ crypto, device: archive, message });
}

async function transcriptOf(items: Signed[], checkpoints: Signed[] = []): Promise<Transcript> {
  const { desk, conversation, customer, salt, bundle } = await world();
  return {
    desk,
    conversation,
    customerKey: customer.key,
    salt,
    bundles: [bundle],
    items,
    checkpoints,
    exportedAt: NOW,
  };
}

async function verified(transcript: Transcript) {
  const { desk } = await world();
  return verifyTranscript({ crypto, transcript, deskKey: desk });
}

describe('a transcript', () => {
  it('is whole when everything is there and covered', async () => {
    const { customer, agent } = await world();
    const [c, m] = [new Speaker(customer), new Speaker(agent)];
    const items = [await c.say('1'), await c.say('2')];
    items.push(await m.say('3', [c.head]));
    const heads = [c.head, m.head].sort((a, b) => compare(a.device, b.device));
    const checkpoints = [await checkpoint(heads, NOW + 5), await checkpoint([c.head], NOW + 3)];
    const encoded = encodeTranscript(await transcriptOf(items, checkpoints));
    const report = await verified(decodeTranscript(encoded));
    expect([report.refused, report.missing, report.forked, report.uncovered]).to.deep.equal([[], [], [], []]);
    expect(report.items.map(({ coveredAt }) => coveredAt)).to.deep.equal([NOW + 3, NOW + 3, NOW + 5]);
    expect(report.items.map(({ sender }) => (sender.kind === 'member' ? sender.name : sender.kind))).to.deep.equal([
      'customer',
      'customer',
      'Ada',
    ]);
    expect(report.archived).to.equal(true);
  });

  it('names what is missing, by links and by heads', async () => {
    const { customer, agent } = await world();
    const [c, m] = [new Speaker(customer), new Speaker(agent)];
    const said = [];
    for (const text of ['0', '1', '2', '3', '4']) said.push(await c.say(text));
    const answer = await m.say('I saw them', [c.head]);
    const report = await verified(await transcriptOf([said[1]!, said[3]!, answer], [await checkpoint([c.head], NOW)]));
    const [own] = [customer.id];
    expect(report.missing.map(({ device, first, last }) => [compare(device, own) === 0, first, last])).to.deep.equal([
      [true, 0, 0],
      [true, 2, 2],
      [true, 4, 4],
    ]);
    // The head is not there, so nothing is linked to it.
    expect(report.uncovered.length).to.equal(3);
  });

  it('covers what is linked to a checkpoint’s head, and nothing that came after', async () => {
    const { customer } = await world();
    const c = new Speaker(customer);
    const items = [await c.say('0'), await c.say('1')];
    const head = c.head;
    items.push(await c.say('later'));
    const report = await verified(await transcriptOf(items, [await checkpoint([head], NOW)]));
    expect(report.items.map(({ coveredAt }) => coveredAt)).to.deep.equal([NOW, NOW, null]);
  });

  it('names forks', async () => {
    const { customer } = await world();
    const [one, two] = [new Speaker(customer), new Speaker(customer)];
    const items = [await one.say('one'), await two.say('another')];
    const report = await verified(await transcriptOf(items));
    expect(report.forked.map(({ seq }) => seq)).to.deep.equal([0]);
    expect(report.items.length).to.equal(2);
    // Another message than the one that the next names.
    const next = await one.say('next');
    const other = await verified(await transcriptOf([items[1]!, next]));
    expect(other.forked.map(({ seq }) => seq)).to.deep.equal([0]);
  });

  it('does not count what is repeated, and refuses what it cannot rely on', async () => {
    const { customer, outsider, agent } = await world();
    const c = new Speaker(customer);
    const good = await c.say('good');
    const forged: Signed = [good[0], new Uint8Array(64)];
    const stranger = await new Speaker(outsider).say('who am I');
    const vouching = await new Speaker(agent).say('not a checkpoint');
    const report = await verified(await transcriptOf([good, good, forged, stranger], [vouching]));
    expect(report.items.length).to.equal(1);
    expect(report.refused).to.deep.equal([
      { list: 'items', index: 2, code: 'message-signature' },
      { list: 'items', index: 3, code: 'message-sender' },
      { list: 'checkpoints', index: 0, code: 'message-audience' },
    ]);
  });

  it('refuses what no receiver would have taken for said to the audience it names', async () => {
    const { customer, agent, archive } = await world();
    const said = async (from: DeviceKeys, name: string, changes: Parameters<typeof messageOf>[2]) => {
      const id = randomOf(name)(16);
      const message = await messageOf(from, { kind: 'text', content: { text: name } }, { id, ...changes });
      return signMessage({ crypto, device: from, message });
    };
    const items = [
      await said(agent, 'past the customer', { to: [archive.id] }),
      await said(agent, 'a note to the customer', { audience: 'desk', to: [customer.id] }),
      await said(agent, 'a note', { audience: 'desk', to: [archive.id], chain: new Uint8Array(8) }),
    ];
    const report = await verified(await transcriptOf(items));
    expect(report.refused).to.deep.equal([
      { list: 'items', index: 0, code: 'message-audience' },
      { list: 'items', index: 1, code: 'message-audience' },
    ]);
    expect(report.items.length).to.equal(1);
  });

  it('refuses a second message with an id: what is edited or covered would be either', async () => {
    const { customer } = await world();
    const id = randomOf('one id')(16);
    const said = async (text: string, link: Link) => {
      const message = await messageOf(customer, { kind: 'text', content: { text } }, { ...link, id });
      return signMessage({ crypto, device: customer, message });
    };
    const chain = new Uint8Array(8);
    const first = await said('yes', nextLink(null, chain));
    const second = await said('no', { chain, seq: 1, previous: hashOfSigned(first) });
    const report = await verified(await transcriptOf([first, first, second]));
    expect(report.refused).to.deep.equal([{ list: 'items', index: 2, code: 'message-conflict' }]);
    expect(report.items.length).to.equal(1);
  });

  it('names directories that messages name and that were left out', async () => {
    const w = await world();
    const others = w.directory.directory.members.filter(({ role }) => role !== 'archive');
    const unrecorded = await signDirectory(crypto, w.rootSeed, {
      ...w.directory.directory,
      version: 2,
      members: others,
      policy: { ...w.directory.directory.policy, recorded: false },
    });
    const transcript = await transcriptOf([
      await new Speaker(w.customer).say('x'),
      await new Speaker(w.agent).say('y'),
    ]);
    const report = await verified({ ...transcript, bundles: [encodeBundle({ base: unrecorded, renewal: null })] });
    expect([report.refused, report.missing, report.forked, report.archived]).to.deep.equal([[], [], [], false]);
    expect(report.directoriesMissing).to.deep.equal([referenceOf(w.directory)]);
    expect((await verified(transcript)).directoriesMissing).to.deep.equal([]);
  });

  it('is refused as a whole when desk, conversation or bundles are wrong', async () => {
    const w = await world();
    const transcript = await transcriptOf([await new Speaker(w.customer).say('x')]);
    const codeOf = (changes: Partial<Transcript>, deskKey = w.desk) =>
      codeOfThrow(() => verifyTranscript({ crypto, transcript: { ...transcript, ...changes }, deskKey }));
    expect(await codeOf({})).to.equal('accepted');
    expect(await codeOf({}, w.agent.key)).to.equal('directory-foreign');
    expect(await codeOf({ customerKey: w.outsider.key })).to.equal('conversation-foreign');
    expect(await codeOf({ salt: new Uint8Array(16) })).to.equal('conversation-foreign');
    const twin = await signDirectory(crypto, w.rootSeed, { ...w.directory.directory, name: 'Another Bank' });
    const bundles = [w.bundle, encodeBundle({ base: twin, renewal: null })];
    expect(await codeOf({ bundles })).to.equal('directory-equivocation');
    expect(await codeOf({ bundles: [w.bundle, w.bundle] })).to.equal('accepted');
    const renewers = [{ key: w.outsider.key, until: NOW + 90 * DAY }];
    const base = await signDirectory(crypto, w.rootSeed, { ...w.directory.directory, version: 4, renewers });
    const renewed = async (renewal: number, removed: Uint8Array[]) => {
      const { desk, issuedAt, freshUntil } = w.directory.directory;
      const about = { desk, version: 4, base: baseHashOf(base[0]), renewal, issuedAt, freshUntil, removed };
      return encodeBundle({ base, renewal: await signRenewal(crypto, w.outsider.seed, about) });
    };
    const removed = [w.colleague.id];
    const alone = [w.bundle, encodeBundle({ base, renewal: null }), await renewed(1, []), await renewed(2, removed)];
    expect(await codeOf({ bundles: alone })).to.equal('accepted');
    expect(await codeOf({ bundles: [...alone, await renewed(1, removed)] })).to.equal('directory-equivocation');
  });
});
