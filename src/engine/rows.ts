/**
 * The rows the engine keeps, as types and codecs. Everything here is sealed by the store (docs/protocol.md §20); the
 * kinds of one table differ in the first part of their keys.
 * @module
 */
import {
  bool,
  bytesOf,
  codecOf,
  listOf,
  mapOf,
  oneOf,
  orNull,
  sortedBy,
  textOf,
  tupleOf,
  uintUpTo,
  type Shaped,
} from '../bytes/shape.ts';
import { deviceIdShape, idShape, keyShape, timeShape } from '../identity/fields.ts';
import { sealedTable } from './sealed-store.ts';

const hash = bytesOf(32);
const chainId = bytesOf(8);
const anyText = textOf(0, 400_000);
const signedPair = tupleOf(bytesOf(0, 98_304), bytesOf(64));
const devices = sortedBy(listOf(deviceIdShape, 600), (id) => id);

/** Who this device is. `name` is what an agent asked to be called. */
const identityRow = mapOf({
  seed: bytesOf(32),
  desk: keyShape,
  name: orNull(textOf(1, 80)),
  at: timeShape,
  /** When a directory first named this device as a member; null: not yet, or a customer. */
  memberSince: orNull(timeShape),
  /** The request to be enrolled, until a directory answers it. */
  enrolment: orNull(tupleOf(bytesOf(1, 1_024), bytesOf(64))),
});
/** The newest bundle accepted (§5.2). `alarm`: a second one of the same position was seen. */
const directoryRow = mapOf({ bundle: bytesOf(1, 81_920), alarm: bool });
/** The next order number of messages and outbox. */
const counterRow = mapOf({ next: uintUpTo() });
const openingRow = mapOf({ draft: anyText });

/** A prekey whose secret we hold (§8). `published` is null for those that only a reset offered. */
const prekeyRow = mapOf({
  id: idShape,
  kind: oneOf('signed', 'one-time'),
  seed: bytesOf(32),
  notAfter: timeShape,
  madeAt: timeShape,
  signed: tupleOf(bytesOf(1, 1_536), bytesOf(64)),
  published: bool,
});

const head = mapOf({ device: deviceIdShape, chain: chainId, seq: uintUpTo(), hash });
/**
 * Where one chain stands here: every seq below `next` is known (or not owed to us, §14.3), `hash` is that of `next` − 1
 * (null at the start); `ahead` is one more than the highest seq heard of.
 */
const chainRow = mapOf({
  device: deviceIdShape,
  audience: oneOf('all', 'desk'),
  chain: chainId,
  next: uintUpTo(),
  hash: orNull(hash),
  ahead: uintUpTo(),
});
const partyRow = mapOf({
  device: deviceIdShape,
  key: keyShape,
  role: oneOf('customer', 'agent', 'supervisor', 'bot', 'archive'),
  name: orNull(textOf(1, 80)),
  status: oneOf('asked', 'joined', 'left', 'removed'),
});
const owed = mapOf({ device: deviceIdShape, delivered: listOf(idShape, 4_096), read: listOf(idShape, 4_096) });

const conversationRow = mapOf({
  id: idShape,
  customer: keyShape,
  salt: idShape,
  topic: orNull(textOf(0, 200)),
  state: oneOf('waiting', 'active', 'ended'),
  startedAt: timeShape,
  lastAt: timeShape,
  preview: textOf(0, 1_000),
  unread: uintUpTo(),
  /** Highest order the user has seen. */
  readUpTo: uintUpTo(),
  parties: listOf(partyRow, 600),
  /** For a member: the devices of the newest accepted `participants`; null before the first. */
  participants: orNull(devices),
  /** For a customer: whether this waiting spell has chosen who is asked. */
  selected: bool,
  /** Own chains in use, one an audience: the last link. */
  own: listOf(mapOf({ audience: oneOf('all', 'desk'), chain: chainId, seq: uintUpTo(), hash }), 2),
  /** Own chains of which others hold what is not here: given up (§12.1). */
  disowned: listOf(chainId, 64),
  chains: listOf(chainRow, 1_200),
  baseline: listOf(head, 64),
  owes: listOf(owed, 600),
  draft: anyText,
  notices: listOf(textOf(1, 40), 32),
});
export type ConversationRow = Shaped<typeof conversationRow>;
export type PartyRow = Shaped<typeof partyRow>;
export type ChainRow = Shaped<typeof chainRow>;

