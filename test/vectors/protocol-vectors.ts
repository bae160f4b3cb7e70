/**
 * What the files protocol-*.json hold. All randomness is fixed; bytes are hexadecimal, times ms, signed things
 * `[bytes, signature]`. A negative case has one fault and names the layer that must refuse it, and the code.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from '../../src/bytes/bytes.ts';
import { encodeCbor, type CborValue } from '../../src/bytes/cbor.ts';
import { pad, padmeLength } from '../../src/bytes/padding.ts';
import { toHex } from '../../src/bytes/text.ts';
import { codeOf } from '../../src/errors.ts';
import { deviceIdOf, type DeviceKeys } from '../../src/identity/device.ts';
import { encodeBundle, signDirectory } from '../../src/identity/directory.ts';
import { label } from '../../src/identity/label.ts';
import type { RandomBytes } from '../../src/identity/public-key-crypto.ts';
import { hashOfSigned, sign, type Signed } from '../../src/identity/signature.ts';
import { attachmentEncryptor } from '../../src/protocol/attachment.ts';
import { nextLink, type Link } from '../../src/protocol/chain.ts';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { decodeFrame, frameHashOf, type Frame } from '../../src/protocol/frame.ts';
import { headerHashOf } from '../../src/protocol/epoch.ts';
import { initiateSession, readHello, respondSession } from '../../src/protocol/handshake.ts';
import { referenceOf, sortedHeads, type Head } from '../../src/protocol/head.ts';
import type { KnownKind } from '../../src/protocol/kinds.ts';
import { signMessage, type Envelope } from '../../src/protocol/message.ts';
import { createPrekey, openPrekey, type Prekey } from '../../src/protocol/prekey.ts';
import { keyOfFrame } from '../../src/protocol/receiving.ts';
import { createReset } from '../../src/protocol/reset.ts';
import { verifyTranscript } from '../../src/protocol/transcript-check.ts';
import { encodeTranscript, type Transcript } from '../../src/protocol/transcript.ts';
import { sealField } from '../../src/protocol/sealed-field.ts';
import { encryptSignal } from '../../src/protocol/signal.ts';
import { everyKind } from '../protocol/every-kind.ts';
import { crypto, DAY, headerOf, messageOf, NOW, randomOf, receive, send, signedReceipt, signedText, world, type Side } from '../protocol/world.ts';

/** Files by name, as text. */
export async function protocolVectors(): Promise<Record<string, string>> {
  const files = {
    'protocol-sessions.json': await sessions(),
    'protocol-messages.json': await messages(),
    'protocol-resets.json': await resets(),
    'protocol-attachments.json': attachments(),
    'protocol-sealed.json': sealedFields(),
    'protocol-transcripts.json': await transcripts(),
  };
  return Object.fromEntries(Object.entries(files).map(([name, value]) => [name, `${JSON.stringify(value, hexed, 1)}\n`]));
}

