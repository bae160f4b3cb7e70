import { expect } from 'chai';
import { workerStretcher, type WorkerStretcher } from '../../src/adapters/browser/pin-stretcher.ts';
import { ChatError, codeOf } from '../../src/errors.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { stretchPin } from '../../src/vault/pin-stretch.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import type { StretchReport } from '../support/stretch-page.ts';

const salt = (value: number): Uint8Array => new Uint8Array(32).fill(value);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const TrueWorker = globalThis.Worker;

/** Workers that were started, as they are. */
class SeenWorker extends TrueWorker {
  static readonly all: SeenWorker[] = [];
  /** Byte strings that were handed over: none of their bytes is left here. */
  readonly handedOver: Uint8Array[] = [];
  ended = false;

  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    SeenWorker.all.push(this);
  }

  override postMessage(message: { pin: Uint8Array }, transfer?: unknown): void {
    this.handedOver.push(message.pin);
    super.postMessage(message, transfer as Transferable[]);
  }

  override terminate(): void {
    this.ended = true;
    super.terminate();
  }
}

function stretcherOf(options?: Parameters<typeof workerStretcher>[0]): WorkerStretcher {
  const stretcher = workerStretcher(options);
  if (stretcher === null) throw new Error('no worker is to be tried here');
  return stretcher;
}