const messageRow = mapOf({
  order: uintUpTo(),
  id: idShape,
  conversation: idShape,
  from: deviceIdShape,
  own: bool,
  audience: oneOf('all', 'desk', 'direct'),
  kind: textOf(1, 32),
  /** CBOR of the content map. */
  content: bytesOf(1, 98_304),
  /** CBOR of the private part by recipient, until delivered (§15.2). */
  secrets: listOf(mapOf({ device: deviceIdShape, value: bytesOf(1, 8_192) }), 24),
  at: timeShape,
  /** Null: not signed yet, waits for a fresh directory and for recipients. */
  pair: orNull(signedPair),
  to: devices,
  /** Recipients for whom it is not encrypted yet. */
  pending: devices,
  /**
   * Frames made of it: what a reset may name (§16) and a retry counts. `accepted` by the relay; `heardAt`: since when it
   * is known that the device was heard from after it (§15.2).
   */
  frames: listOf(
    mapOf({ device: deviceIdShape, session: idShape, hash, at: timeShape, accepted: bool, heardAt: orNull(timeShape) }),
    600,
  ),
  delivered: devices,
  read: devices,
  /** `live`; `history` (§14.5); `held` until a join (§12.2); `hidden`: not for eyes; `failed`: given up after 30 days. */
  state: oneOf('live', 'history', 'held', 'hidden', 'failed'),
  unverified: bool,
  notInRecord: bool,
});
export type MessageRow = Shaped<typeof messageRow>;

const sessionRow = mapOf({
  id: idShape,
  conversation: idShape,
  peer: deviceIdShape,
  /** `sessionCodec` of src/protocol/session.ts. */
  state: bytesOf(1, 400_000),
  status: oneOf('open', 'released', 'retired'),
  initiator: bool,
  confirmed: bool,
  /** Hashes of distinct frames that failed since the last good one (§11.3). */
  failures: listOf(hash, 8),
  /** Hashes of receipts and directories sent in it since the peer's newest epoch began: what a reset may name (§16). */
  transients: listOf(hash, 64),
  /** Frames that the peer has sent in other sessions since its last one in this, while this was the one to send on. */
  strays: uintUpTo(),
  /** A reset was accepted for it. */
  wasReset: bool,
  madeAt: timeShape,
  /** When it was made or last brought a frame. */
  lastAt: timeShape,
  /** Since when it is released or retired. */
  asideAt: orNull(timeShape),
});
export type SessionRow = Shaped<typeof sessionRow>;

/** A frame or reset on its way to the relay: the final bytes. `message` is the order of its message; null for receipts. */
const outboxRow = mapOf({
  order: uintUpTo(),
  to: deviceIdShape,
  kind: oneOf('frame', 'reset'),
  bytes: bytesOf(1, 131_072),
  conversation: idShape,
  message: orNull(uintUpTo()),
  at: timeShape,
});
export type OutboxRow = Shaped<typeof outboxRow>;

/** How often something was done for a peer in a conversation, and when last: the backoff of §16. */
const backoffRow = mapOf({ times: uintUpTo(), at: timeShape });
export type BackoffRow = Shaped<typeof backoffRow>;

const KIB = 1024;
const row = <T>(name: string, limit: number, shape: Parameters<typeof codecOf<T>>[2]) => codecOf(name, limit, shape);

