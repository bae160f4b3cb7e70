import { expect } from 'chai';
import { affordableCost, stretchOn } from '../../src/engine/pin-stretching.ts';
import type { DevicePorts, StretchCost } from '../../src/engine/ports/device.ts';
import { deviceState } from '../../src/engine/tab-state.ts';
import { ChatError } from '../../src/errors.ts';
import { DrivenClock } from '../../src/adapters/memory/driven-clock.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { stretchPin } from '../../src/vault/pin-stretch.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { DeviceDouble } from '../support/device-double.ts';
import { realRandom } from '../support/random.ts';

describe('what stretching a PIN costs', () => {
  /** A device that needs so many ms for the least cost, each time another. */
  function device(clock: DrivenClock, ...least: number[]): { ports: DevicePorts; asked: StretchCost[] } {
    const asked: StretchCost[] = [];
    const stretch = async (_pin: string, _salt: Uint8Array, cost: StretchCost): Promise<Uint8Array> => {
      clock.set(clock.now() + (least[Math.min(asked.length, least.length - 1)] ?? 0));
      asked.push(cost);
      return new Uint8Array(32);
    };
    return { ports: { ...new DeviceDouble().page(), stretcher: { stretch } }, asked };
  }
  const costOf = (...least: number[]) => {
    const clock = new DrivenClock();
    return affordableCost(device(clock, ...least).ports, { clock, random: realRandom });
  };

  it('is as much as takes a second, and never less than the least', async () => {
    expect(await costOf(100)).to.deep.equal({ m: 65_536, t: 3, p: 1 });
    expect(await costOf(197)).to.deep.equal({ m: 65_536, t: 3, p: 1 });
    expect(await costOf(199)).to.deep.equal({ m: 65_536, t: 2, p: 1 });
    expect(await costOf(400)).to.deep.equal({ m: 47_104, t: 2, p: 1 });
    expect(await costOf(500)).to.deep.equal({ m: 32_768, t: 2, p: 1 });
    expect(await costOf(900)).to.deep.equal(LEAST_STRETCH);
    expect(await costOf(30_000)).to.deep.equal(LEAST_STRETCH);
  });

  it('is not that of starting the worker, and measured once in a page', async () => {
    expect(await costOf(900, 150)).to.deep.equal({ m: 65_536, t: 3, p: 1 });
    const clock = new DrivenClock();
    const { ports, asked } = device(clock, 100);
    const first = await affordableCost(ports, { clock, random: realRandom });
    expect(await affordableCost(ports, { clock, random: realRandom })).to.equal(first);
    expect(asked).to.deep.equal([LEAST_STRETCH]);
  });

  it('is paid on the page’s thread where no worker runs, with the same outcome', async () => {
    const double = new DeviceDouble();
    double.lacks.worker = true;
    const salt = realRandom(32);
    for (const ports of [double.page(), { ...double.page(), stretcher: null }]) {
      const stretched = await stretchOn(ports)('739105', salt, LEAST_STRETCH);
      expect(stretched).to.deep.equal(await stretchPin('739105', salt, LEAST_STRETCH));
      expect(deviceState(ports).workerless).to.equal(true);
    }
  });

  it('fails as the worker does where that is not for want of one', async () => {
    const stretch = (): Promise<never> => Promise.reject(new ChatError('peer', 'vault-parameters', 'too much'));
    const ports = { ...new DeviceDouble().page(), stretcher: { stretch } };
    expect(await codeOfThrow(() => stretchOn(ports)('739105', realRandom(32), LEAST_STRETCH))).to.equal(
      'vault-parameters',
    );
    expect(deviceState(ports).workerless).to.equal(false);
  });
});