describe('stretching a PIN in a worker', () => {
  beforeEach(() => {
    SeenWorker.all.length = 0;
    globalThis.Worker = SeenWorker;
  });
  afterEach(() => {
    for (const worker of SeenWorker.all) worker.terminate();
    globalThis.Worker = TrueWorker;
  });

  it('gives what the page’s thread gives, for each PIN, salt and cost', async () => {
    const stretcher = stretcherOf();
    for (const [pin, value, cost] of [
      ['0000', 1, LEAST_STRETCH],
      ['123456789012', 2, LEAST_STRETCH],
      ['4711', 1, { m: 20_000, t: 3, p: 1 }],
    ] as const) {
      const result = await stretcher.stretch(pin, salt(value), cost);
      expect(result).to.deep.equal(await stretchPin(pin, salt(value), cost));
      expect(result.buffer.byteLength).to.equal(32);
    }
    expect(SeenWorker.all).to.have.length(1);
  });

  it('leaves the page’s thread alone: everything else has its turn meanwhile', async () => {
    const stretcher = stretcherOf();
    await stretcher.stretch('0000', salt(1), LEAST_STRETCH);
    // No turn of the page's takes longer than what a computation of the least cost takes; here there are hundreds.
    const channel = new MessageChannel();
    let turns = 0;
    channel.port1.onmessage = () => {
      turns++;
      channel.port2.postMessage(null);
    };
    channel.port2.postMessage(null);
    await stretcher.stretch('0000', salt(2), LEAST_STRETCH);
    channel.port1.close();
    expect(turns).to.be.greaterThan(500);
  });

  it('starts one worker, at the first PIN, for all that come at once, and one after another', async () => {
    const stretcher = stretcherOf();
    expect(SeenWorker.all).to.have.length(0);
    const results = await Promise.all([1, 2, 1].map((value) => stretcher.stretch('0000', salt(value), LEAST_STRETCH)));
    expect(SeenWorker.all).to.have.length(1);
    expect(results[0]).to.deep.equal(results[2]);
    expect(results[0]).to.not.deep.equal(results[1]);
  });

  it('ends the worker when it is idle, and starts another one when there is something to do', async () => {
    const stretcher = stretcherOf({ idle: 50 });
    const first = await stretcher.stretch('0000', salt(1), LEAST_STRETCH);
    expect(SeenWorker.all.map(({ ended }) => ended)).to.deep.equal([false]);
    await pause(100);
    expect(SeenWorker.all.map(({ ended }) => ended)).to.deep.equal([true]);
    expect(await stretcher.stretch('0000', salt(1), LEAST_STRETCH)).to.deep.equal(first);
    expect(SeenWorker.all).to.have.length(2);
    expect(stretcher.able).to.equal(true);
  });

  it('keeps no digits: their bytes are handed over', async () => {
    await stretcherOf().stretch('0000', salt(1), LEAST_STRETCH);
    expect(SeenWorker.all[0]?.handedOver.map(({ length }) => length)).to.deep.equal([0]);
  });

  it('passes on what the vault refuses, and goes on', async () => {
    const stretcher = stretcherOf();
    const refusals: [string, Uint8Array, { m: number; t: number; p: 1 }, string][] = [
      ['123', salt(1), LEAST_STRETCH, 'usage pin-malformed'],
      ['12a4', salt(1), LEAST_STRETCH, 'usage pin-malformed'],
      ['１２３４', salt(1), LEAST_STRETCH, 'usage pin-malformed'],
      ['1234', salt(1), { m: 1024, t: 2, p: 1 }, 'peer vault-parameters'],
      ['1234', salt(1), { m: 1 << 30, t: 2, p: 1 }, 'peer vault-parameters'],
      ['1234', salt(1).subarray(1), LEAST_STRETCH, 'usage salt-malformed'],
    ];
    for (const [pin, value, cost, expected] of refusals) {
      const error: unknown = await stretcher.stretch(pin, value, cost).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(ChatError);
      expect(`${(error as ChatError).kind} ${codeOf(error)}`, pin).to.equal(expected);
      expect(JSON.stringify(error) + String(error)).to.not.include(pin);
    }
    const parameters = await stretcher
      .stretch('1234', salt(1), { m: 1, t: 1, p: 1 })
      .catch((reason: unknown) => reason);
    expect((parameters as ChatError).details).to.deep.equal({ m: 1, t: 1, p: 1 });
    expect(await stretcher.stretch('1234', salt(1), LEAST_STRETCH)).to.have.length(32);
    expect(SeenWorker.all).to.have.length(1);
    expect(stretcher.able).to.equal(true);
  });

  it('is told from a worker that is silent, broken, or no worker of ours, and does not try again', async () => {
    const scripts = {
      silent: '',
      broken: 'throw new Error("broken")',
      unreadable: 'onmessage = () => postMessage({ kind: "done", bytes: new Uint8Array(31) })',
      failing: 'onmessage = () => postMessage({ kind: "failed" })',
    };
    for (const [what, script] of Object.entries(scripts)) {
      const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
      globalThis.Worker = class extends SeenWorker {
        constructor() {
          super(address);
        }
      };
      const stretcher = stretcherOf({ patience: 300 });
      const attempt = (): Promise<unknown> => stretcher.stretch('1234', salt(1), LEAST_STRETCH);
      expect(await codeOfThrow(attempt), what).to.equal('worker-unavailable');
      expect(stretcher.able).to.equal(false);
      const started = SeenWorker.all.length;
      expect(SeenWorker.all.at(-1)?.ended).to.equal(true);
      expect(await codeOfThrow(attempt), what).to.equal('worker-unavailable');
      expect(SeenWorker.all).to.have.length(started);
      URL.revokeObjectURL(address);
    }
  });

  it('waits longer for a worker that shows that it is alive', async () => {
    const script = `onmessage = () => {
      let beats = 0;
      setInterval(() => postMessage(++beats < 6 ? { kind: 'alive' } : { kind: 'done', bytes: new Uint8Array(32) }), 100);
    }`;
    const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    globalThis.Worker = class extends SeenWorker {
      constructor() {
        super(address);
      }
    };
    expect(await stretcherOf({ patience: 400 }).stretch('1234', salt(1), LEAST_STRETCH)).to.have.length(32);
    URL.revokeObjectURL(address);
  });

  it('shows that it is alive', async () => {
    const stretcher = stretcherOf();
    let done = false;
    const end = (): void => void (done = true);
    void stretcher.stretch('1234', salt(1), { m: 131_072, t: 16, p: 1 }).then(end, end);
    await pause(0);
    const beat = await new Promise((resolve) => {
      SeenWorker.all[0]?.addEventListener('message', ({ data }) => resolve(data), { once: true });
    });
    expect(beat).to.deep.equal({ kind: 'alive' });
    expect(done).to.equal(false);
  });
});