function hexed(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

/** Draws from `inner` and keeps what was drawn. */
class Recorder {
  readonly #inner: RandomBytes;
  #drawn: Uint8Array[] = [];

  constructor(inner: RandomBytes) {
    this.#inner = inner;
  }

  readonly draw: RandomBytes = (length) => {
    const bytes = this.#inner(length);
    this.#drawn.push(bytes);
    return bytes;
  };

  take(): Uint8Array {
    const all = concat(...this.#drawn);
    this.#drawn = [];
    return all;
  }
}

type Name = 'initiator' | 'responder';

async function sessions() {
  const { desk, customer, agent, salt } = await world();
  const sizes = [0, 1, 254, 255, 256, 257, 511, 512, 1_000, 16_383, 65_536, 100_000];
  return {
    sections: '7–11, 17',
    conversation: { desk, customerKey: customer.key, salt, id: conversationIdOf({ desk, customerKey: customer.key, salt }) },
    initiator: { seed: customer.seed, key: customer.key, id: customer.id },
    responder: { seed: agent.seed, key: agent.key, id: agent.id },
    padding: {
      lengths: sizes.map((length) => ({ length, padded: padmeLength(Math.max(256, length + 1)) })),
      example: { bytes: Uint8Array.of(1, 2, 3), padded: pad(Uint8Array.of(1, 2, 3)) },
    },

    sessions: [await session('with a one-time prekey', true), await session('without a one-time prekey', false)],
  };
}

async function session(name: string, withOneTime: boolean) {
  const { desk, customer, agent, salt, conversation } = await world();
  const recorder = new Recorder(randomOf(`vectors/${name}/initiator`));
  const responding = new Recorder(randomOf(`vectors/${name}/responder`));
  const made = { crypto, random: responding.draw, desk, device: agent };
  const signedPrekey = await createPrekey({ ...made, kind: 'signed', notAfter: NOW + 14 * DAY });
  const oneTime = withOneTime ? await createPrekey({ ...made, kind: 'one-time', notAfter: NOW + 30 * DAY }) : null;
  responding.take();
  const open = ({ signed, kind }: Prekey) => openPrekey({ crypto, signed, desk, deviceKey: agent.key, kind, now: NOW });
  const started = await initiateSession({
    crypto,
    random: recorder.draw,
    desk,
    conversation,
    customerKey: customer.key,
    salt,
    self: customer,
    peerKey: agent.key,
    signedPrekey: await open(signedPrekey),
    oneTime: oneTime && (await open(oneTime)),
    now: NOW,
  });
  const hello = headerOf(started);
  const initiate = { random: recorder.take(), now: NOW };
  const answering = { crypto, self: agent, desk, signedPrekeySeed: signedPrekey.seed, oneTimeSeed: oneTime?.seed ?? null };
  const answer = await respondSession({ ...answering, header: hello });
  const ends: Record<Name, Side & { recorder: Recorder }> = {
    initiator: { self: customer, random: recorder.draw, recorder, session: started },
    responder: { self: agent, random: responding.draw, recorder: responding, session: answer },
  };
  const steps = await play(ends);
  const { transcript, sessionId } = readHello(hello);
  const { root, chain, signal } = { root: started.root, chain: started.sending!.chain, signal: started.sending!.signal };
  return {
    name,
    prekeys: [signedPrekey, ...(oneTime ? [oneTime] : [])].map(({ id, seed, kind, notAfter, signed }) => ({ id, seed, kind, notAfter, signed })),
    initiate,
    hello,
    transcript,
    session: sessionId,
    epoch0: { root, chain, signal },
    steps,
    signal: signalOf(ends),
    refused: [...(await refusedPrekeys(signedPrekey)), ...(await refusedHellos(hello, answering)), ...(await refusedFrames(steps))],
  };
}

type Ends = Record<Name, Side & { recorder: Recorder }>;

interface SendStep {
  do: 'send';
  by: Name;
  name: string;
  kind: KnownKind;
  now: number;
  random: Uint8Array;
  message: Signed;
  epoch: number;
  n: number;
  hasHeader: boolean;
  aad: Uint8Array;
  frame: Uint8Array;
  /** What the state holds afterwards: `chain` after this frame. */
  root: Uint8Array;
  chain: Uint8Array;
  signal: Uint8Array;
}
interface ReceiveStep {
  do: 'receive';
  by: Name;
  name: string;
  now: number;
  /** The key that opens the frame. */
  key: Uint8Array;
  /** What the state holds afterwards. */
  root: Uint8Array;
  kept: number;
}
type Step = SendStep | ReceiveStep;

/** Five epochs; frames out of order, late, and never delivered; receipts that open an epoch and such that do not. */
async function play(ends: Ends): Promise<Step[]> {
  const steps: Step[] = [];
  const frames = new Map<string, Uint8Array>();
  const sends = async (by: Name, name: string, kind: 'text' | 'receipt' = 'text', now = NOW) => {
    const end = ends[by];
    const message = kind === 'text' ? await signedText(end.self, name) : await signedReceipt(end.self);
    const frame = await send(end, message, { kind, now });
    const { session, epoch, n, header } = decodeFrame(frame);
    frames.set(name, frame);
    const headerHash = header && headerHashOf(header);
    const [sender, receiver] = [end.self.id, deviceIdOf(end.session.peerKey)];
    const aad = concat(label('frame'), encodeCbor([1, session, epoch, n, headerHash]), sender, receiver);
    const { chain, signal } = end.session.sending!;
    const made = { random: end.recorder.take(), message, epoch, n, hasHeader: header !== null, aad, frame };
    steps.push({ do: 'send', by, name, kind, now, ...made, root: end.session.root, chain, signal });
  };
  const receives = async (by: Name, name: string, now = NOW) => {
    const end = ends[by];
    const { key } = await keyOfFrame({ crypto, session: end.session, place: decodeFrame(frames.get(name)!) });
    await receive(end, frames.get(name)!, now);
    steps.push({ do: 'receive', by, name, now, key, root: end.session.root, kept: end.session.skipped.length });
  };
  for (const name of ['a0', 'a1', 'a2', 'a3']) await sends('initiator', name);
  await receives('responder', 'a2');
  await receives('responder', 'a0');
  await sends('responder', 'b0', 'receipt');
  await receives('initiator', 'b0');
  await sends('initiator', 'a4', 'receipt');
  await sends('initiator', 'a5');
  await sends('initiator', 'a6');
  await receives('responder', 'a6');
  await receives('responder', 'a1');
  await sends('responder', 'b1');
  await sends('responder', 'b2');
  await receives('initiator', 'b2');
  await receives('responder', 'a5');
  await receives('responder', 'a4');
  await sends('initiator', 'a7');
  await receives('responder', 'a7');
  // An hour later a receipt opens an epoch.
  await sends('responder', 'b3', 'receipt', NOW + 3_600_000);
  await receives('initiator', 'b3', NOW + 3_600_000);
  return steps;
}

function signalOf({ initiator, responder }: Ends) {
  const { self, random, session, recorder } = initiator;
  const made = encryptSignal({ random, self, session, sent: [], signal: { kind: 'typing', on: true }, now: NOW })!;
  const changed = made.bytes.slice();
  changed[changed.length - 1]! ^= 1;
  return {
    by: 'initiator',
    now: NOW,
    random: recorder.take(),
    content: { kind: 'typing', on: true },
    bytes: made.bytes,
    epoch: responder.session.receiving!.epoch,
    refused: [
      { name: 'the last bit', layer: 'signal', code: 'signal-undecryptable', bytes: changed, now: NOW },
      { name: 'a minute beyond the tolerance', layer: 'signal', code: 'signal-replayed', bytes: made.bytes, now: NOW + 660_000 },
    ],
  };
}

async function refusedPrekeys({ signed }: Prekey) {
  const flipped: Signed = [signed[0], flip(signed[1], 63)];
  const { outsider } = await world();
  const base = { layer: 'prekey', kind: 'signed', now: NOW };
  return [
    { ...base, name: 'another kind is asked for', code: 'prekey-foreign', kind: 'one-time', signed },
    { ...base, name: 'past by more than ten minutes', code: 'prekey-expired', now: NOW + 14 * DAY + 600_001, signed },
    { ...base, name: 'a bit of the signature', code: 'prekey-signature', signed: flipped },
    { ...base, name: 'signed by another key', code: 'prekey-signature', signed: await sign(crypto, outsider.seed, 'prekey', signed[0]) },
    { ...base, name: 'a byte after the end', code: 'cbor-malformed', signed: [concat(signed[0], Uint8Array.of(0)), signed[1]] },
  ];
}

async function refusedHellos(hello: Signed, answering: Omit<Parameters<typeof respondSession>[0], 'header'>) {
  const { customer, outsider } = await world();
  const { hello: fields } = readHello(hello);
  const signedBy = (changes: object, seed = customer.seed) =>
    sign(crypto, seed, 'handshake', encodeCbor({ ...fields, ...changes }));
  const other = new Uint8Array(32).fill(7);
  const cases: [name: string, code: string, header: Signed][] = [
    ['another version', 'frame-malformed', await signedBy({ v: 2 })],
    ['an unknown field', 'frame-malformed', await signedBy({ more: true })],
    ['a one-time id without or with a ciphertext', 'frame-malformed', await signedBy({ ct2: fields.ct2 === null ? fields.ct1 : null })],
    ['another responder', 'handshake-foreign', await signedBy({ responder: other })],
    ['another desk', 'handshake-foreign', await signedBy({ desk: other })],
    ['another customer', 'conversation-foreign', await signedBy({ customer: outsider.key })],
    ['another salt', 'conversation-foreign', await signedBy({ salt: other.slice(0, 16) })],
    ['signed by another key', 'handshake-signature', await signedBy({}, outsider.seed)],
    ['signed for another purpose', 'handshake-signature', await sign(crypto, customer.seed, 'epoch', hello[0])],
    ['X25519 part of ct1 all zero', 'kem-failed', await signedBy({ ct1: concat(fields.ct1.slice(0, 1088), new Uint8Array(32)) })],
  ];
  for (const [name, code, header] of cases) {
    const got = await respondSession({ ...answering, header }).then(() => 'accepted', codeOf);
    if (got !== code) throw new Error(`${name}: ${got}`);
  }
  return cases.map(([name, code, signed]) => ({ name, layer: 'hello', code, signed }));
}

/** Each at the place in the play where the frame itself would be accepted, or was. */
async function refusedFrames(steps: Step[]) {
  const { outsider } = await world();
  const frameOf = (name: string): Frame => {
    const step = steps.find((one): one is SendStep => one.do === 'send' && one.name === name);
    if (step === undefined) throw new Error(name);
    return decodeFrame(step.frame);
  };
  const bytesOf = ({ session, epoch, n, header, nonce, ciphertext }: Frame) =>
    encodeCbor([1, session, epoch, n, header, nonce, ciphertext]);
  const beforeReceipt = (name: string) => steps.findIndex((one) => one.do === 'receive' && one.name === name);
  const cases: { name: string; code: string; at: string; frame: Partial<Frame>; late?: true }[] = [
    { name: 'a bit of the ciphertext', code: 'frame-undecryptable', at: 'a2', frame: { ciphertext: flip(frameOf('a2').ciphertext, 40) } },
    { name: 'a bit of the nonce', code: 'frame-undecryptable', at: 'a2', frame: { nonce: flip(frameOf('a2').nonce, 0) } },
    { name: 'the nonce and ciphertext of another frame', code: 'frame-undecryptable', at: 'a2', frame: { nonce: frameOf('a1').nonce, ciphertext: frameOf('a1').ciphertext } },
    { name: 'its header taken away', code: 'frame-undecryptable', at: 'a2', frame: { header: null } },
    { name: 'passing over 1,001 frames', code: 'ratchet-jump-too-far', at: 'a2', frame: { n: 1_001 } },
    { name: 'an epoch of the receiver', code: 'frame-malformed', at: 'a2', frame: { epoch: 1 } },
    { name: 'an epoch too far ahead', code: 'ratchet-epoch-unexpected', at: 'a2', frame: { epoch: 4 } },
    { name: 'another session', code: 'session-mismatch', at: 'a2', frame: { session: new Uint8Array(16) } },
    { name: 'a known epoch with another header', code: 'ratchet-fork', at: 'a0', frame: { header: [flip(frameOf('a0').header![0], 500), frameOf('a0').header![1]] } },
    { name: 'received before', code: 'frame-duplicate', at: 'a2', frame: {}, late: true },
    { name: 'a new epoch without its header', code: 'ratchet-epoch-unexpected', at: 'a6', frame: { header: null } },
    { name: 'a header with a bit of its signature', code: 'ratchet-header-signature', at: 'a6', frame: { header: [frameOf('a6').header![0], flip(frameOf('a6').header![1], 3)] } },
    { name: 'a header signed by another key', code: 'ratchet-header-signature', at: 'a6', frame: { header: await sign(crypto, outsider.seed, 'epoch', frameOf('a6').header![0]) } },
    { name: 'the header of another epoch', code: 'frame-malformed', at: 'a7', frame: { header: frameOf('a6').header } },
  ];
  return cases.map(({ name, code, at, frame, late }) => ({
    name,
    layer: 'frame',
    code,
    by: steps[beforeReceipt(at)]!.by,
    /** How many steps come first. */
    after: beforeReceipt(at) + (late ? 1 : 0),
    frame: bytesOf({ ...frameOf(at), ...frame }),
  }));
}

async function messages() {
  const { desk, customer, agent, archive, outsider, conversation, bundle } = await world();
  const accepted = [];
  for (const { from, role, self, message, private: part } of await everyKind()) {
    const signed = await signMessage({ crypto, device: from, message });
    accepted.push({ kind: message.kind, peerKey: from.key, senderRole: role, self: self.id, private: part, signed, hash: hashOfSigned(signed) });
  }
  const kinds = await everyKind();
  const text = kinds.find(({ message }) => message.kind === 'text')!.message;
  const anyhow = (changes: object, seed = customer.seed) => {
    const { content, ...envelope } = { ...text, ...changes };
    return sign(crypto, seed, 'message', encodeCbor({ v: 1, ...envelope, content } as unknown as CborValue));
  };
  const good = await anyhow({});
  const base = { layer: 'message', peerKey: customer.key, senderRole: 'customer', self: agent.id, private: null };
  const refused = [
    { ...base, name: 'a bit of the signature', code: 'message-signature', signed: [good[0], flip(good[1], 0)] },
    { ...base, name: 'sent on by a participant', code: 'message-signature', peerKey: agent.key, senderRole: 'agent', self: archive.id, signed: good },
    { ...base, name: 'from another device', code: 'message-sender', signed: await anyhow({ from: outsider.id }) },
    { ...base, name: 'another conversation', code: 'session-mismatch', signed: await anyhow({ conversation: new Uint8Array(16) }) },
    { ...base, name: 'another desk', code: 'session-mismatch', signed: await anyhow({ desk: new Uint8Array(32) }) },
    { ...base, name: 'for others', code: 'message-recipient', signed: await anyhow({ to: [archive.id] }) },
    { ...base, name: 'to nobody of the conversation', code: 'message-audience', signed: await anyhow({ to: [agent.id, outsider.id].sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1)) }) },
    { ...base, name: 'recipients not sorted', code: 'shape-mismatch', signed: await anyhow({ to: [...text.to].reverse() }) },
    { ...base, name: 'a kind of members', code: 'message-kind-forbidden', signed: await anyhow({ kind: 'leave', content: {} }) },
    { ...base, name: 'content with a field more', code: 'shape-mismatch', signed: await anyhow({ content: { text: 'x', more: 1 } }) },
    { ...base, name: 'a private part where none belongs', code: 'shape-mismatch', private: {}, signed: good },
    { ...base, name: 'seq 1 without previous', code: 'message-chain', signed: await anyhow({ seq: 1 }) },
    { ...base, name: 'chained without chain', code: 'message-chain', signed: await anyhow({ chain: null }) },
    { ...base, name: 'a directory not known yet', code: 'directory-unknown', signed: await anyhow({ directory: { ...text.directory, version: 4 } }) },
  ];
  const unknown = { ...base, name: 'a kind of a newer version', signed: await anyhow({ kind: 'hologram', content: { depth: 3 } }) };
  return { sections: '12–13', desk, conversation, customerKey: customer.key, bundle, accepted, unknown, refused };
}

