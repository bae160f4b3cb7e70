/**
 * What a user interface may see of the engine: plain data, and live queries over the store. Ids are hexadecimal.
 * @module
 */
import type { ErrorDetails } from '../errors.ts';
import type { MissingProtection } from './ports/device.ts';

/** A query that answers again after every change of its data, in whichever tab. */
export interface Live<T> {
  /** Calls back with the present value and every later one. Returns the way to stop. */
  subscribe(listener: (value: T) => void, onError: (error: unknown) => void): () => void;
}

export type ConnectionState = 'connecting' | 'online' | 'offline';

/** What the client believes of the desk it speaks to. */
export interface Verification {
  /** `verified`: a fresh directory signed by the pinned desk key; `stale`: signed but not renewed in time; `none`: none yet; `alarm`: two different directories of one version. */
  readonly state: 'none' | 'verified' | 'stale' | 'alarm';
  /** The desk's name as signed; null before the first directory. */
  readonly deskName: string | null;
  readonly recorded: boolean;
  readonly retentionDays: number | null;
  readonly notice: string | null;
  /** `dk1_…` */
  readonly deskKey: string;
  /** When the directory in force was signed, ms. */
  readonly issuedAt: number | null;
  readonly freshUntil: number | null;
  /** What opens the stored data: `guest` = no PIN yet; `pin`, with or without a passkey beside it (docs/vault.md). */
  readonly storage: StorageProtection;
  /** What this browser does not give. */
  readonly missing: readonly MissingProtection[];
}

export type StorageProtection = 'guest' | 'pin' | 'passkey' | 'memory';

export interface ClientStatus {
  readonly connection: ConnectionState;
  readonly verification: Verification;
  /** This tab is the one that fetches and sends for all tabs. */
  readonly leader: boolean;
  /** Frames accepted here that the relay has not accepted yet. */
  readonly pending: number;
  /** Round trip to the relay, ms; null when not known. */
  readonly latency: number | null;
  /** The last thing that went wrong and has not been put right; null if nothing. */
  readonly problem: { readonly code: string; readonly recoverable: boolean; readonly details: ErrorDetails } | null;
}

export type PartyRole = 'customer' | 'agent' | 'supervisor' | 'bot' | 'archive';

export interface Party {
  readonly device: string;
  /** A member's name as signed in the directory; null for a customer. */
  readonly name: string | null;
  readonly role: PartyRole;
  /** `asked`: received the first message, has not joined; `removed`: no longer in the directory. */
  readonly status: 'asked' | 'joined' | 'left' | 'removed';
  readonly self: boolean;
}

export interface ConversationView {
  readonly id: string;
  readonly topic: string | null;
  /** `waiting` for an agent, `active` with one, `ended`. */
  readonly state: 'waiting' | 'active' | 'ended';
  readonly startedAt: number;
  readonly lastAt: number;
  /** Start of the last text, for lists. */
  readonly preview: string;
  readonly unread: number;
  readonly parties: readonly Party[];
  readonly draft: string;
  /** This device is a joined participant (a customer always is). */
  readonly joined: boolean;
  readonly customer: string;
  readonly customerFingerprint: string;
  /** What a client must be told: codes such as `message-fork`, `gap`, `archive-silent`. */
  readonly notices: readonly string[];
}

/** How far an own message has come. `held`: waits for a fresh directory; `failed`: not delivered within 30 days. */
export type Progress = 'held' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

