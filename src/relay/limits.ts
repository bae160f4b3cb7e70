/**
 * How much the relay lets each address, device and desk do: the defaults, and what an operator may change.
 * docs/relay.md §9.
 * @module
 */

/** A token bucket: `burst` at once, then `perMinute`. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MiB = 1 << 20;

/** Rates by name. Those of devices are multiplied by `memberFactor` for members, in what they do for their desk. */
const RATES = {
  /** Per address: new connections, hence authentications (a signature check each). */
  addressConnections: { burst: 120, perMinute: 240 },
  /** Per address: requests before `auth`. */
  addressRequests: { burst: 120, perMinute: 240 },
  /** Per address: tickets with a new id, before and after `auth`. */
  addressNewTickets: { burst: 120, perMinute: 20 },
  /** Per address: devices never seen before. */
  addressNewDevices: { burst: 60, perMinute: 60 },
  /** Per address: bytes of mail that its customers send. */
  addressMailBytes: { burst: 64 * MiB, perMinute: 8 * MiB },
  /** Per address: enrolment requests. */
  addressEnrolments: { burst: 16, perMinute: 1 },
  /** Per address: vaults made, and evaluations asked for (an elliptic curve's arithmetic each). */
  addressNewVaults: { burst: 20, perMinute: 4 },
  addressEvaluations: { burst: 60, perMinute: 60 },
  /** Per device: requests of any kind. */
  deviceRequests: { burst: 2_000, perMinute: 6_000 },
  /** Per device: items of `send`. */
  deviceMail: { burst: 600, perMinute: 1_200 },
  /** Per device: signals. */
  deviceSignals: { burst: 120, perMinute: 600 },
  /** Per device: publications of prekeys and directories, fetches of prekeys. */
  devicePublications: { burst: 20, perMinute: 20 },
  devicePrekeyFetches: { burst: 120, perMinute: 240 },
  /** Per device: announcements and other moves in a queue, and changes of duty, which all watchers hear of. */
  deviceQueueMoves: { burst: 30, perMinute: 60 },
  /** Per device: blobs begun. */
  deviceBlobs: { burst: 20, perMinute: 20 },
  /** Per desk: announcements by all its customers. */
  deskAnnouncements: { burst: 5_000, perMinute: 20_000 },
  /** One-time prekeys handed out: of one device to one requester, and of one device to all. Beyond: none, no error. */
  oneTimePerPair: { burst: 4, perMinute: 0.2 },
  oneTimePerTarget: { burst: 50, perMinute: 30 },
} satisfies Record<string, Rate>;

export type RateName = keyof typeof RATES;

/** All limits; sizes in bytes, times in ms. */
export interface RelayLimits {
  readonly rates: Readonly<Record<RateName, Rate>>;
  /** How many times the device rates a member has; what it sends or asks of other desks' devices counts as often. */
  readonly memberFactor: number;
  /** The part of `mailBytes`, `devices` and `prekeys` that is kept for members, from 0 to 1. */
  readonly memberReserve: number;
  /** Requests refused as `rate-limited` in a row after which the connection is closed as `flooding`. */
  readonly refusalsBeforeFlooding: number;

  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly connectionsPerDevice: number;
  /** Requests of one connection worked on at once; more wait unread. */
  readonly requestsAtOnce: number;
  /** Unsent bytes at which no more mail is pushed and no more requests are read. */
  readonly unsentPause: number;
  /** Unsent bytes at which the connection is closed as `slow-consumer`. */
  readonly unsentLimit: number;
  /** Unsent bytes of all connections at which those with much of it are closed; at half of it they are not read from. */
  readonly unsentTotal: number;

  readonly authWithin: number;
  readonly idleAfter: number;
  /** How long duty outlives a lost connection. */
  readonly dutyGrace: number;
  /** How long a drain waits for requests under way and for clients to go. */
  readonly drainWithin: number;
  /** How long a draining relay still takes clients in while `/readyz` says that it should get none. */
  readonly drainNotice: number;

  /** What a mailbox holds, in all, from one member and from one customer. */
  readonly mailboxItems: number;
  readonly mailboxBytes: number;
  readonly memberItems: number;
  readonly memberBytes: number;
  readonly customerItems: number;
  readonly customerBytes: number;
  /** What all mailboxes hold together, with what it takes to keep it. */
  readonly mailBytes: number;
  readonly mailLife: number;

