/**
 * A busy morning at a bank's desk: who waits, whom Sara serves, what was said.
 * @module
 */
import { DoubleDesk } from '../support/double-desk.ts';
import { DoubleDeskClient } from '../support/double-desk-client.ts';

export const SARA = 'aa'.repeat(16);
export const TOM = 'bb'.repeat(16);

const MINUTE = 60_000;

/** Ids and fingerprints that look like the real ones, the same in every run. */
function digits(seed: number, length: number, base: number): string {
  let state = seed * 2_654_435_761;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    text += (state >>> 7).toString(base).padStart(base === 16 ? 6 : 7, '0');
  }
  return text.slice(0, length);
}

const hexId = (seed: number): string => digits(seed, 32, 16);
export const fingerprint = (seed: number): string => (digits(seed, 30, 10).match(/.{5}/g) ?? []).join(' ');

const WAITING: readonly { topic: string | null; text: string; minutes: number }[] = [
  {
    topic: 'Card blocked abroad',
    text: 'Hello, my card was just declined in Lisbon and I have no cash.',
    minutes: 14.2,
  },
  { topic: null, text: 'I think someone logged in to my account. Can you look at it quickly?', minutes: 11.6 },
  { topic: 'Mortgage', text: 'Could you tell me when the fixed rate ends and what happens then?', minutes: 9.8 },
  { topic: null, text: 'hi', minutes: 8.1 },
  {
    topic: 'Payments',
    text: 'A transfer of 4 September has not arrived, the recipient is getting nervous.',
    minutes: 7.4,
  },
  { topic: null, text: 'Do you have an appointment this week for a power of attorney?', minutes: 6.9 },
  { topic: 'Statement', text: 'I need the statement of last year as PDF for my landlord', minutes: 6.2 },
  { topic: null, text: 'Can I raise the limit for a day? Buying a car tomorrow.', minutes: 5.5 },
  { topic: 'Card blocked abroad', text: 'Both cards do not work at the petrol station', minutes: 4.9 },
  { topic: null, text: 'Good morning! Question about the joint account', minutes: 4.4 },
  { topic: 'Savings', text: 'Why did the rate change without notice?', minutes: 3.8 },
  { topic: null, text: 'Is there a fee for payments in kronor?', minutes: 3.1 },
  { topic: 'Payments', text: 'The app says “limit exceeded” but I have paid nothing today', minutes: 2.7 },
  { topic: null, text: 'My husband died and I do not know what to do with his account.', minutes: 2.3 },
  { topic: null, text: 'wrong pin three times, what now', minutes: 1.9 },
  { topic: 'Loan', text: 'I would like to repay the rest of the car loan early. What would it cost?', minutes: 1.4 },
  { topic: null, text: 'Please call me back under the number you have', minutes: 1.1 },
  { topic: 'Mortgage', text: 'Second attempt, we were cut off a moment ago', minutes: 0.8 },
  { topic: null, text: 'Where can I find my IBAN?', minutes: 0.5 },
  { topic: null, text: 'Hello?', minutes: 0.2 },
];

/** Opening a conversation by number, as the tests name it. */
export const waitingId = (at: number): string => hexId(100 + at);
export const mineId = (at: number): string => hexId(200 + at);

export interface Scene {
  readonly desk: DoubleDesk;
  readonly sara: DoubleDeskClient;
  readonly tom: DoubleDeskClient;
}

/** Two agents, an archive, nobody waiting. */
export function emptyScene(now: () => number = () => Date.now()): Scene {
  const desk = new DoubleDesk(now);
  desk.enrol(SARA, 'Sara Lindqvist', fingerprint(1));
  desk.enrol(TOM, 'Tom Okafor', fingerprint(2));
  desk.enrol('archive', 'Audit archive', fingerprint(3));
  for (const device of [SARA, TOM, 'archive']) desk.approve(device);
  return { desk, sara: new DoubleDeskClient(desk, SARA), tom: new DoubleDeskClient(desk, TOM) };
}