async function resets() {
  const { desk, conversation, customer, agent, outsider } = await world();
  const recorder = new Recorder(randomOf('vectors/reset'));
  const session = new Uint8Array(16).fill(5);
  const frame = new Uint8Array(300).fill(9);
  const frameHashes = [frameHashOf(frame)];
  const made = { crypto, self: agent, desk, conversation, session, peerId: customer.id, frameHashes, now: NOW };
  const { signed } = await createReset({ ...made, random: recorder.draw });
  const base = { layer: 'reset', now: NOW, repeated: false, frame, signed };
  return {
    section: '16',
    desk,
    conversation,
    session,
    from: { seed: agent.seed, key: agent.key },
    to: customer.id,
    frame,
    frameHash: frameHashes[0],
    random: recorder.take(),
    now: NOW,
    signed,
    refused: [
      { ...base, name: 'signed by another key', code: 'reset-signature', signed: await sign(crypto, outsider.seed, 'reset', signed[0]) },
      { ...base, name: 'signed for another purpose', code: 'reset-signature', signed: await sign(crypto, agent.seed, 'prekey', signed[0]) },
      { ...base, name: 'repeated', code: 'reset-repeated', repeated: true },
      { ...base, name: 'of a frame that is not outstanding', code: 'reset-stale', frame: new Uint8Array(300) },
      { ...base, name: 'after 30 days', code: 'reset-stale', now: NOW + 30 * DAY + 600_001 },
      { ...base, name: 'from the future', code: 'reset-stale', now: NOW - 600_001 },
      { ...base, name: 'of another session', code: 'reset-foreign', signed: (await createReset({ ...made, session: new Uint8Array(16), random: randomOf('x') })).signed },
      { ...base, name: 'for another device', code: 'reset-foreign', signed: (await createReset({ ...made, peerId: outsider.id, random: randomOf('y') })).signed },
    ],
  };
}

