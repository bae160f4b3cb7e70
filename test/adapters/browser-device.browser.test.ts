import { expect } from 'chai';
import { browserDevice } from '../../src/adapters/browser/browser-device.ts';
import { tabChannel } from '../../src/adapters/browser/tab-channel.ts';
import { tabMemory } from '../../src/adapters/browser/tab-memory.ts';
import { openSecondTab } from '../support/second-tab-frame.ts';

let names = 0;
const freshName = (): string => `device ${Date.now()} ${names++}`;

/** Puts another value in the place of a global one, for the time of `work`. */
async function instead(key: string, descriptor: PropertyDescriptor, work: () => unknown): Promise<void> {
  const before = Object.getOwnPropertyDescriptor(globalThis, key);
  Object.defineProperty(globalThis, key, { configurable: true, ...descriptor });
  try {
    await work();
  } finally {
    Reflect.deleteProperty(globalThis, key);
    if (before !== undefined) Object.defineProperty(globalThis, key, before);
  }
}

const pause = (ms = 100): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 5_000) throw new Error(`waited in vain: ${what}`);
    await pause(10);
  }
}

describe('the memory of a tab', () => {
  let name: string;
  beforeEach(() => (name = freshName()));
  afterEach(() => sessionStorage.clear());

  it('keeps bytes of every value and length, one for each name', () => {
    const memory = tabMemory(name);
    expect(memory.read()).to.equal(null);
    for (const length of [0, 1, 2, 3, 4, 256, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) % 256);
      expect(memory.write(bytes)).to.equal(true);
      expect(tabMemory(name).read()).to.deep.equal(bytes);
    }
    expect(tabMemory(`${name} other`).read()).to.equal(null);
    memory.clear();
    memory.clear();
    expect(memory.read()).to.equal(null);
  });

  it('writes nothing but base64url, and reads nothing else', () => {
    const memory = tabMemory(name);
    memory.write(Uint8Array.of(251, 255, 254));
    const key = Object.keys(sessionStorage).find((each) => each.startsWith(name)) ?? '';
    expect(sessionStorage.getItem(key)).to.equal('-__-');
    for (const foreign of ['ü', '-__-=', 'a b', 'abcde', '+/+/']) {
      sessionStorage.setItem(key, foreign);
      expect(memory.read(), foreign).to.equal(null);
    }
  });

  it('says that there is no room, and keeps what it has', () => {
    const memory = tabMemory(name);
    memory.write(Uint8Array.of(1));
    expect(memory.write(new Uint8Array(20 << 20))).to.equal(false);
    expect(memory.read()).to.deep.equal(Uint8Array.of(1));
  });

  it('takes nothing where storage is forbidden, and does not throw', async () => {
    const get = (): never => {
      throw new DOMException('forbidden', 'SecurityError');
    };
    await instead('sessionStorage', { get }, () => {
      const memory = tabMemory(name);
      expect(memory.write(Uint8Array.of(1))).to.equal(false);
      expect(memory.read()).to.equal(null);
      memory.clear();
    });
  });
});

