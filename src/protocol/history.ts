/**
 * What was said before someone joined. docs/protocol.md §14.5.
 * @module
 */
import { equal } from '../bytes/bytes.ts';
import { toHex } from '../bytes/text.ts';
import { peerError } from '../errors.ts';
import { deviceIdOf } from '../identity/device.ts';
import type { PublicKeyCrypto } from '../identity/public-key-crypto.ts';
import { hashOfSigned, type Signed } from '../identity/signature.ts';
import type { ContentOf } from './kinds.ts';
import {
  checkChaining,
  checkCustomersPart,
  checkRecipients,
  openSigned,
  readMessage,
  type Message,
} from './message.ts';
import type { SessionState } from './session.ts';

/** One message of a history. It is never live, never acknowledged to its sender, never a claim, never acted upon. */
export interface HistoryItem {
  readonly signed: Signed;
  readonly message: Message;
  /** H(pair), 32 B. */
  readonly hash: Uint8Array;
  /** False: its signature is right, but nothing says that its sender was a member: shown as unverified. */
  readonly verified: boolean;
}

/**
 * Opens the items of a `history`, in their order. One that is wrong refuses them all.
 * @param wasMember whether some bundle that the receiver keeps has the key as a member
 * @param archive whether the receiver is an archive: it is also given what was said within the desk past it (§12.2)
 * @throws ChatError `cbor-too-large`, `cbor-malformed`, `shape-mismatch`, `message-signature`, `message-sender` (no key
 *   given for it), `session-mismatch`, `message-recipient`, `message-audience`, `message-chain`
 */
export async function openHistory({
  crypto,
  content,
  session,
  wasMember,
  archive,
}: {
  crypto: PublicKeyCrypto;
  content: ContentOf<'history'>;
  session: Pick<SessionState, 'desk' | 'conversation' | 'customerKey'>;
  wasMember: (key: Uint8Array) => boolean;
  archive: boolean;
}): Promise<readonly HistoryItem[]> {
  const keys = new Map(content.keys.map((key) => [toHex(deviceIdOf(key)), key]));
  const customer = deviceIdOf(session.customerKey);
  const items: HistoryItem[] = [];
  for (const signed of content.items) {
    const key = keys.get(toHex(readMessage(signed).from));
    if (key === undefined) throw peerError('message-sender', 'a history without the key of a sender');
    const message = await openSigned({ crypto, signed, key, session });
    if (message.audience !== 'all' && !(archive && message.audience === 'desk'))
      throw peerError('message-audience', 'a history of what was not for all');
    checkRecipients(message);
    checkCustomersPart(message, customer);
    checkChaining(message);
    const verified = equal(key, session.customerKey) || wasMember(key);
    items.push({ signed, message, hash: hashOfSigned(signed), verified });
  }
  return items;
}