/** A customer who waits; the third of them wrote first to Tom alone. */
export function addWaiting(desk: DoubleDesk, at: number, now: number): void {
  const { topic, text, minutes } = WAITING[at % WAITING.length] ?? { topic: null, text: 'Hello', minutes: 1 };
  const reached = at === 3 ? [TOM] : [SARA, TOM];
  const who = { id: waitingId(at), customer: hexId(300 + at), fingerprint: fingerprint(300 + at) };
  desk.start({ ...who, topic, text, at: now - minutes * MINUTE, reached });
}

/** Twenty wait, six are Sara's, two have ended. */
export async function busyScene(now: () => number = () => Date.now()): Promise<Scene> {
  const scene = emptyScene(now);
  const { desk, sara } = scene;
  const at = now();
  const mine = async (
    seed: number,
    topic: string | null,
    minutes: number,
    lines: readonly string[],
  ): Promise<string> => {
    const id = mineId(seed);
    const start = at - minutes * MINUTE;
    const [first = '', ...rest] = lines;
    const who = { id, customer: hexId(400 + seed), fingerprint: fingerprint(400 + seed) };
    desk.start({ ...who, topic, text: first, at: start });
    await sara.claim(id);
    const joined = desk.of(id).messages.at(-1);
    if (joined) Object.assign(joined, { at: start + 0.7 * MINUTE });
    rest.forEach((line, turn) => {
      const when = start + ((turn + 1) / (rest.length + 1)) * minutes * MINUTE;
      const own = line.startsWith('> ');
      if (own) desk.add(id, { from: SARA, kind: 'text', text: line.slice(2), at: when, progress: 'read' });
      else desk.says(id, line, when);
    });
    return id;
  };
  const quiet: string[] = [];
  quiet.push(
    await mine(0, 'Fraud', 38, [
      'There are three payments on my card that I did not make.',
      '> Good morning, I am Sara. I am sorry about that. I have blocked the card, so nothing further can be taken.',
      '> Do you recognise any of these shops? You find the details at https://bank.example/card/disputes',
      'No, none. The first one is from last night, 49.90. I was asleep 🙂',
      'Then 120.00 and 8.35 this morning.',
      '> Thank you. I am filing all three as a dispute now. You will have the money back within two working days while we look into it.',
      'That is a relief. Will I get a new card automatically?',
      '> Yes. It goes out today and usually arrives on Thursday. Your PIN stays the same.',
      'And the subscriptions that run over the old number? I have a newspaper, the phone and the gym on it and would rather not write to all of them.',
    ]),
    await mine(1, 'Mortgage', 24, [
      'When does my fixed rate end?',
      '> On 31 March next year. Shall I send you what we could offer?',
      'Yes please',
    ]),
    await mine(2, null, 17, [
      'I cannot find the form for a standing order',
      '> It is under Payments, then Standing orders.',
      'Found it, thank you!',
    ]),
  );
  const unread = [
    await mine(3, 'Business account', 12, [
      'We are a club of forty members and need an account.',
      '> Gladly. How many people should be able to sign?',
      'Two, the treasurer and me',
      'And one should only be able to look',
    ]),
    await mine(4, null, 6, [
      'My address has changed',
      '> Thank you. Is the new one already on your identity card?',
      'Yes since Monday',
    ]),
  ];
  quiet.push(
    await mine(5, 'Payments', 3, [
      'Can a transfer be recalled?',
      '> If it has not been booked by the other bank. Which one is it?',
    ]),
  );
  for (const id of quiet) await sara.markRead(id);
  for (const id of unread) {
    const seen = desk
      .of(id)
      .messages.filter(({ from }) => from === SARA)
      .at(-1);
    desk.of(id).read.set(SARA, seen?.order ?? 0);
  }
  await sara.saveDraft(mineId(2), 'Anything else I can do for');
  const closed = [
    await mine(6, 'Statement', 95, ['PDF?', '> Here you are.']),
    await mine(7, null, 140, ['Is the branch open on Saturday?', '> Until noon.', 'thanks']),
  ];
  for (const id of closed) await sara.endConversation(id);
  for (let waiting = 0; waiting < WAITING.length; waiting++) addWaiting(desk, waiting, at);
  await sara.setDuty('on');
  return scene;
}
