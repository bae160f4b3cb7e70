/** The files test/vectors/protocol-*.json, with nothing but what is in them. */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { expect } from 'chai';
import { compare, concat } from '../../src/bytes/bytes.ts';
import { pad, padmeLength } from '../../src/bytes/padding.ts';
import { fromHex, toHex } from '../../src/bytes/text.ts';
import { deviceIdOf, deviceKeysFrom } from '../../src/identity/device.ts';
import { openBundle } from '../../src/identity/directory.ts';
import { nobleCrypto as crypto } from '../../src/identity/noble-crypto.ts';
import type { RandomBytes } from '../../src/identity/public-key-crypto.ts';
import type { Signed } from '../../src/identity/signature.ts';
import { attachmentDecryptor, attachmentEncryptor, attachmentLengths } from '../../src/protocol/attachment.ts';
import { conversationIdOf } from '../../src/protocol/conversation-id.ts';
import { decodeFrame, decryptFrame, encryptFrame, frameHashOf } from '../../src/protocol/frame.ts';
import { initiateSession, readHello, respondSession } from '../../src/protocol/handshake.ts';
import { isContent, type KnownKind, type PrivatePart, type Sender } from '../../src/protocol/kinds.ts';
import { openMessage } from '../../src/protocol/message.ts';
import { openPrekey, type PrekeyKind } from '../../src/protocol/prekey.ts';
import { openReset } from '../../src/protocol/reset.ts';
import { openSealedField, sealField } from '../../src/protocol/sealed-field.ts';
import type { SessionState } from '../../src/protocol/session.ts';
import { decryptSignal, encryptSignal } from '../../src/protocol/signal.ts';
import { verifyTranscript } from '../../src/protocol/transcript-check.ts';
import { decodeTranscript } from '../../src/protocol/transcript.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import attachments from '../vectors/protocol-attachments.json' with { type: 'json' };
import messages from '../vectors/protocol-messages.json' with { type: 'json' };
import resets from '../vectors/protocol-resets.json' with { type: 'json' };
import sealed from '../vectors/protocol-sealed.json' with { type: 'json' };
import sessions from '../vectors/protocol-sessions.json' with { type: 'json' };
import transcripts from '../vectors/protocol-transcripts.json' with { type: 'json' };

const pairOf = ([bytes, signature]: string[]): Signed => [fromHex(bytes!), fromHex(signature!)];

/** Gives exactly these bytes; asking for more is an error, and so is a rest. */
function drawFrom(hex: string): { random: RandomBytes; rest: () => number } {
  let left = fromHex(hex);
  const random: RandomBytes = (length) => {
    if (length > left.length) throw new Error('more randomness than the vector has');
    const bytes = left.slice(0, length);
    left = left.slice(length);
    return bytes;
  };
  return { random, rest: () => left.length };
}

type Vector = (typeof sessions.sessions)[number];
type Name = 'initiator' | 'responder';

const conversation = {
  desk: fromHex(sessions.conversation.desk),
  customerKey: fromHex(sessions.conversation.customerKey),
  salt: fromHex(sessions.conversation.salt),
};

/** Both ends as they are before the first step. */
async function startOf(vector: Vector): Promise<Record<Name, SessionState>> {
  const self = await deviceKeysFrom(crypto, fromHex(sessions.initiator.seed));
  const peer = await deviceKeysFrom(crypto, fromHex(sessions.responder.seed));
  const [signedPrekey, oneTime] = await Promise.all(
    vector.prekeys.map(({ signed, kind }) =>
      openPrekey({
        crypto,
        signed: pairOf(signed),
        desk: conversation.desk,
        deviceKey: peer.key,
        kind: kind as PrekeyKind,
        now: vector.initiate.now,
      }),
    ),
  );
  const { random, rest } = drawFrom(vector.initiate.random);
  const initiator = await initiateSession({
    crypto,
    random,
    ...conversation,
    conversation: conversationIdOf(conversation),
    self,
    peerKey: peer.key,
    signedPrekey: signedPrekey!,
    oneTime: oneTime ?? null,
    now: vector.initiate.now,
  });
  expect(rest()).to.equal(0);
  expect(initiator.sending!.header!.map(toHex)).to.deep.equal(vector.hello);
  const responder = await respondSession({ ...(await answering(vector)), header: pairOf(vector.hello) });
  return { initiator, responder };
}