  /** Directories kept by a relay that serves any desk. */
  readonly desks: number;
  /** Devices known; more are not let in. */
  readonly devices: number;
  /** Devices are forgotten when not seen for so long. */
  readonly deviceLife: number;
  /** One-time prekeys in stock and remembered, of all devices together. */
  readonly prekeys: number;
  readonly signedPrekeyLife: number;
  readonly oneTimePrekeyLife: number;
  /** How long a one-time prekey that was handed out is remembered. */
  readonly spentPrekeyLife: number;

  readonly enrolmentLife: number;
  readonly enrolmentsPerAddress: number;

  readonly queueLife: number;
  /** A claim whose claimer the customer has not heard of after this long ends when the customer announces again. */
  readonly claimPatience: number;
  readonly queueEntriesPerDesk: number;
  readonly queueEntriesPerDevice: number;
  /** Announced from one address; counted in memory. */
  readonly queueEntriesPerAddress: number;

  readonly blobLife: number;
  /** Life of a blob that is not complete. */
  readonly blobUploadLife: number;
  readonly blobBytesPerDevice: number;
  /** Of customers' blobs begun from one address; counted in memory. */
  readonly blobBytesPerAddress: number;
  readonly blobBytesPerDesk: number;
  readonly blobBytes: number;

  readonly tickets: number;

  readonly vaults: number;
  /** Vaults are destroyed when not opened for so long. */
  readonly vaultLife: number;
  /** How long a vault waits for its first key to be registered. */
  readonly vaultEnrolmentLife: number;
  /** How long the last evaluation may still be proven before everything is destroyed. */
  readonly vaultLastProof: number;

  /** Directories watched or duty lists watched by one connection. */
  readonly watchesPerConnection: number;
  /** How often what expired is removed. */
  readonly sweepEvery: number;
}

export const DEFAULT_LIMITS: RelayLimits = {
  rates: RATES,
  memberFactor: 10,
  memberReserve: 0.1,
  refusalsBeforeFlooding: 200,

  connections: 20_000,
  connectionsPerAddress: 500,
  connectionsPerDevice: 16,
  requestsAtOnce: 32,
  unsentPause: 1 * MiB,
  unsentLimit: 8 * MiB,
  unsentTotal: 512 * MiB,

  authWithin: MINUTE,
  idleAfter: 1.5 * MINUTE,
  dutyGrace: 30_000,
  drainWithin: 10_000,
  drainNotice: 0,

  mailboxItems: 20_000,
  mailboxBytes: 256 * MiB,
  memberItems: 5_000,
  memberBytes: 64 * MiB,
  customerItems: 500,
  customerBytes: 16 * MiB,
  mailBytes: 20_480 * MiB,
  mailLife: 30 * DAY,

  desks: 1_000,
  devices: 2_000_000,
  deviceLife: 400 * DAY,
  prekeys: 4_000_000,
  signedPrekeyLife: 15 * DAY,
  oneTimePrekeyLife: 29 * DAY,
  spentPrekeyLife: 60 * DAY,

  enrolmentLife: 72 * HOUR,
  enrolmentsPerAddress: 16,

  queueLife: 30 * DAY,
  claimPatience: MINUTE,
  queueEntriesPerDesk: 5_000,
  queueEntriesPerDevice: 8,
  queueEntriesPerAddress: 500,

  blobLife: 30 * DAY,
  blobUploadLife: DAY,
  blobBytesPerDevice: 512 * MiB,
  blobBytesPerAddress: 2_048 * MiB,
  blobBytesPerDesk: 20_480 * MiB,
  blobBytes: 20_480 * MiB,

  tickets: 1_000_000,

  vaults: 1_000_000,
  vaultLife: 400 * DAY,
  vaultEnrolmentLife: HOUR,
  vaultLastProof: MINUTE,

  watchesPerConnection: 8,
  sweepEvery: 10 * MINUTE,
};

/** What an operator says otherwise; the rest is `DEFAULT_LIMITS`. */
export type LimitChanges = Partial<Omit<RelayLimits, 'rates'>> & { readonly rates?: Partial<Record<RateName, Rate>> };

/** The defaults with an operator's changes. */
export function limitsWith(changes: LimitChanges = {}): RelayLimits {
  return { ...DEFAULT_LIMITS, ...changes, rates: { ...RATES, ...changes.rates } };
}
