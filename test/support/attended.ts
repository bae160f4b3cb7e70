/**
 * A conversation between a customer and an agent, under way.
 * @module
 */
import { toHex } from '../../src/bytes/text.ts';
import { decodeFrame } from '../../src/protocol/frame.ts';
import type { ChatClient, CustomerClient, DeskClient, Live } from '../../src/engine/views.ts';
import { first, textsWith, texts, type ChatWorld } from './chat-world.ts';
import { HeldDevice } from './held-device.ts';
import { ShiftingClock } from './shifting-clock.ts';

export interface Attended {
  readonly clock: ShiftingClock;
  readonly phone: HeldDevice;
  readonly laptop: HeldDevice;
  readonly customer: CustomerClient;
  readonly agent: DeskClient;
  readonly conversation: string;
}

/** The customer has said "Hello", the agent has joined and said "Good morning"; both know of both. */
export async function attended(world: ChatWorld): Promise<Attended> {
  const clock = new ShiftingClock();
  const [phone, laptop] = [new HeldDevice({ clock }), new HeldDevice({ clock })];
  const agent = await world.agent('Sara', laptop);
  const customer = await world.customer(phone);
  const { conversation } = await customer.startConversation({ topic: null, text: 'Hello' });
  await first(agent.queue, (queue) => queue.some(({ known }) => known?.preview === 'Hello'));
  await agent.claim(conversation);
  await agent.sendText(conversation, 'Good morning');
  await textsWith(customer, conversation, 'Good morning');
  await allDelivered(customer, conversation);
  await allDelivered(agent, conversation);
  return { clock, phone, laptop, customer, agent, conversation };
}

/** Waits until everything the client has said is acknowledged by somebody. */
export async function allDelivered(client: ChatClient, conversation: string, within?: number): Promise<void> {
  await first(
    client.messages(conversation, 5_000),
    (all) => all.filter(({ own }) => own).every(({ progress }) => progress === 'delivered' || progress === 'read'),
    within,
  );
}

/** The value of a live query now. */
export function now<T>(live: Live<T>): Promise<T> {
  return first(live, () => true);
}

/** The texts that a client shows now, oldest first. */
export async function shown(client: ChatClient, conversation: string): Promise<string[]> {
  return texts(await now(client.messages(conversation, 5_000)));
}

/** What must be told of the conversation. */
export async function notices(client: ChatClient, conversation: string): Promise<readonly string[]> {
  return (await now(client.conversations)).find(({ id }) => id === conversation)?.notices ?? [];
}

/** So many minutes pass, one after another; what they bring has the time to happen. */
export async function pass(clock: ShiftingClock, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    clock.forward(60_000);
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
}

/** The session that the device sent its last frame in. */
export function lastSession({ net }: HeldDevice): string {
  const frame = net.sent.filter(({ kind }) => kind === 'frame').at(-1);
  return frame === undefined ? 'none' : toHex(decodeFrame(frame.bytes).session);
}