/** Byte i of a file is (7 i + ⌊i / 256⌋) mod 256. */
function fileOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (7 * i + (i >> 8)) & 255);
}

function attachments() {
  const key = randomOf('vectors/attachment')(32);
  const blobOf = (size: number) => {
    const encryptor = attachmentEncryptor({ key, size });
    const start = encryptor.push(fileOf(size));
    const { bytes, hash } = encryptor.finish();
    return { blob: concat(start, bytes), hash };
  };
  const small = blobOf(1);
  return {
    section: '18',
    key,
    files: 'byte i is (7 i + floor(i / 256)) mod 256',
    accepted: [0, 1, 65_536, 65_537, 200_000].map((size) => {
      const { blob, hash } = blobOf(size);
      return { size, length: blob.length, hash, blob: blob.length < 1_000 ? blob : null, start: blob.slice(0, 32), end: blob.slice(-32) };
    }),
    refused: [
      { name: 'a bit of a chunk', layer: 'attachment', code: 'attachment-corrupt', size: 1, blob: flip(small.blob, 9), hash: sha256(flip(small.blob, 9)) },
      { name: 'another hash', layer: 'attachment', code: 'attachment-corrupt', size: 1, blob: small.blob, hash: flip(small.hash, 0) },
      { name: 'cut', layer: 'attachment', code: 'attachment-truncated', size: 1, blob: small.blob.slice(0, -1), hash: small.hash },
      { name: 'lengthened', layer: 'attachment', code: 'attachment-corrupt', size: 1, blob: concat(small.blob, Uint8Array.of(0)), hash: small.hash },
      { name: 'bytes after size that are not zero', layer: 'attachment', code: 'attachment-corrupt', size: 2, ...blobOf(3) },
      { name: 'too large', layer: 'attachment', code: 'attachment-too-large', size: 104_857_601, blob: small.blob, hash: small.hash },
    ],
  };
}