describe('the channel between tabs', () => {
  let name: string;
  let second: Awaited<ReturnType<typeof openSecondTab>>;
  beforeEach(async () => {
    name = freshName();
    second = await openSecondTab();
  });
  afterEach(() => second.close());

  it('reaches the others with the same name, and not oneself', async () => {
    const [here, there, other] = [
      tabChannel(name),
      second.tab.tabChannel(name),
      second.tab.tabChannel(`${name} other`),
    ];
    const heard = { here: [] as string[], there: [] as string[], other: [] as string[] };
    const stops = [
      here.listen((bytes) => heard.here.push(bytes.join())),
      there.listen((bytes) => heard.there.push(bytes.join())),
      other.listen((bytes) => heard.other.push(bytes.join())),
    ];
    const buffer = Uint8Array.of(0, 1, 2, 3, 0);
    here.post(buffer.subarray(1, 4));
    buffer.fill(9);
    there.post(Uint8Array.of(7));
    await until(() => heard.here.length > 0 && heard.there.length > 0, 'both messages');
    await pause();
    expect(heard).to.deep.equal({ here: ['7'], there: ['1,2,3'], other: [] });
    for (const stop of stops) stop();
  });

  it('gives what was said to whoever listens until he stops, also from one who does not listen', async () => {
    const here = tabChannel(name);
    const there = second.tab.tabChannel(name);
    const heard: string[] = [];
    const stopA = here.listen((bytes) => {
      heard.push(`a ${bytes.join()}`);
      bytes.fill(0);
    });
    const stopB = here.listen((bytes) => heard.push(`b ${bytes.join()}`));
    there.post(Uint8Array.of(1));
    await until(() => heard.length === 2, 'the first message');
    stopA();
    there.post(Uint8Array.of(2));
    await until(() => heard.length === 3, 'the second message');
    stopB();
    there.post(Uint8Array.of(3));
    await pause();
    const stopC = here.listen((bytes) => heard.push(`c ${bytes.join()}`));
    there.post(Uint8Array.of(4));
    await until(() => heard.length === 4, 'the fourth message');
    stopC();
    expect(heard).to.deep.equal(['a 1', 'b 1', 'b 2', 'c 4']);
  });

  it('is deaf to what is no byte string', async () => {
    const heard: string[] = [];
    const stop = tabChannel(name).listen((bytes) => heard.push(bytes.join()));
    const foreign = new BroadcastChannel(`${name} tabs`);
    for (const value of ['text', null, { length: 1 }, new ArrayBuffer(4), [1]]) foreign.postMessage(value);
    foreign.postMessage(Uint8Array.of(5));
    await until(() => heard.length > 0, 'the bytes');
    foreign.close();
    stop();
    expect(heard).to.deep.equal(['5']);
  });

  it('reaches nobody where there is none', async () => {
    await instead('BroadcastChannel', { value: undefined }, () => {
      const channel = tabChannel(name);
      const stop = channel.listen(() => expect.fail('nobody is there'));
      channel.post(Uint8Array.of(1));
      stop();
    });
  });
});

describe('the device', () => {
  it('says what this browser does not give', async () => {
    const device = browserDevice(freshName());
    const granted = await device.persist();
    const missing = device.missing();
    expect(missing.includes('persistence')).to.equal(!granted);
    expect(missing.includes('passkeys')).to.equal(device.passkeys === null);
    expect(missing.includes('worker')).to.equal(device.stretcher === null);
    expect(missing).to.not.include('locks');
    expect(missing).to.not.include('secure-context');
    expect(new Set(missing).size).to.equal(missing.length);
  });

  it('misses persistence where the browser has no storage manager, or it refuses', async () => {
    for (const storage of [undefined, {}, { persist: async () => false, persisted: async () => false }]) {
      const navigatorBefore = Object.getOwnPropertyDescriptor(navigator, 'storage');
      Object.defineProperty(navigator, 'storage', { configurable: true, value: storage });
      try {
        const device = browserDevice(freshName());
        expect(await device.persist()).to.equal(false);
        expect(device.missing()).to.include('persistence');
      } finally {
        Reflect.deleteProperty(navigator, 'storage');
        if (navigatorBefore !== undefined) Object.defineProperty(navigator, 'storage', navigatorBefore);
      }
    }
  });

  it('keeps a grant', async () => {
    Object.defineProperty(navigator, 'storage', {
      configurable: true,
      value: { persist: async () => true, persisted: () => pause(20).then(() => false) },
    });
    try {
      const device = browserDevice(freshName());
      expect(await device.persist()).to.equal(true);
      await pause(50);
      expect(device.missing()).to.not.include('persistence');
    } finally {
      Reflect.deleteProperty(navigator, 'storage');
    }
  });
});
