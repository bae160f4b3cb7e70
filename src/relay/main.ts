/**
 * The package's entry `secure-chat/relay`: a relay to run or to embed. docs/relay.md §8.
 * @module
 */
export { createRelay, type Relay, type RelayOptions } from './server.ts';
export { CertificateFiles } from './certificate-files.ts';
export type { Certificate } from './certificate.ts';
export { lmdbStore } from './lmdb-store.ts';
export { memoryStore } from './memory-store.ts';
export { jsonLog, type Log, type LogEntry } from './log.ts';
export { DEFAULT_LIMITS, type LimitChanges, type Rate, type RateName, type RelayLimits } from './limits.ts';
export type { ServedDesks } from './directories.ts';
export type { Site } from './http.ts';
export { systemClock, type Clock } from './clock.ts';
export { describeFault } from './log.ts';
export { relayOriginOf } from '../wire/relay-auth.ts';
export type {
  Appended,
  MailQuota,
  NewMail,
  OfferedMail,
  RelayStore,
  RowChange,
  RowRange,
  StoredMail,
  StoredRow,
  StoreTable,
  Swept,
} from './store.ts';