function sealedFields() {
  const [conversation, messageId] = [randomOf('vectors/c')(16), randomOf('vectors/m')(16)];
  const recorder = new Recorder(randomOf('vectors/sealed'));
  const text = '4111 1111 1111 1111';
  const { boxHash, keyHash, private: part } = sealField({ random: recorder.draw, conversation, messageId, text });
  const content = { label: 'Card', recipient: new Uint8Array(16), boxHash, keyHash, expires: NOW };
  const base = { layer: 'sealed-field', content, private: part, conversation, messageId, now: NOW };
  const box = flip(part.box, 30);
  return {
    section: '19',
    text,
    random: recorder.take(),
    ...base,
    refused: [
      { ...base, name: 'another box', code: 'sealed-mismatch', private: { ...part, box } },
      { ...base, name: 'another box that was signed for', code: 'sealed-mismatch', private: { ...part, box }, content: { ...content, boxHash: sha256(box) } },
      { ...base, name: 'another key', code: 'sealed-mismatch', private: { ...part, boxKey: flip(part.boxKey, 0) } },
      { ...base, name: 'of another message', code: 'sealed-mismatch', messageId: conversation },
      { ...base, name: 'of another conversation', code: 'sealed-mismatch', conversation: messageId },
      { ...base, name: 'expired', code: 'sealed-expired', now: NOW + 600_001 },
    ],
  };
}

