import { expect } from 'chai';
import * as fc from 'fast-check';
import { encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { compare } from '../../src/bytes/bytes.ts';
import { encodeBundle, openBundle, signDirectory } from '../../src/identity/directory.ts';
import type { DeviceKeys } from '../../src/identity/device.ts';
import { hashOfSigned, sign, type Signed } from '../../src/identity/signature.ts';
import { checkLink, nextLink, type HeldLink } from '../../src/protocol/chain.ts';
import { compareReference, referenceOf, sortedIds } from '../../src/protocol/head.ts';
import { openHistory } from '../../src/protocol/history.ts';
import type { Body, PrivatePart, Sender } from '../../src/protocol/kinds.ts';
import { openMessage, signMessage, type Envelope } from '../../src/protocol/message.ts';
import { outcomeOf } from '../../src/protocol/outcome.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { everyKind } from './every-kind.ts';
import { crypto, messageOf, NOW, pairOf, receive, send, signedText, world } from './world.ts';

const hash = (fill: number) => new Uint8Array(32).fill(fill);
const id = (fill: number) => new Uint8Array(16).fill(fill);
const head = { device: id(1), chain: new Uint8Array(8), seq: 3, hash: hash(3) };

type Known = Exclude<Body, { kind: 'unknown' }>;

/** Signs whatever is given, as a dishonest participant can. */
async function signedAnyhow(from: DeviceKeys, body: Known, changes: Record<string, unknown> = {}): Promise<Signed> {
  const message = await messageOf(
    from,
    body,
    changes.audience === undefined ? {} : { audience: changes.audience as Envelope['audience'] },
  );
  return sign(crypto, from.seed, 'message', encodeCbor({ v: 1, ...message, ...changes } as unknown as CborValue));
}

interface Opening {
  peer?: DeviceKeys;
  self?: DeviceKeys;
  role?: Sender;
  private?: PrivatePart;
  conversation?: Uint8Array;
}

async function open(signed: Signed, { peer, self, role, private: part = null, conversation }: Opening = {}) {
  const w = await world();
  return openMessage({
    crypto,
    signed,
    private: part,
    session: {
      peerKey: (peer ?? w.customer).key,
      desk: w.desk,
      conversation: conversation ?? w.conversation,
      customerKey: w.customer.key,
    },
    self: self ?? w.agent,
    senderRole: role ?? 'customer',
    newest: w.directory,
    named: null,
  });
}

const code = async (signed: Signed, options: Opening = {}) => codeOfThrow(() => open(signed, options));
const text: Known = { kind: 'text', content: { text: 'hello' } };

describe('messages', () => {
  it('of every kind come out as they were signed', async () => {
    const cases = await everyKind();
    for (const { from, self, role, message, private: part } of cases) {
      const signed = await signMessage({ crypto, device: from, message });
      const opened = await open(signed, { peer: from, self, role, private: part });
      expect(opened.message, message.kind).to.deep.equal(message);
      expect(opened.private).to.deep.equal(part);
      expect(opened.hash).to.deep.equal(hashOfSigned(signed));
    }
    expect(new Set(cases.map(({ message }) => message.kind)).size).to.equal(21);
  });

  it('of an unknown kind are accepted, typed as unknown', async () => {
    const { customer } = await world();
    const signed = await signedAnyhow(customer, text, { kind: 'hologram', content: { depth: 3 } });
    const { message } = await open(signed, { private: { anything: 1 } });
    expect(message.kind === 'unknown' && [message.name, message.content]).to.deep.equal(['hologram', { depth: 3 }]);
    // A name of Object's own is no kind either.
    const sneaky = await open(await signedAnyhow(customer, text, { kind: 'toString', content: {} }));
    expect(sneaky.message.kind).to.equal('unknown');
  });

  it('are refused when another device signed them, also a participant that sends another’s on', async () => {
    const { customer, agent, colleague, archive, outsider } = await world();
    const signed = await signedText(customer, 'mine');
    expect(await code(signed)).to.equal('accepted');
    // agent → archive: the customer's very bytes through the agent's session.
    expect(await code(signed, { peer: agent, self: archive, role: 'agent' })).to.equal('message-signature');
    // To a device that the customer did not send to, in a session with the customer itself.
    expect(await code(signed, { self: colleague })).to.equal('message-recipient');
    // The agent signs for the customer.
    const forged = await signedAnyhow(agent, text, { from: customer.id });
    expect(await code(forged, { peer: agent, self: archive, role: 'agent' })).to.equal('message-sender');
    expect(await code(await sign(crypto, outsider.seed, 'message', signed[0]))).to.equal('message-signature');
    expect(await code(await sign(crypto, customer.seed, 'prekey', signed[0]))).to.equal('message-signature');
  });

  it('are refused in another session than that of their conversation', async () => {
    const { customer } = await world();
    expect(await code(await signedText(customer, 'x'), { conversation: id(9) })).to.equal('session-mismatch');
    expect(await code(await signedAnyhow(customer, text, { desk: hash(9) }))).to.equal('session-mismatch');
  });

  it('are refused by recipients and audience', async () => {
    const { customer, agent, archive, outsider } = await world();
    const to = (...devices: DeviceKeys[]) => sortedIds(devices.map((device) => device.id));
    const asAgent = { peer: agent, self: archive, role: 'agent' } as const;
    expect(await code(await signedAnyhow(customer, text, { to: to(customer, agent) }))).to.equal('message-recipient');
    expect(await code(await signedAnyhow(customer, text, { to: to(agent, outsider) }))).to.equal('message-audience');
    expect(await code(await signedAnyhow(customer, text, { to: to(agent, archive).reverse() }))).to.equal(
      'shape-mismatch',
    );
    expect(await code(await signedAnyhow(agent, text, { to: to(archive) }), asAgent)).to.equal('message-audience');
    expect(
      await code(await signedAnyhow(agent, text, { audience: 'desk', to: to(customer, archive) }), asAgent),
    ).to.equal('message-audience');
    expect(await code(await signedAnyhow(agent, text, { audience: 'desk', to: to(archive) }), asAgent)).to.equal(
      'accepted',
    );
    const receipt: Known = { kind: 'receipt', content: { delivered: [], read: [], heads: [] } };
    expect(await code(await signedAnyhow(customer, receipt, { audience: 'direct', to: to(agent, archive) }))).to.equal(
      'message-recipient',
    );
  });

  it('are refused when the sender may not send the kind', async () => {
    const { customer, agent, archive } = await world();
    const close: Known = { kind: 'close', content: {} };
    const join: Known = { kind: 'join', content: { how: 'claim', have: [] } };
    const release: Known = { kind: 'release', content: { joined: id(1) } };
    const asAgent = { peer: agent, self: customer, role: 'agent' } as const;
    expect(await code(await signedAnyhow(customer, join))).to.equal('message-kind-forbidden');
    expect(
      await code(await signedAnyhow(agent, { kind: 'rating', content: { score: 1, comment: '' } }), asAgent),
    ).to.equal('message-kind-forbidden');
    expect(await code(await signedAnyhow(agent, release, { audience: 'direct' }), asAgent)).to.equal(
      'message-kind-forbidden',
    );
    expect(await code(await signedAnyhow(archive, close), { peer: archive, self: customer, role: 'archive' })).to.equal(
      'message-kind-forbidden',
    );
    expect(
      await code(await signedAnyhow(archive, text, { kind: 'new', content: {} }), {
        peer: archive,
        self: customer,
        role: 'archive',
      }),
    ).to.equal('message-kind-forbidden');
    expect(await code(await signedAnyhow(customer, text, { audience: 'desk', to: [agent.id] }))).to.equal(
      'message-kind-forbidden',
    );
    expect(
      await code(await signedAnyhow(customer, release, { audience: 'direct', to: [archive.id] }), { self: archive }),
    ).to.equal('message-kind-forbidden');
    const history: Known = {
      kind: 'history',
      content: { items: [await signedText(customer, 'x')], keys: [customer.key] },
    };
    expect(await code(await signedAnyhow(agent, history, { audience: 'direct' }), asAgent)).to.equal(
      'message-kind-forbidden',
    );
  });

  it('are refused when content or private part has another shape', async () => {
    const { customer, agent, archive } = await world();
    for (const content of [{}, { text: '' }, { text: 1 }, { text: 'x', more: 1 }, { text: 'x'.repeat(16_385) }])
      expect(await code(await signedAnyhow(customer, text, { content }))).to.equal('shape-mismatch');
    expect(await code(await signedAnyhow(customer, text, { content: [] }))).to.equal('shape-mismatch');
    expect(await code(await signedText(customer, 'x'), { private: {} })).to.equal('shape-mismatch');
    const sealed = {
      kind: 'sealed',
      content: { label: 'l', recipient: agent.id, boxHash: hash(1), keyHash: hash(2), expires: NOW },
    } as const;
    const signed = await signedAnyhow(customer, sealed);
    expect(await code(signed)).to.equal('shape-mismatch');
    expect(await code(signed, { self: archive })).to.equal('accepted');
    expect(await code(signed, { private: { box: new Uint8Array(296), boxKey: hash(1) } })).to.equal('accepted');
    expect(await code(signed, { self: archive, private: { box: new Uint8Array(296), boxKey: hash(1) } })).to.equal(
      'shape-mismatch',
    );
    const named = {
      kind: 'file',
      content: { blob: hash(1), key: hash(1), size: 1, hash: hash(1), type: '', name: 'gnp.\u202eexe' },
    } as const;
    expect(await code(await signedAnyhow(customer, named))).to.equal('shape-mismatch');
  });

  it('are refused when chain, seq, previous or seen do not fit', async () => {
    const { customer } = await world();
    const receipt: Known = { kind: 'receipt', content: { delivered: [], read: [], heads: [] } };
    for (const changes of [
      { chain: null },
      { seq: null },
      { seq: 1 },
      { previous: hash(1) },
      { chain: null, seq: null },
    ])
      expect(await code(await signedAnyhow(customer, text, changes))).to.equal('message-chain');
    expect(await code(await signedAnyhow(customer, text, { seq: 1, previous: hash(1), seen: [head] }))).to.equal(
      'accepted',
    );
    for (const changes of [{ seen: [head] }, { chain: new Uint8Array(8), seq: 0 }])
      expect(await code(await signedAnyhow(customer, receipt, { audience: 'direct', ...changes }))).to.equal(
        'message-chain',
      );
  });

  it('that name a higher directory wait, unless they bring one', async () => {
    const { customer, directory, bundle } = await world();
    const higher = { version: 4, renewal: 0, hash: hash(4) };
    expect(await code(await signedAnyhow(customer, text, { directory: higher }))).to.equal('directory-unknown');
    const brings: Known = { kind: 'directory', content: { bundle } };
    expect(await code(await signedAnyhow(customer, brings, { audience: 'direct', directory: higher }))).to.equal(
      'accepted',
    );
    const { version, renewal } = directory.position;
    expect(compareReference({ version, renewal: 1, hash: hash(0) }, directory)).to.equal('higher');
    expect(compareReference({ version: version - 1, renewal: 9, hash: hash(0) }, directory)).to.equal('lower');
    expect(compareReference({ version, renewal, hash: hash(0) }, directory)).to.equal('other');
    expect(compareReference(referenceOf(directory), directory)).to.equal('same');
  });

  it('that leave an archive out are accepted and told of', async () => {
    const { customer, agent, archive } = await world();
    expect((await open(await signedAnyhow(customer, text, { to: [agent.id] }))).archivesMissing).to.deep.equal([
      archive.id,
    ]);
    expect((await open(await signedText(customer, 'x'))).archivesMissing).to.deep.equal([]);
  });

  it('may name members of the bundle they name, if the receiver keeps it', async () => {
    const w = await world();
    const rest = w.directory.directory.members.filter(({ key }) => compare(key, w.colleague.key) !== 0);
    const next = { ...w.directory.directory, version: 4, members: rest };
    const base = await signDirectory(crypto, w.rootSeed, next);
    const newest = await openBundle(crypto, encodeBundle({ base, renewal: null }), w.desk);
    const signed = await signedAnyhow(w.customer, text, { to: sortedIds([w.agent.id, w.archive.id, w.colleague.id]) });
    const session = {
      peerKey: w.customer.key,
      desk: w.desk,
      conversation: w.conversation,
      customerKey: w.customer.key,
    };
    const opening = { crypto, signed, private: null, session, self: w.agent, senderRole: 'customer' as const, newest };
    expect(await codeOfThrow(() => openMessage({ ...opening, named: w.directory }))).to.equal('accepted');
    expect(await codeOfThrow(() => openMessage({ ...opening, named: null }))).to.equal('message-audience');
  });

  it('are not signed when they break the rules', async () => {
    const { customer, agent } = await world();
    const message = await messageOf(customer, text);
    const signing = (changes: object) =>
      codeOfThrow(() => signMessage({ crypto, device: customer, message: { ...message, ...changes } }));
    expect(await signing({})).to.equal('accepted');
    expect(await signing({ from: agent.id })).to.equal('message-sender');
    expect(await signing({ to: [customer.id] })).to.equal('message-recipient');
    expect(await signing({ seq: 1 })).to.equal('message-chain');
    expect(await signing({ content: { text: '' } })).to.equal('shape-mismatch');
    expect(await signing({ kind: 'unknown', name: 'x' })).to.equal('message-kind-forbidden');
  });

  it('show a flipped bit anywhere', async function () {
    this.timeout(60_000);
    const { customer } = await world();
    const [bytes, signature] = await signedText(customer, 'exactly this');
    const flipped = (of: Uint8Array, at: number, bit: number) =>
      of.map((byte, i) => (i === at % of.length ? byte ^ (1 << bit) : byte));
    const property = fc.asyncProperty(fc.nat(), fc.nat(7), fc.boolean(), async (at, bit, inSignature) => {
      const signed: Signed = inSignature ? [bytes, flipped(signature, at, bit)] : [flipped(bytes, at, bit), signature];
      expect(await code(signed)).to.equal('message-signature');
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('of the largest size fit a frame', async () => {
    const { a, b } = await pairOf({ seed: 'large' });
    const items: Signed[] = [];
    for (let i = 0; i < 6; i++) items.push([new Uint8Array(16_200), new Uint8Array(64)]);
    const body: Known = { kind: 'history', content: { items, keys: [a.self.key] } };
    const message = await signMessage({
      crypto,
      device: a.self,
      message: await messageOf(a.self, body, { audience: 'direct' }),
    });
    const got = await receive(b, await send(a, message, { private: { box: new Uint8Array(8_000) } }));
    expect(got.message).to.deep.equal(message);
    const long = codeOfThrow(() => send(a, message, { private: { box: new Uint8Array(8_192) } }));
    expect(await long).to.equal('cbor-too-large');
  });
});

describe('chains', () => {
  const chain = new Uint8Array(8);
  const check = (
    seq: number,
    previous: Uint8Array | null,
    own: Uint8Array,
    held: Record<number, HeldLink>,
    otherChains = false,
  ) =>
    checkLink({
      link: { chain, seq, previous },
      hash: own,
      held: (at) => held[at],
      chainKnown: Object.keys(held).length > 0,
      otherChains,
    });

  it('go on from their last message', () => {
    expect(nextLink(null, chain)).to.deep.equal({ chain, seq: 0, previous: null });
    expect(nextLink({ chain: id(1), seq: 4, hash: hash(4) }, chain)).to.deep.equal({
      chain: id(1),
      seq: 5,
      previous: hash(4),
    });
  });

  it('show gaps, forks and beginnings', () => {
    const first = { 0: { hash: hash(0), previous: null } };
    expect(check(0, null, hash(0), {})).to.equal('ok');
    expect(check(1, hash(0), hash(1), first)).to.equal('ok');
    expect(check(0, null, hash(0), first)).to.equal('ok');
    expect(check(2, hash(1), hash(2), first)).to.equal('gap');
    expect(check(2, hash(1), hash(2), {})).to.equal('gap');
    expect(check(0, null, hash(9), first)).to.equal('fork');
    expect(check(1, hash(9), hash(1), first)).to.equal('fork');
    const later = { 2: { hash: hash(2), previous: hash(1) } };
    expect(check(1, hash(0), hash(1), later)).to.equal('gap');
    expect(check(1, hash(0), hash(9), later)).to.equal('fork');
    expect(check(0, null, hash(0), {}, true)).to.equal('new-chain');
    expect(check(1, hash(0), hash(1), first, true)).to.equal('ok');
  });
});

describe('a history', () => {
  it('gives the original pairs, verified when their senders are known', async () => {
    const w = await world();
    const items = [
      await signedText(w.customer, '1'),
      await signedText(w.agent, '2'),
      await signedText(w.outsider, '3'),
    ];
    const keys = [w.customer.key, w.agent.key, w.outsider.key].sort(compare);
    const opening = { crypto, session: { ...w, customerKey: w.customer.key }, archive: false };
    const wasMember = (key: Uint8Array) =>
      w.directory.directory.members.some((member) => compare(member.key, key) === 0);
    const opened = await openHistory({ ...opening, content: { items, keys }, wasMember });
    expect(opened.map(({ signed }) => signed)).to.deep.equal(items);
    expect(opened.map(({ verified }) => verified)).to.deep.equal([true, true, false]);
    const codeOf = (content: { items: Signed[]; keys: Uint8Array[] }) =>
      codeOfThrow(() => openHistory({ ...opening, content, wasMember }));
    expect(await codeOf({ items, keys: [w.customer.key] })).to.equal('message-sender');
    const [bytes] = items[0]!;
    expect(await codeOf({ items: [[bytes, new Uint8Array(64)]], keys })).to.equal('message-signature');
    const note = await signedAnyhow(w.agent, text, { audience: 'desk' });
    expect(await codeOf({ items: [note], keys })).to.equal('message-audience');
    expect(await codeOf({ items: [await signedAnyhow(w.agent, text, { conversation: id(3) })], keys })).to.equal(
      'session-mismatch',
    );
    expect(await codeOf({ items: [await signedAnyhow(w.agent, text, { seq: 4 })], keys })).to.equal('message-chain');
    const past = await signedAnyhow(w.agent, text, { to: [w.archive.id] });
    expect(await codeOf({ items: [past], keys })).to.equal('message-audience');
    const toSelf = await signedAnyhow(w.agent, text, { to: [w.customer.id, w.agent.id].sort(compare) });
    expect(await codeOf({ items: [toSelf], keys })).to.equal('message-recipient');
  });

  it('gives an archive what was said within the desk past it, and nothing that calls itself so', async () => {
    const w = await world();
    const keys = [w.customer.key, w.agent.key].sort(compare);
    const opening = { crypto, session: { ...w, customerKey: w.customer.key }, archive: true, wasMember: () => true };
    const codeOf = (items: Signed[]) => codeOfThrow(() => openHistory({ ...opening, content: { items, keys } }));
    const note = (from: typeof w.agent, to: Uint8Array) => signedAnyhow(from, text, { audience: 'desk', to: [to] });
    expect(await codeOf([await note(w.agent, w.colleague.id)])).to.equal('accepted');
    expect(await codeOf([await note(w.agent, w.customer.id)])).to.equal('message-audience');
    expect(await codeOf([await note(w.customer, w.agent.id)])).to.equal('message-audience');
    const direct = await signedAnyhow(w.agent, text, { audience: 'direct', to: [w.archive.id] });
    expect(await codeOf([direct])).to.equal('message-audience');
  });
});

describe('outcomes', () => {
  it('are those of the table', () => {
    expect(outcomeOf('frame-duplicate', 'session')).to.equal('drop');
    expect(outcomeOf('frame-malformed', 'session')).to.equal('drop');
    expect(outcomeOf('ratchet-header-signature', 'session')).to.equal('drop');
    expect(outcomeOf('frame-undecryptable', 'session')).to.equal('failure');
    for (const broken of ['ratchet-epoch-unexpected', 'ratchet-fork', 'ratchet-jump-too-far', 'kem-failed'])
      expect([outcomeOf(broken, 'session'), outcomeOf(broken, 'hello')]).to.deep.equal(['broken', 'drop']);
    for (const lost of ['session-unknown', 'prekey-unknown', 'handshake-replayed'])
      expect(outcomeOf(lost, 'hello')).to.equal('reset');
    expect(outcomeOf('handshake-signature', 'hello')).to.equal('drop');
    expect(outcomeOf('frame-undecryptable', 'hello')).to.equal('drop');
    expect(outcomeOf('directory-unknown', 'message')).to.equal('hold');
    expect(outcomeOf('message-audience', 'message')).to.equal('refused');
    expect(outcomeOf('toString', 'session')).to.equal('drop');
  });
});
