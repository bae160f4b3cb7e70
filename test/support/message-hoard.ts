/**
 * Fills a customer's vault with messages as the engine would have left them: rows, places and links of a chain, all sealed.
 * @module
 */
import { encodeCbor } from '../../src/bytes/cbor.ts';
import type { Ports } from '../../src/engine/ports.ts';
import { relayTickets } from '../../src/engine/relay-tickets.ts';
import { ROWS, type ConversationRow, type MessageRow } from '../../src/engine/rows.ts';
import { openSealedStore, put, type SealedChange, type SealedStore } from '../../src/engine/sealed-store.ts';
import { openVault, type OpenVault } from '../../src/engine/unlock.ts';

const SENTENCES = [
  'Yes.',
  'I have just sent you the form again, it should be with you in a minute.',
  'Thank you, that helps a lot!',
  'Could you tell me whether the fee is charged once or every month? I could not find it anywhere on the page about accounts.',
  'Let me look that up for you.',
];

/** An agent who is in no directory any more. */
const NOBODY = new Uint8Array(16).fill(1);

/** One profile's store, open beside the chat. */
export class MessageHoard {
  readonly #ports: Ports;
  readonly #vault: OpenVault;
  readonly #store: SealedStore;

  private constructor(ports: Ports, vault: OpenVault) {
    this.#ports = ports;
    this.#vault = vault;
    this.#store = openSealedStore(ports, vault.keys);
  }

  /** Opens a guest's vault that has a conversation in it. */
  static async open(ports: Ports, relay: string): Promise<MessageHoard> {
    const tickets = relayTickets({ ports, url: relay });
    const vault = await openVault({ ports, tickets, kind: 'guest' });
    tickets.close();
    return new MessageHoard(ports, vault);
  }

  /** Puts so many messages behind those that are there, half of them the customer's; so many in each commit. */
  async fill(count: number, batch = 500): Promise<void> {
    const [conversation] = await this.#store.list(ROWS.conversation, { prefix: [] });
    const counter = await this.#store.get(ROWS.counter, ['counter']);
    if (conversation === undefined || counter === undefined) throw new Error('there is no conversation');
    const { next } = counter.value;
    for (let from = 0; from < count; from += batch) {
      const changes: SealedChange[] = [];
      for (let i = from; i < Math.min(from + batch, count); i++)
        changes.push(...this.#rowsOf(conversation.value, next, i, count));
      await this.#store.commit(changes);
    }
    await this.#store.commit([put(ROWS.counter, ['counter'], { next: next + count }, counter.version)]);
  }

  /** Reads every message of the conversation, as a list does: how long that takes, ms. */
  async listAll(): Promise<number> {
    const [conversation] = await this.#store.list(ROWS.conversation, { prefix: [] });
    if (conversation === undefined) throw new Error('there is no conversation');
    const start = performance.now();
    await this.#store.list(ROWS.message, { prefix: [conversation.value.id] });
    return performance.now() - start;
  }

  close(): void {
    this.#vault.lock();
    this.#ports.records.close();
  }

  #rowsOf(conversation: ConversationRow, next: number, i: number, count: number): SealedChange[] {
    const { random, clock } = this.#ports;
    const order = next + i;
    const own = i % 2 === 0;
    const customer = conversation.parties.find(({ role }) => role === 'customer');
    const agent = conversation.parties.find(({ role }) => role === 'agent');
    const [writer, reader] = own ? [customer, agent] : [agent, customer];
    const from = writer?.device ?? NOBODY;
    const other = reader?.device ?? NOBODY;
    const id = random(16);
    const hash = random(32);
    const at = clock.now() - (count - i) * 60_000;
    const content = encodeCbor({ text: `${SENTENCES[i % SENTENCES.length] ?? ''} (${i})` });
    const message: MessageRow = {
      ...{
        order,
        id,
        conversation: conversation.id,
        from,
        own,
        audience: 'all',
        kind: 'text',
        content,
        secrets: [],
        at,
      },
      // As long as a signed message is.
      pair: [random(330 + content.length), random(64)],
      ...{ to: [other], pending: [], delivered: own ? [other] : [], read: own ? [other] : [] },
      frames: own ? [{ device: other, session: random(16), hash, at, accepted: true, heardAt: at }] : [],
      ...{ state: 'live', unverified: false, notInRecord: false },
    };
    const link = ['link', conversation.id, from, new Uint8Array(8), order];
    return [
      put(ROWS.message, [conversation.id, order], message, 0),
      put(ROWS.messagePlace, ['message', from, id], { conversation: conversation.id, order, hash }, 0),
      put(ROWS.link, link, { hash, previous: random(32) }, 0),
    ];
  }
}
