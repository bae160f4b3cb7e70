/** A desk, its members, a customer, their sessions: what the protocol's tests play with. */
import { expect } from 'chai';
import { sha256 } from '@noble/hashes/sha2.js';
import { compare, concat, u32be, utf8 } from '../../src/bytes/bytes.ts';
import { deviceKeysFrom, type DeviceKeys } from '../../src/identity/device.ts';
import {
  encodeBundle,
  openBundle,
  signDirectory,
  type OpenDirectory,
  type Role,
} from '../../src/identity/directory.ts';
import { nobleCrypto as crypto } from '../../src/identity/noble-crypto.ts';
import type { RandomBytes } from '../../src/identity/public-key-crypto.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { decodeFrame, decryptFrame, encryptFrame, type PrivatePart } from '../../src/protocol/frame.ts';
import { initiateSession, respondSession } from '../../src/protocol/handshake.ts';
import { referenceOf, sortedIds } from '../../src/protocol/head.ts';
import { isContent, type Body, type KnownKind } from '../../src/protocol/kinds.ts';
import { signMessage, type Envelope, type Message } from '../../src/protocol/message.ts';
import { createPrekey, openPrekey, type Prekey } from '../../src/protocol/prekey.ts';
import { sessionCodec, type SessionState } from '../../src/protocol/session.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

export { crypto };

export const NOW = 1_800_000_000_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Random bytes that are the same every time: SHA-256(seed ‖ counter) one after another. */
export function randomOf(seed: string): RandomBytes {
  let counter = 0;
  return (length) => {
    let out: Uint8Array = new Uint8Array();
    while (out.length < length) out = concat(out, sha256(concat(utf8(seed), u32be(counter++))));
    return out.slice(0, length);
  };
}

export interface World {
  readonly desk: Uint8Array;
  readonly customer: DeviceKeys;
  readonly agent: DeviceKeys;
  readonly colleague: DeviceKeys;
  readonly archive: DeviceKeys;
  /** Of nobody. */
  readonly outsider: DeviceKeys;
  readonly directory: OpenDirectory;
  readonly bundle: Uint8Array;
  readonly rootSeed: Uint8Array;
  readonly salt: Uint8Array;
  readonly conversation: Uint8Array;
}

let made: Promise<World> | undefined;

/** The one world of all tests; nothing changes it. */
export function world(): Promise<World> {
  made ??= makeWorld();
  return made;
}

async function makeWorld(): Promise<World> {
  const device = (name: string) => deviceKeysFrom(crypto, randomOf(name)(32));
  const rootSeed = randomOf('root')(32);
  const desk = await crypto.signingKey(rootSeed);
  const [customer, agent, colleague, archive, outsider] = [
    await device('customer'),
    await device('agent'),
    await device('colleague'),
    await device('archive'),
    await device('outsider'),
  ];
  const member = ({ key }: DeviceKeys, role: Role, name: string) => ({ key, role, name });
  const members = [
    member(agent, 'agent', 'Ada'),
    member(colleague, 'supervisor', 'Bo'),
    member(archive, 'archive', 'Archive'),
  ];
  members.sort((a, b) => compare(a.key, b.key));
  const base = await signDirectory(crypto, rootSeed, {
    desk,
    version: 3,
    issuedAt: NOW - HOUR,
    freshUntil: NOW + 48 * HOUR,
    renewUntil: NOW + 30 * DAY,
    name: 'Example Bank',
    members,
    renewers: [],
    policy: { recorded: true, retentionDays: null, notice: null, tokenKeys: [] },
  });
  const bundle = encodeBundle({ base, renewal: null });
  const salt = randomOf('salt')(16);
  return {
    desk,
    customer,
    agent,
    colleague,
    archive,
    outsider,
    directory: await openBundle(crypto, bundle, desk),
    bundle,
    rootSeed,
    salt,
    conversation: conversationIdOf({ desk, customerKey: customer.key, salt }),
  };
}

/** One end of a session. `session` is replaced, never changed. */
export interface Side {
  readonly self: DeviceKeys;
  readonly random: RandomBytes;
  session: SessionState;
}

export interface Pair {
  readonly a: Side;
  readonly b: Side;
  readonly hello: Signed;
  readonly signedPrekey: Prekey;
  readonly oneTime: Prekey | null;
}