/** Every kind of row. Keys are given as comments. */
export const ROWS = {
  /** `['identity']` */
  identity: sealedTable('self', row('identity row', 4 * KIB, identityRow)),
  /** `['directory']` */
  directory: sealedTable('self', row('directory row', 96 * KIB, directoryRow)),
  /** `['counter']` */
  counter: sealedTable('self', row('counter row', KIB, counterRow)),
  /** `['opening']` */
  opening: sealedTable('self', row('opening row', 512 * KIB, openingRow)),
  /** `['duty']` */
  duty: sealedTable('self', row('duty row', KIB, mapOf({ state: oneOf('on', 'away', 'off') }))),
  /** `[version, renewal]` */
  bundle: sealedTable(
    'bundles',
    row(
      'bundle row',
      96 * KIB,
      mapOf({ version: uintUpTo(), renewal: uintUpTo(), bundle: bytesOf(1, 81_920), at: timeShape }),
    ),
  ),
  /** `['own', id]` */
  prekey: sealedTable('prekeys', row('prekey row', 4 * KIB, prekeyRow)),
  /** `['used', id]`: a peer's one-time prekey that we used */
  usedPrekey: sealedTable('prekeys', row('used prekey row', KIB, mapOf({ id: idShape, at: timeShape }))),
  /** `[conversation]` */
  conversation: sealedTable('conversations', row('conversation row', 2048 * KIB, conversationRow)),
  /** `[conversation, order]` */
  message: sealedTable('messages', row('message row', 512 * KIB, messageRow)),
  /** `[conversation, peer, session]` */
  session: sealedTable('sessions', row('session row', 448 * KIB, sessionRow)),
  /** `['session', session]` */
  sessionPlace: sealedTable('index', row('session place', KIB, mapOf({ conversation: idShape, peer: deviceIdShape }))),
  /** `['message', from, id]` */
  messagePlace: sealedTable(
    'index',
    row('message place', KIB, mapOf({ conversation: idShape, order: uintUpTo(), hash: orNull(hash) })),
  ),
  /** `['link', conversation, device, chain, seq]`: a message of a chain that is held here */
  link: sealedTable('index', row('link row', KIB, mapOf({ hash, previous: orNull(hash) }))),
  /** `['owe', conversation]`: it owes receipts */
  owe: sealedTable('index', row('owe row', KIB, mapOf({ conversation: idShape }))),
  /** `['told', peer]`: the position of the directory that was sent to it in-band */
  told: sealedTable('index', row('told row', KIB, mapOf({ version: uintUpTo(), renewal: uintUpTo() }))),
  /** `['todo', order]`: an outgoing message that is not signed, or not encrypted for everyone, yet */
  todo: sealedTable('index', row('todo row', KIB, mapOf({ conversation: idShape, order: uintUpTo() }))),
  /** `['finish', conversation]`: it has ended, and the relay was not `told`, or it is to be forgotten, or has sessions */
  finish: sealedTable('index', row('finish row', KIB, mapOf({ conversation: idShape, told: bool }))),
  /** `['work', order]`: an outgoing message that is not delivered everywhere yet */
  work: sealedTable('index', row('work row', KIB, mapOf({ conversation: idShape, order: uintUpTo() }))),
  /** `['backoff', kind, conversation, peer]` */
  backoff: sealedTable('index', row('backoff row', KIB, backoffRow)),
  /** `[order]` */
  outbox: sealedTable('outbox', row('outbox row', 136 * KIB, outboxRow)),
  /** `['hello', transcript]`: a hello that was accepted (§9.3) */
  replay: sealedTable('replays', row('replay row', KIB, mapOf({ transcript: hash, until: timeShape }))),
  /** `['held', frame hash]`: a frame that waits for a directory (§11.3); `stranger`: its sender is no member yet */
  heldFrame: sealedTable(
    'replays',
    row('held frame row', 136 * KIB, mapOf({ frame: bytesOf(1, 131_072), at: timeShape, stranger: bool })),
  ),
} as const;