async function answering(vector: Vector) {
  const self = await deviceKeysFrom(crypto, fromHex(sessions.responder.seed));
  const [signedPrekey, oneTime] = vector.prekeys;
  const seeds = { signedPrekeySeed: fromHex(signedPrekey!.seed), oneTimeSeed: oneTime ? fromHex(oneTime.seed) : null };
  return { crypto, self, desk: conversation.desk, ...seeds };
}

/** The ends after the first `count` steps; every frame and state is checked against the vector. */
async function played(vector: Vector, count: number): Promise<Record<Name, SessionState>> {
  const ends = await startOf(vector);
  const frames = new Map<string, { bytes: Uint8Array; message: string[] }>();
  for (const step of vector.steps.slice(0, count)) {
    const by = step.by as Name;
    const self = await deviceKeysFrom(crypto, fromHex(sessions[by].seed));
    const common = { crypto, self, session: ends[by], now: step.now };
    if (step.do === 'send') {
      const { random, rest } = drawFrom(step.random!);
      const content = isContent(step.kind as KnownKind);
      const made = await encryptFrame({ ...common, random, message: pairOf(step.message!), private: null, content });
      expect(rest()).to.equal(0);
      expect(toHex(made.frame), step.name).to.equal(step.frame);
      const { epoch, n, header } = decodeFrame(made.frame);
      expect([epoch, n, header !== null]).to.deep.equal([step.epoch, step.n, step.hasHeader]);
      frames.set(step.name, { bytes: made.frame, message: step.message! });
      ends[by] = made.session;
      const { root, sending } = made.session;
      expect([root, sending!.chain, sending!.signal].map(toHex)).to.deep.equal([step.root, step.chain, step.signal]);
    } else {
      const sent = frames.get(step.name)!;
      const { nonce, ciphertext } = decodeFrame(sent.bytes);
      const { aad } = vector.steps.find((other) => other.do === 'send' && other.name === step.name)!;
      const padded = xchacha20poly1305(fromHex(step.key!), nonce, fromHex(aad!)).decrypt(ciphertext);
      expect(toHex(padded)).to.include(sent.message[0]);
      const got = await decryptFrame({ ...common, frame: decodeFrame(sent.bytes) });
      expect(got.message.map(toHex)).to.deep.equal(sent.message);
      expect([toHex(got.session.root), got.session.skipped.length], step.name).to.deep.equal([step.root, step.kept]);
      ends[by] = got.session;
    }
  }
  return ends;
}

describe('vectors of sessions', () => {
  it('give the ids and the padding', () => {
    expect(toHex(conversationIdOf(conversation))).to.equal(sessions.conversation.id);
    for (const { key, id } of [sessions.initiator, sessions.responder])
      expect(toHex(deviceIdOf(fromHex(key)))).to.equal(id);
    for (const { length, padded } of sessions.padding.lengths) {
      expect(padmeLength(Math.max(256, length + 1))).to.equal(padded);
      expect(pad(new Uint8Array(length)).length).to.equal(padded);
    }
    expect(toHex(pad(fromHex(sessions.padding.example.bytes)))).to.equal(sessions.padding.example.padded);
  });

  for (const vector of sessions.sessions) {
    describe(vector.name, () => {
      it('start with the same keys on both sides', async () => {
        const { initiator, responder } = await startOf(vector);
        const { root, chain, signal } = vector.epoch0;
        expect([initiator.root, initiator.sending!.chain, initiator.sending!.signal].map(toHex)).to.deep.equal([
          root,
          chain,
          signal,
        ]);
        expect([responder.root, responder.receiving!.chain, responder.receiving!.signal].map(toHex)).to.deep.equal([
          root,
          chain,
          signal,
        ]);
        expect([toHex(initiator.id), toHex(responder.id)]).to.deep.equal([vector.session, vector.session]);
        expect(toHex(readHello(pairOf(vector.hello)).transcript)).to.equal(vector.transcript);
      });

      it('go on as played: epochs, late and missing frames, receipts, a signal', async () => {
        const ends = await played(vector, vector.steps.length);
        const { by, now, random, content, bytes, epoch } = vector.signal;
        expect(by).to.equal('initiator');
        const signal = content as { kind: 'typing'; on: boolean };
        const self = { id: fromHex(sessions.initiator.id) };
        const made = encryptSignal({
          random: drawFrom(random).random,
          self,
          session: ends.initiator,
          sent: [],
          signal,
          now,
        })!;
        expect(toHex(made.bytes)).to.equal(bytes);
        const reading = { self: { id: fromHex(sessions.responder.id) }, session: ends.responder, seen: [] };
        const read = decryptSignal({ ...reading, bytes: made.bytes, now });
        expect([read.signal, read.seen]).to.deep.equal([signal, [{ epoch, counter: now }]]);
        for (const refused of vector.signal.refused)
          expect(
            await codeOfThrow(() => decryptSignal({ ...reading, bytes: fromHex(refused.bytes), now: refused.now })),
            refused.name,
          ).to.equal(refused.code);
      });

      for (const refused of vector.refused) {
        it(`refuse at the ${refused.layer}: ${refused.name}`, async () => {
          expect(await codeOfThrow(() => tried(vector, refused))).to.equal(refused.code);
        });
      }
    });
  }
});