export interface FileView {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

export interface MessageView {
  readonly id: string;
  readonly conversation: string;
  /** Arrival order in this store; strictly increasing. */
  readonly order: number;
  readonly from: Party;
  readonly own: boolean;
  readonly kind: 'start' | 'text' | 'file' | 'join' | 'leave' | 'transfer' | 'close' | 'edit' | 'retract' | 'refused';
  /** Text of `text`; the code of `refused`; the topic of `start`. */
  readonly text: string;
  readonly file: FileView | null;
  /** The sender's clock, ms. */
  readonly at: number;
  /** Null for others' messages. */
  readonly progress: Progress | null;
  /** Received as history, not live. */
  readonly history: boolean;
  /** Signed by a key that no directory known here names. */
  readonly unverified: boolean;
}

/** Someone is typing in a conversation; forgotten after 10 s. */
export interface TypingView {
  readonly conversation: string;
  readonly devices: readonly string[];
}

/** An entry of the desk's waiting list, as the relay tells it and the store completes it. */
export interface QueueEntry {
  readonly conversation: string;
  readonly since: number;
  readonly state: 'waiting' | 'claimed';
  /** Device that claimed it. */
  readonly by: string | null;
  readonly byName: string | null;
  /** What this device knows of it; null when the first message did not come here. */
  readonly known: ConversationView | null;
}

/** How what is stored here is locked. */
export interface VaultView {
  readonly storage: StorageProtection;
  readonly pin: boolean;
  readonly passkey: boolean;
  /** A passkey can be made here. */
  readonly passkeyPossible: boolean;
}

/**
 * The lock of what is stored, while it is open. Promises reject with a ChatError; then everything opens as before.
 * PINs have 4 to 12 digits: `pin-malformed` (usage); the commonest are refused: `pin-common` (usage).
 */
export interface ClientVault {
  readonly view: Live<VaultView>;
  /** A first PIN. @throws ChatError `vault-offline`, `vault-relay-fault`, `vault-pin-exists` (usage), `vault-memory` (usage: nothing is stored) */
  setPin(pin: string): Promise<void>;
  /** @throws ChatError `vault-pin-wrong` (`details.left`), `vault-delayed` (`details.retryAfter`, ms), `vault-lost`, `vault-offline` … as opening by PIN */
  changePin(pin: string, next: string): Promise<void>;
  /** Another PIN, shown a passkey in place of the old one. @throws ChatError as `setPin`, `passkey-cancelled` */
  resetPin(next: string): Promise<void>;
  /** One that was there before is replaced. @throws ChatError `passkey-cancelled`, `passkey-unsupported` */
  addPasskey(): Promise<void>;
  /** @throws ChatError `vault-last-slot` (usage): there is no PIN, or none that opens any more; set one first; `vault-offline` */
  removePasskey(): Promise<void>;
  /** The user is there: the idle time begins anew, in all tabs. Cheap; may be called at every key. */
  touch(): void;
  /** Closes this client in every tab; opening then needs PIN or passkey. @throws ChatError `vault-no-lock` (usage): neither is set */
  lock(): Promise<void>;
}

/** How to open what is locked. */
export type Unlocking = { readonly by: 'pin'; readonly pin: string } | { readonly by: 'passkey' };

/** What both widget and desk can do. Every promise rejects with a ChatError and changes nothing then. */
export interface ChatClient {
  readonly status: Live<ClientStatus>;
  readonly conversations: Live<readonly ConversationView[]>;
  readonly typing: Live<readonly TypingView[]>;
  /** The newest `limit` messages, oldest first. */
  messages(conversation: string, limit: number): Live<readonly MessageView[]>;
  /** Stores and queues a text; resolves when it cannot be lost any more. */
  sendText(conversation: string, text: string): Promise<{ message: string }>;
  /** Ends the conversation for all. */
  endConversation(conversation: string): Promise<void>;
  /** Everything up to now was seen; tells the senders if receipts are allowed. */
  markRead(conversation: string): Promise<void>;
  saveDraft(conversation: string, text: string): Promise<void>;
  setTyping(conversation: string, on: boolean): void;
  readonly vault: ClientVault;
  /** Resolves when this client works no more: locked, by whatever tab or the idle time, or closed by `close` or `wipe`. */
  readonly ended: Promise<'locked' | 'closed'>;
  /** Gives up connection, timers and locks; nothing stored is lost. */
  close(): Promise<void>;
}

/** `<secure-chat>`'s client. */
export interface CustomerClient extends ChatClient {
  /** A new conversation with its first text. */
  startConversation(first: { topic: string | null; text: string }): Promise<{ conversation: string; message: string }>;
  /** Draft of a conversation that has not started yet. */
  readonly openingDraft: Live<string>;
  saveOpeningDraft(text: string): Promise<void>;
  /** Forgets everything on this device, in all tabs. */
  wipe(): Promise<void>;
}

export type DutyState = 'on' | 'away' | 'off';

/** `<secure-chat-desk>`'s client. */
export interface DeskClient extends ChatClient {
  /** Who this device is: not yet enrolled, waiting for approval, a member, or removed. */
  readonly membership: Live<{
    readonly state: 'pending' | 'member' | 'removed';
    readonly name: string;
    readonly fingerprint: string;
    readonly device: string;
  }>;
  readonly queue: Live<readonly QueueEntry[]>;
  readonly duty: Live<DutyState>;
  setDuty(state: DutyState): Promise<void>;
  /** Claims a waiting conversation and joins it. @throws ChatError `already-claimed` with `details.by` */
  claim(conversation: string): Promise<void>;
  /** Leaves a joined conversation; with `requeue` it waits again. */
  leave(conversation: string, options: { requeue: boolean }): Promise<void>;
}
