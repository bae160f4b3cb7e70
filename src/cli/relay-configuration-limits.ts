/**
 * Every limit of the relay as a setting: by what name and in what measure.
 * @module
 */
import { DEFAULT_LIMITS, type RateName, type RelayLimits } from '../relay/main.ts';
import { BadValue, part, rate, size, time, whole, type Reader } from './relay-configuration-values.ts';

type LimitName = Exclude<keyof RelayLimits, 'rates'>;
type Rates = RelayLimits['rates'];

const MiB = 1 << 20;
const DAY = 86_400_000;
const many = whole(0, 1_000_000_000);
const some = whole(1, 1_000_000_000);
const bytes = size(0);
/** What is waited for with a timer, which knows no longer times. */
const timer = (min: number): Reader<number> => time(min, DAY);
const life = time(1_000, 36_500 * DAY);

/** A limit that is not here does not compile. */
const LIMITS: Readonly<Record<LimitName, Reader<number>>> = {
  memberFactor: whole(1, 1_000),
  memberReserve: part,
  refusalsBeforeFlooding: some,
  connections: some,
  connectionsPerAddress: some,
  connectionsPerDevice: some,
  requestsAtOnce: some,
  // More than the largest message in each case: what is smaller would stop every client.
  unsentPause: size(MiB / 4),
  unsentLimit: size(MiB / 2),
  unsentTotal: size(MiB),
  authWithin: timer(1_000),
  // Clients say something every 45 s.
  idleAfter: timer(60_000),
  dutyGrace: timer(0),
  drainWithin: timer(1_000),
  drainNotice: timer(0),
  mailboxItems: some,
  mailboxBytes: bytes,
  memberItems: some,
  memberBytes: bytes,
  customerItems: some,
  customerBytes: bytes,
  mailBytes: bytes,
  mailLife: life,
  desks: some,
  devices: some,
  deviceLife: life,
  prekeys: many,
  signedPrekeyLife: life,
  oneTimePrekeyLife: life,
  spentPrekeyLife: life,
  enrolmentLife: life,
  enrolmentsPerAddress: many,
  queueLife: life,
  claimPatience: life,
  queueEntriesPerDesk: some,
  queueEntriesPerDevice: some,
  queueEntriesPerAddress: some,
  blobLife: life,
  blobUploadLife: life,
  blobBytesPerDevice: bytes,
  blobBytesPerAddress: bytes,
  blobBytesPerDesk: bytes,
  blobBytes: bytes,
  tickets: many,
  vaults: many,
  vaultLife: life,
  vaultEnrolmentLife: life,
  vaultLastProof: timer(1_000),
  watchesPerConnection: some,
  sweepEvery: timer(1_000),
};

/** Names as in `limits.mailBytes` or `limits.rates.deviceMail`, without `limits.`. */
export const LIMIT_NAMES: readonly string[] = [
  ...Object.keys(LIMITS),
  ...Object.keys(DEFAULT_LIMITS.rates).map((name) => `rates.${name}`),
];

/** The variable's name after its prefix: `rates.deviceMail` is `RATES_DEVICE_MAIL`. */
export function variableOf(name: string): string {
  return name
    .replace('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase();
}

/** Limits with one of them changed. @throws BadValue */
export function withLimit(limits: RelayLimits, name: string, value: unknown): RelayLimits {
  const rateName = name.replace(/^rates\./, '');
  if (name !== rateName && Object.hasOwn(limits.rates, rateName)) {
    return { ...limits, rates: { ...limits.rates, [rateName as RateName]: rate(value) } satisfies Rates };
  }
  if (!Object.hasOwn(LIMITS, name)) throw new BadValue('is no limit; `--print-config` shows them all');
  return { ...limits, [name]: LIMITS[name as LimitName](value) };
}

/** The limits of a JSON file, which nests the rates, as name and value. */
export function flatLimits(given: object): [string, unknown][] {
  return Object.entries(given).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    if (name !== 'rates' || typeof value !== 'object' || value === null) return [[name, value]];
    return Object.entries(value).map(([inner, rateOf]) => [`rates.${inner}`, rateOf as unknown]);
  });
}

/** What contradicts itself, by field. */
export function contradictionsIn(limits: RelayLimits): [string, string][] {
  const rules: [LimitName, boolean, string][] = [
    ['unsentPause', limits.unsentPause >= limits.unsentLimit, 'must be less than unsentLimit'],
    ['unsentLimit', limits.unsentLimit > limits.unsentTotal, 'must not be more than unsentTotal'],
    ['drainNotice', limits.drainNotice > 0 && limits.drainNotice < 1_000, 'must be 0 or at least 1 s'],
  ];
  return rules.filter(([, isBroken]) => isBroken).map(([name, , problem]) => [`limits.${name}`, problem]);
}
