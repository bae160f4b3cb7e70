import { expect } from 'chai';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { answerTo, askOtherTabs } from '../../src/engine/handover.ts';
import type { TabChannel } from '../../src/engine/ports/device.ts';
import type { Continuation } from '../../src/vault/continuation.ts';
import { readTabMessage } from '../../src/vault/tab-message.ts';
import { DeviceDouble, TabMemoryDouble } from '../support/device-double.ts';
import { realRandom } from '../support/random.ts';

const VID = new Uint8Array(16).fill(7);
const VMK = new Uint8Array(32).fill(9);
const LIMIT = 3_000;
const never = new Promise<boolean>(() => undefined);
/** Lets what needs no timer happen. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('asking other tabs', () => {
  let clock: DrivenClock;
  let double: DeviceDouble;
  beforeEach(() => {
    clock = new DrivenClock(1_700_000_000_000);
    double = new DeviceDouble();
  });

  const channel = (): TabChannel => double.page(new TabMemoryDouble()).channel;
  const ask = (isUseless: Promise<boolean>): Promise<Continuation | null> =>
    askOtherTabs({
      ...{ channel: channel(), clock, random: realRandom, vid: VID, within: LIMIT, isUseless },
      accept: ({ locks }) => locks === 3,
    });
  /** A tab that is open answers. */
  const answers = (): void => {
    const own = channel();
    own.listen((bytes) => {
      const message = readTabMessage(bytes);
      if (message?.kind !== 'ask') return;
      const answer = answerTo(message, { held: { vmk: VMK.slice(), since: 1, locks: 3 }, random: realRandom });
      if (answer !== null) own.post(answer);
    });
  };

  it('is heard by a tab that listens only after the first question', async () => {
    const held = ask(never);
    await settled();
    answers();
    await clock.advance(300);
    expect((await held)?.vmk).to.deep.equal(VMK);
    const said = double.said.length;
    await clock.advance(LIMIT);
    await settled();
    expect(double.said.length).to.equal(said);
  });

  it('is given up at once where no other tab is open', async () => {
    expect(await ask(Promise.resolve(true))).to.equal(null);
  });

  it('is given up in time where another tab is open and does not answer, or nobody can tell', async () => {
    for (const tell of [() => Promise.resolve(false), () => Promise.reject(new Error('no locks'))]) {
      let isOver = false;
      const held = ask(tell()).finally(() => (isOver = true));
      await settled();
      await clock.advance(LIMIT - 1);
      await settled();
      expect(isOver).to.equal(false);
      await clock.advance(1);
      expect(await held).to.equal(null);
    }
  });
});
