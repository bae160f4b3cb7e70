/**
 * A connection as the services behind it see it.
 * @module
 */
import type { CloseName } from '../wire/codes.ts';
import type { PushBody, PushType } from '../wire/pushes.ts';

/** Whom a connection proved to be, and for which desk it is here. */
export interface Identity {
  readonly key: Uint8Array;
  /** Device id, 16 B, and in hexadecimal. */
  readonly device: Uint8Array;
  readonly deviceName: string;
  /** The desk's root key, 32 B, and in hexadecimal. */
  readonly desk: Uint8Array;
  readonly deskName: string;
}

export interface Session {
  /** What the rates of addresses count by. */
  readonly address: string;
  /** What this connection was challenged with, 32 B; also after `auth`. */
  readonly challenge: Uint8Array;
  /** Null before `auth`. */
  readonly identity: Identity | null;
  readonly isOpen: boolean;
  /** Whether so much is unsent that what can wait should. */
  readonly isCongested: boolean;
  push<K extends PushType>(type: K, body: PushBody<K>): void;
  /** An encoded push that goes to many. */
  pushEncoded(bytes: Uint8Array): void;
  /** Ends the connection. */
  end(why: CloseName): void;
  /** Calls back, once, when the session is no longer congested. */
  onceRelieved(callback: () => void): void;
}

/** A session after `auth`. */
export type Caller = Session & { readonly identity: Identity };

export function isCaller(session: Session): session is Caller {
  return session.identity !== null;
}