/** A session that `initiator` (the customer) started with `responder` (the agent). */
export async function pairOf({
  seed,
  oneTime = true,
  initiator,
  responder,
}: {
  seed: string;
  oneTime?: boolean;
  initiator?: DeviceKeys;
  responder?: DeviceKeys;
}): Promise<Pair> {
  const { desk, conversation, salt, customer, agent } = await world();
  const a = initiator ?? customer;
  const b = responder ?? agent;
  const random = randomOf(`${seed}/initiator`);
  const responding = randomOf(`${seed}/responder`);
  const prekey = (kind: Prekey['kind']) =>
    createPrekey({ crypto, random: responding, desk, device: b, kind, notAfter: NOW + 14 * DAY });
  const open = ({ signed, kind }: Prekey) => openPrekey({ crypto, signed, desk, deviceKey: b.key, kind, now: NOW });
  const signedPrekey = await prekey('signed');
  const once = oneTime ? await prekey('one-time') : null;
  const session = await initiateSession({
    crypto,
    random,
    desk,
    conversation,
    customerKey: customer.key,
    salt,
    self: a,
    peerKey: b.key,
    signedPrekey: await open(signedPrekey),
    oneTime: once && (await open(once)),
    now: NOW,
  });
  const hello = headerOf(session);
  const answer = await respondSession({
    crypto,
    self: b,
    desk,
    header: hello,
    signedPrekeySeed: signedPrekey.seed,
    oneTimeSeed: once?.seed ?? null,
  });
  return {
    a: { self: a, random, session },
    b: { self: b, random: responding, session: answer },
    hello,
    signedPrekey,
    oneTime: once,
  };
}

export function headerOf({ sending }: SessionState): Signed {
  if (!sending?.header) throw new Error('no header');
  return sending.header;
}

/** A message with everything right for its audience, unless said otherwise. */
export async function messageOf(
  from: DeviceKeys,
  body: Exclude<Body, { kind: 'unknown' }>,
  changes: Partial<Envelope> = {},
): Promise<Message> {
  const { desk, conversation, customer, agent, archive, directory } = await world();
  const isDirect = changes.audience === 'direct';
  const isNote = changes.audience === 'desk';
  const everyone = [customer, agent, archive].filter(({ id }) => compare(id, from.id) !== 0);
  const to = isDirect
    ? [from === customer ? agent.id : customer.id]
    : everyone.filter((one) => !isNote || one !== customer).map(({ id }) => id);
  return {
    id: sha256(
      utf8(JSON.stringify(body, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value))),
    ).slice(0, 16),
    desk,
    conversation,
    from: from.id,
    to: sortedIds(to),
    audience: 'all',
    chain: isDirect ? null : sha256(from.id).slice(0, 8),
    seq: isDirect ? null : 0,
    previous: null,
    seen: [],
    directory: referenceOf(directory),
    at: NOW,
    ...body,
    ...changes,
  };
}

/** Signed text of audience `all`. */
export async function signedText(from: DeviceKeys, text: string): Promise<Signed> {
  return signMessage({ crypto, device: from, message: await messageOf(from, { kind: 'text', content: { text } }) });
}

/** A signed empty receipt. */
export async function signedReceipt(from: DeviceKeys): Promise<Signed> {
  const message = await messageOf(
    from,
    { kind: 'receipt', content: { delivered: [], read: [], heads: [] } },
    { audience: 'direct' },
  );
  return signMessage({ crypto, device: from, message });
}

/** Sends on a side: the frame's bytes; the side's session advances. */
export async function send(
  side: Side,
  message: Signed,
  { kind = 'text', now = NOW, private: part = null }: { kind?: KnownKind; now?: number; private?: PrivatePart } = {},
): Promise<Uint8Array> {
  const { session, frame } = await encryptFrame({
    crypto,
    random: side.random,
    self: side.self,
    session: side.session,
    message,
    private: part,
    content: isContent(kind),
    now,
  });
  side.session = session;
  return frame;
}

/** Receives on a side and accepts. */
export async function receive(
  side: Side,
  bytes: Uint8Array,
  now = NOW,
): Promise<{ message: Signed; private: PrivatePart }> {
  const frame = decodeFrame(bytes);
  const { session, ...rest } = await decryptFrame({ crypto, self: side.self, session: side.session, frame, now });
  side.session = session;
  return rest;
}

/** As after a restart: through the record of the session. */
export function restart(side: Side): void {
  side.session = sessionCodec.decode(sessionCodec.encode(side.session));
}

/** Refused with this code, and the state is deeply equal to what it was. */
export async function refuses(side: Side, bytes: Uint8Array, code: string, now = NOW): Promise<void> {
  const before = structuredClone(side.session);
  const held = side.session;
  expect(await codeOfThrow(() => receive(side, bytes, now))).to.equal(code);
  expect(side.session).to.equal(held);
  expect(side.session).to.deep.equal(before);
}