describe('a worker in a page with a policy', () => {
  const own = `script-src ${location.origin}`;

  async function reportUnder(policy: string, attributes = ''): Promise<StretchReport> {
    const frame = document.createElement('iframe');
    const answer = new Promise<StretchReport>((resolve) => {
      const listener = ({ data, source }: MessageEvent<{ report: StretchReport }>): void => {
        if (source !== frame.contentWindow) return;
        removeEventListener('message', listener);
        resolve(data.report);
      };
      addEventListener('message', listener);
    });
    const script = new URL('../support/stretch-page.ts', import.meta.url).href;
    const meta = policy === '' ? '' : `<meta http-equiv="content-security-policy" content="${policy}">`;
    frame.setAttribute(
      'srcdoc',
      `<!doctype html><html lang="en">${meta}<script type="module" src="${script}" ${attributes}></script>`,
    );
    document.body.append(frame);
    try {
      return await answer;
    } finally {
      frame.remove();
    }
  }

  let right: string;
  before(async () => {
    right = (await stretchPin('4711', salt(1), LEAST_STRETCH)).slice(0, 4).join();
  });

  it('works without one, and where scripts of the page’s own origin are allowed', async () => {
    for (const policy of ['', `default-src 'none'; ${own}`, `${own}; worker-src ${location.origin}`]) {
      expect(await reportUnder(policy), policy).to.deep.equal({ outcomes: [right, right], able: true, violations: [] });
    }
  });

  it('works with Trusted Types, without a report', async () => {
    const trusted = `default-src 'none'; ${own}; require-trusted-types-for 'script'; trusted-types lit-html secure-chat`;
    expect(await reportUnder(trusted)).to.deep.equal({ outcomes: [right, right], able: true, violations: [] });
  });

  it('is unavailable where the page forbids it, and is tried once', async () => {
    const { outcomes, able, violations } = await reportUnder(`${own}; worker-src 'none'`);
    expect(outcomes).to.deep.equal(['worker-unavailable', 'worker-unavailable']);
    expect(able).to.equal(false);
    // WebKit reports to the page's console alone.
    expect(violations.length).to.be.lessThan(2);
  });

  it('is unavailable where Trusted Types have no room for it, and is tried once', async () => {
    const policy = `${own}; require-trusted-types-for 'script'; trusted-types lit-html`;
    const { outcomes, violations } = await reportUnder(policy);
    if ('trustedTypes' in globalThis) {
      expect(outcomes).to.deep.equal(['worker-unavailable', 'worker-unavailable']);
      expect(violations).to.deep.equal(['trusted-types']);
    } else {
      expect(outcomes).to.deep.equal([right, right]);
    }
  });

  it('is not tried where the page pins its scripts: a worker’s cannot be pinned', async () => {
    const script = new URL('../support/stretch-page.ts', import.meta.url).href;
    const code = await (await fetch(script)).arrayBuffer();
    const hash = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-384', code))));
    const attributes = `integrity="sha384-${hash}" crossorigin="anonymous"`;
    expect(await reportUnder('', attributes)).to.deep.equal({
      outcomes: ['not tried', 'not tried'],
      able: null,
      violations: [],
    });
  });

  it('is not tried where the script is of another origin than the page', async () => {
    const origin = Object.getOwnPropertyDescriptor(globalThis, 'origin') as PropertyDescriptor;
    Object.defineProperty(globalThis, 'origin', { configurable: true, value: 'https://bank.example' });
    try {
      expect(workerStretcher()).to.equal(null);
    } finally {
      Object.defineProperty(globalThis, 'origin', origin);
    }
  });

  it('is not tried where there are no workers', () => {
    Reflect.deleteProperty(globalThis, 'Worker');
    try {
      expect(workerStretcher()).to.equal(null);
    } finally {
      globalThis.Worker = TrueWorker;
    }
  });
});