async function tried(vector: Vector, refused: Vector['refused'][number]): Promise<unknown> {
  if (refused.layer === 'prekey') {
    const deviceKey = fromHex(sessions.responder.key);
    const kind = refused.kind as PrekeyKind;
    return openPrekey({
      crypto,
      signed: pairOf(refused.signed!),
      desk: conversation.desk,
      deviceKey,
      kind,
      now: refused.now!,
    });
  }
  if (refused.layer === 'hello')
    return respondSession({ ...(await answering(vector)), header: pairOf(refused.signed!) });
  const by = refused.by as Name;
  const session = (await played(vector, refused.after!))[by];
  const before = structuredClone(session);
  const self = { id: fromHex(sessions[by].id) };
  try {
    return await decryptFrame({
      crypto,
      self,
      session,
      frame: decodeFrame(fromHex(refused.frame!)),
      now: vector.initiate.now,
    });
  } finally {
    expect(session).to.deep.equal(before);
  }
}

/** Byte strings within JSON of a private part. */
const privateOf = (part: Record<string, string> | null): PrivatePart =>
  part && Object.fromEntries(Object.entries(part).map(([name, hex]) => [name, fromHex(hex)]));

describe('vectors of messages', () => {
  interface Case {
    peerKey: string;
    senderRole: string;
    self: string;
    private: object | null;
    signed: string[];
  }
  const opened = async ({ peerKey, senderRole, self, private: part, signed }: Case) => {
    const desk = fromHex(messages.desk);
    return openMessage({
      crypto,
      signed: pairOf(signed),
      private: privateOf(part as Record<string, string> | null),
      session: {
        desk,
        peerKey: fromHex(peerKey),
        conversation: fromHex(messages.conversation),
        customerKey: fromHex(messages.customerKey),
      },
      self: { id: fromHex(self) },
      senderRole: senderRole as Sender,
      newest: await openBundle(crypto, fromHex(messages.bundle), desk),
      named: null,
    });
  };

  for (const accepted of messages.accepted) {
    it(`open: ${accepted.kind}`, async () => {
      const { message, hash } = await opened(accepted);
      expect([message.kind, toHex(hash)]).to.deep.equal([accepted.kind, accepted.hash]);
    });
  }

  it(`open: ${messages.unknown.name}`, async () => {
    expect((await opened(messages.unknown)).message.kind).to.equal('unknown');
  });

  for (const refused of messages.refused) {
    it(`refuse: ${refused.name}`, async () => {
      expect(await codeOfThrow(() => opened(refused))).to.equal(refused.code);
    });
  }
});

describe('vectors of resets', () => {
  const opened = ({
    signed,
    frame,
    now,
    repeated,
  }: {
    signed: string[];
    frame: string;
    now: number;
    repeated: boolean;
  }) => {
    const hash = frameHashOf(fromHex(frame));
    return openReset({
      crypto,
      signed: pairOf(signed),
      self: { id: fromHex(resets.to) },
      session: {
        id: fromHex(resets.session),
        desk: fromHex(resets.desk),
        conversation: fromHex(resets.conversation),
        peerKey: fromHex(resets.from.key),
      },
      repeated,
      outstanding: (other) => compare(other, hash) === 0,
      used: async () => false,
      now,
    });
  };

  it('open', async () => {
    expect(toHex(frameHashOf(fromHex(resets.frame)))).to.equal(resets.frameHash);
    const fresh = await opened({ ...resets, repeated: false });
    expect(toHex(fresh.publicKey)).to.equal(toHex(await crypto.kemKey(fromHex(resets.random))));
  });

  for (const refused of resets.refused) {
    it(`refuse: ${refused.name}`, async () => {
      expect(await codeOfThrow(() => opened(refused))).to.equal(refused.code);
    });
  }
});

