/**
 * The customer's client.
 * @module
 */
import { toHex } from '../bytes/text.ts';
import { equal } from '../bytes/bytes.ts';
import { ChatError, usageError } from '../errors.ts';
import { parseDeskKey } from '../identity/desk-key.ts';
import { nobleCrypto } from '../identity/noble-crypto.ts';
import { conversationIdOf } from '../protocol/conversation-id.ts';
import { relayOriginOf } from '../wire/relay-auth.ts';
import { checkedText, startEngine, type ChatEngine } from './chat-engine.ts';
import { stepOf } from './context.ts';
import { newConversation } from './conversation-record.ts';
import type { Ports } from './ports.ts';
import type { DevicePorts } from './ports/device.ts';
import { identityOf, openProfile, type OpenProfile } from './profile.ts';
import { ROWS } from './rows.ts';
import type { VaultKeeper } from './vault-keeper.ts';
import type { ChatClient, CustomerClient, Live, Unlocking } from './views.ts';

const MAX_TOPIC_BYTES = 200;

export interface CustomerOptions {
  readonly ports: Ports;
  /** `wss:` URL; `ws:` for this machine only. */
  readonly relay: string;
  /** `dk1_…`, what the page pins. */
  readonly deskKey: string;
  /** Whether agents may see what was read. */
  readonly receipts: boolean;
  /** What a lock needs. */
  readonly device: DevicePorts;
  /** `memory`: nothing outlives the page. */
  readonly kind?: 'guest' | 'memory';
  /** Idle time after which what has a lock locks itself, ms; 0: besides, every page asks for PIN or passkey. */
  readonly lockAfter: number;
  /** How to open what is locked; not given: what may open by itself does. */
  readonly unlock?: Unlocking;
}

/**
 * Opens, or makes, this profile's client for a desk, and starts to connect.
 * @throws ChatError `desk-key-malformed`, `relay-url-malformed`, `relay-insecure`; `vault-locked` (`details`: `{pin, passkey, unread}`):
 *   only `unlock` opens it; `vault-lost`, `vault-offline`, `vault-damaged`, `vault-half-wrong` of the vault; with `unlock` those of
 *   `PinVault.unlock` and `PasskeyVault.unlock`; `store-…` of the store
 */
export async function openCustomerClient(options: CustomerOptions): Promise<CustomerClient> {
  const { ports, relay, receipts } = options;
  const desk = parseDeskKey(options.deskKey);
  relayOriginOf(relay);
  const profile = await openProfile({ kind: 'guest', ...options, tabTickets: true });
  const { keeper, store } = profile;
  try {
    const identity = await identityOf(ports, store, async () => ({
      seed: ports.random(32),
      desk,
      name: null,
      at: ports.clock.now(),
      memberSince: null,
      enrolment: null,
    }));
    if (!equal(identity.desk, desk))
      throw new ChatError('usage', 'desk-key-other', 'what is stored here is of another desk');
    const engine = await startEngine(
      {
        ports,
        store,
        crypto: nobleCrypto,
        seed: identity.seed,
        desk,
        side: 'customer',
        relay,
        receipts,
        vault: keeper,
      },
      () => async () => undefined,
    );
    keeper.start(engine);
    return customerOf(engine, profile);
  } catch (error) {
    await keeper.close();
    throw error;
  }
}

function customerOf(engine: ChatEngine, profile: OpenProfile): CustomerClient {
  const { context } = engine;
  const openingDraft: Live<string> = context.store.live(
    ['self'],
    async () => (await context.store.get(ROWS.opening, ['opening']))?.value.draft ?? '',
  );
  return {
    ...commonOf(engine, profile.keeper),
    openingDraft,

    startConversation: async ({ topic, text }) => {
      const body = checkedText(text);
      if (topic !== null && new TextEncoder().encode(topic).length > MAX_TOPIC_BYTES)
        throw usageError('topic-too-long', 'the topic is too long', { details: { limit: MAX_TOPIC_BYTES } });
      return stepOf(context, async (step) => {
        const salt = context.ports.random(16);
        const customer = context.self.key;
        const id = conversationIdOf({ desk: context.desk, customerKey: customer, salt });
        const row = newConversation({ id, customer, salt, topic, now: context.ports.clock.now() });
        const started = await engine.say(step, row, { kind: 'start', audience: 'all', content: { topic } });
        const said = await engine.say(step, started.conversation, {
          kind: 'text',
          audience: 'all',
          content: { text: body },
        });
        await step.put(ROWS.conversation, [id], said.conversation);
        await step.remove(ROWS.opening, ['opening']);
        return { conversation: toHex(id), message: toHex(said.message.id) };
      });
    },

    saveOpeningDraft: (text) =>
      stepOf(context, (step) =>
        text === '' ? step.remove(ROWS.opening, ['opening']) : step.put(ROWS.opening, ['opening'], { draft: text }),
      ),

    wipe: () => profile.destroy(),
  };
}

/** The common part of a client, as plain functions. */
export function commonOf(engine: ChatEngine, keeper: VaultKeeper): ChatClient {
  return {
    status: engine.status,
    conversations: engine.conversations,
    typing: engine.typing,
    messages: (conversation, limit) => engine.messages(conversation, limit),
    sendText: (conversation, text) => engine.sendText(conversation, text),
    endConversation: (conversation) => engine.endConversation(conversation),
    markRead: (conversation) => engine.markRead(conversation),
    saveDraft: (conversation, text) => engine.saveDraft(conversation, text),
    setTyping: (conversation, on) => engine.setTyping(conversation, on),
    vault: keeper.control,
    ended: keeper.ended,
    close: () => keeper.close(),
  };
}