/** Transcripts with what a verifier says of each. */
async function transcripts() {
  const { desk, customer, agent, archive, salt, conversation, bundle, directory, rootSeed } = await world();
  const chainOf = (device: DeviceKeys) => device.key.slice(0, 8);
  const say = async (device: DeviceKeys, text: string, link: Link, changes: Partial<Envelope> = {}) => {
    const id = randomOf(`vectors/transcript/${text}`)(16);
    const message = await messageOf(device, { kind: 'text', content: { text } }, { ...link, id, ...changes });
    return signMessage({ crypto, device, message });
  };
  const follows = (device: DeviceKeys, seq: number, before: Signed): Link => ({ chain: chainOf(device), seq, previous: hashOfSigned(before) });
  const headOf = (device: DeviceKeys, seq: number, pair: Signed): Head => ({ device: device.id, chain: chainOf(device), seq, hash: hashOfSigned(pair) });
  const one = await say(customer, 'one', nextLink(null, chainOf(customer)));
  const two = await say(customer, 'two', follows(customer, 1, one));
  const answer = await say(agent, 'answer', nextLink(null, chainOf(agent)), { seen: [headOf(customer, 1, two)] });
  const fork = await say(customer, 'another two', follows(customer, 1, one));
  const twice = await say(customer, 'two', follows(customer, 2, two));
  const past = await say(agent, 'past the customer', nextLink(null, new Uint8Array(8)), { to: [archive.id] });
  const heads = sortedHeads([headOf(customer, 1, two), headOf(agent, 0, answer)]);
  const content = { heads, time: NOW + 5, directory: referenceOf(directory) };
  const vouching = await messageOf(archive, { kind: 'checkpoint', content }, { audience: 'direct' });
  const checkpoint = await signMessage({ crypto, device: archive, message: vouching });
  const older = await signDirectory(crypto, rootSeed, {
    ...directory.directory,
    version: 2,
    members: directory.directory.members.filter(({ role }) => role !== 'archive'),
    policy: { ...directory.directory.policy, recorded: false },
  });
  const unrecorded = encodeBundle({ base: older, renewal: null });
  const whole = { desk, conversation, customerKey: customer.key, salt, bundles: [bundle], items: [one, two, answer], checkpoints: [checkpoint], exportedAt: NOW };
  const cases: [name: string, transcript: Transcript][] = [
    ['whole', whole],
    ['the last message of the customer left out', { ...whole, items: [one, answer] }],
    ['the first message left out', { ...whole, items: [two, answer] }],
    ['without its checkpoint', { ...whole, checkpoints: [] }],
    ['a fork', { ...whole, items: [one, two, fork, answer] }],
    ['an id used twice', { ...whole, items: [one, two, twice, answer] }],
    ['a message of a member that does not name the customer', { ...whole, items: [...whole.items, past] }],
    ['a bit of a signature', { ...whole, items: [one, [two[0], flip(two[1], 0)], answer] }],
    ['a message in place of a checkpoint', { ...whole, checkpoints: [two] }],
    ['an older bundle in place of the one with the archive', { ...whole, bundles: [unrecorded], checkpoints: [] }],
  ];
  const judged = [];
  for (const [name, transcript] of cases) {
    const { items, ...report } = await verifyTranscript({ crypto, transcript, deskKey: desk });
    const accepted = items.map(({ message, hash, coveredAt }) => ({ id: message.id, hash, coveredAt }));
    judged.push({ name, transcript: encodeTranscript(transcript), report: { accepted, ...report } });
  }
  const other = encodeTranscript({ ...whole, salt: new Uint8Array(16) });
  const refused = [{ name: 'another salt', layer: 'transcript', code: 'conversation-foreign', transcript: other }];
  return { section: '15.3', desk, judged, refused };
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const out = bytes.slice();
  out[at]! ^= 1;
  return out;
}