describe('vectors of attachments', () => {
  const key = fromHex(attachments.key);
  const fileOf = (size: number) => Uint8Array.from({ length: size }, (_, i) => (7 * i + Math.floor(i / 256)) % 256);

  for (const { size, length, hash, blob, start, end } of attachments.accepted) {
    it(`of ${size} bytes`, () => {
      const encryptor = attachmentEncryptor({ key, size });
      const first = encryptor.push(fileOf(size));
      const last = encryptor.finish();
      const made = concat(first, last.bytes);
      expect([made.length, toHex(last.hash)]).to.deep.equal([length, hash]);
      expect(attachmentLengths(size).blob).to.equal(length);
      expect([toHex(made.slice(0, 32)), toHex(made.slice(-32))]).to.deep.equal([start, end]);
      if (blob !== null) expect(toHex(made)).to.equal(blob);
      const decryptor = attachmentDecryptor({ key, size, hash: fromHex(hash) });
      expect(decryptor.push(made)).to.deep.equal(fileOf(size));
      decryptor.finish();
    });
  }

  for (const { name, code, size, blob, hash } of attachments.refused) {
    it(`refuse: ${name}`, async () => {
      const act = () => {
        const decryptor = attachmentDecryptor({ key, size, hash: fromHex(hash) });
        decryptor.push(fromHex(blob));
        decryptor.finish();
      };
      expect(await codeOfThrow(act)).to.equal(code);
    });
  }
});

describe('vectors of sealed fields', () => {
  type Case = Pick<typeof sealed, 'content' | 'private' | 'conversation' | 'messageId' | 'now'>;
  const opened = ({ content, private: part, conversation: of, messageId, now }: Case) =>
    openSealedField({
      content: {
        ...content,
        recipient: fromHex(content.recipient),
        boxHash: fromHex(content.boxHash),
        keyHash: fromHex(content.keyHash),
      },
      private: { box: fromHex(part.box), boxKey: fromHex(part.boxKey) },
      conversation: fromHex(of),
      messageId: fromHex(messageId),
      now,
    });

  it('open, and are made alike', () => {
    expect(opened(sealed)).to.equal(sealed.text);
    const ids = { conversation: fromHex(sealed.conversation), messageId: fromHex(sealed.messageId) };
    const made = sealField({ random: drawFrom(sealed.random).random, ...ids, text: sealed.text });
    expect([made.boxHash, made.keyHash, made.private.box].map(toHex)).to.deep.equal([
      sealed.content.boxHash,
      sealed.content.keyHash,
      sealed.private.box,
    ]);
  });

  for (const refused of sealed.refused) {
    it(`refuse: ${refused.name}`, async () => {
      expect(await codeOfThrow(() => opened(refused))).to.equal(refused.code);
    });
  }
});

describe('vectors of transcripts', () => {
  const hexed = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? toHex(inner) : inner)));
  const deskKey = fromHex(transcripts.desk);

  for (const { name, transcript, report } of transcripts.judged) {
    it(`are judged: ${name}`, async () => {
      const read = decodeTranscript(fromHex(transcript));
      const { items, ...rest } = await verifyTranscript({ crypto, transcript: read, deskKey });
      const accepted = items.map(({ message, hash, coveredAt }) => ({ id: message.id, hash, coveredAt }));
      expect(hexed({ accepted, ...rest })).to.deep.equal(report);
    });
  }

  for (const { name, transcript, code } of transcripts.refused) {
    it(`are refused: ${name}`, async () => {
      const read = decodeTranscript(fromHex(transcript));
      expect(await codeOfThrow(() => verifyTranscript({ crypto, transcript: read, deskKey }))).to.equal(code);
    });
  }
});
