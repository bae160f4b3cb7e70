/**
 * What every transport must do (src/engine/ports.ts).
 * @module
 */
import { expect } from 'chai';
import type { LinkHandlers, Transport } from '../../src/engine/ports.ts';

/** The relay's end of a connection. */
export interface PeerUnderTest {
  send(bytes: Uint8Array): void;
  close(code?: number): void;
  onMessage: (bytes: Uint8Array) => void;
  onClose: (code: number) => void;
}

export interface TransportUnderTest {
  readonly transport: Transport;
  readonly url: string;
  /** Where nobody listens. */
  readonly deadUrl: string;
  /** Called with each new connection. */
  accept: (peer: PeerUnderTest) => void;
  dispose(): Promise<void>;
}

type Event = 'open' | number | Uint8Array;

/** Writes down what a link reports: `open`, messages, close codes. */
function recorder(): { readonly events: Event[]; readonly handlers: LinkHandlers } {
  const events: Event[] = [];
  return {
    events,
    handlers: {
      onOpen: () => events.push('open'),
      onMessage: (bytes) => events.push(bytes),
      onClose: (code) => events.push(code),
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 5_000) throw new Error(`waited in vain: ${what}`);
    await pause(5);
  }
}

export function transportContract(name: string, make: () => Promise<TransportUnderTest>): void {
  describe(`${name} as a transport`, () => {
    let world: TransportUnderTest;

    beforeEach(async () => {
      world = await make();
    });

    afterEach(() => world.dispose());

    it('carries messages of all sizes, whole and in order, both ways', async () => {
      const { events, handlers } = recorder();
      world.accept = (peer) => {
        peer.onMessage = (bytes) => peer.send(bytes);
      };
      const link = world.transport.open(world.url, handlers);
      expect(events).to.deep.equal([]);
      await until(() => events.length === 1, 'open');
      const sent = [0, 1, 125, 126, 65_535, 65_536, 139_264, ...Array.from({ length: 50 }, (_, i) => i)].map(
        (size, i) => new Uint8Array(size).fill(i),
      );
      for (const bytes of sent) {
        link.send(bytes);
        bytes.fill(255);
      }
      await until(() => events.length === 1 + sent.length, 'all echoes');
      expect(events[0]).to.equal('open');
      events.slice(1).forEach((event, i) => {
        expect(event).to.be.instanceOf(Uint8Array);
        expect(event).to.deep.equal(new Uint8Array(sent[i]?.length ?? -1).fill(i));
      });
      link.close();
    });

    it('sends exactly the bytes of a view', async () => {
      const { events, handlers } = recorder();
      world.accept = (peer) => {
        peer.onMessage = (bytes) => peer.send(bytes);
      };
      const link = world.transport.open(world.url, handlers);
      await until(() => events.length === 1, 'open');
      link.send(Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3));
      await until(() => events.length === 2, 'the echo');
      expect(events[1]).to.deep.equal(Uint8Array.of(2, 3));
      link.close();
    });

    it('lets what waits for a message happen before the next one', async () => {
      let log = '';
      world.accept = (peer) => {
        for (let i = 0; i < 20; i++) peer.send(Uint8Array.of(i));
      };
      let count = 0;
      const link = world.transport.open(world.url, {
        onOpen: () => undefined,
        onMessage: () => {
          log += '(';
          count++;
          void Promise.resolve()
            .then(() => undefined)
            .then(() => (log += ')'));
        },
        onClose: () => undefined,
      });
      await until(() => count === 20, 'all messages');
      await pause(0);
      expect(log).to.equal('()'.repeat(20));
      link.close();
    });

    it('tells once that the other end closed, and how', async () => {
      const { events, handlers } = recorder();
      world.accept = (peer) => {
        peer.send(Uint8Array.of(7));
        peer.close(4_004);
      };
      const link = world.transport.open(world.url, handlers);
      await until(() => events.includes(4_004), 'the close');
      link.send(Uint8Array.of(1));
      link.close();
      await pause(50);
      expect(events).to.deep.equal(['open', Uint8Array.of(7), 4_004]);
    });

    it('tells that no connection came to be, later and not from within', async () => {
      const { events, handlers } = recorder();
      world.transport.open(world.deadUrl, handlers);
      expect(events).to.deep.equal([]);
      await until(() => events.length > 0, 'the close');
      expect(events).to.deep.equal([1_006]);
    });

    it('says nothing any more once it was closed from here', async () => {
      const { events, handlers } = recorder();
      const closed: number[] = [];
      let peer: PeerUnderTest | undefined;
      world.accept = (accepted) => {
        peer = accepted;
        accepted.onClose = (code) => closed.push(code);
      };
      const link = world.transport.open(world.url, handlers);
      await until(() => events.length === 1, 'open');
      peer?.send(Uint8Array.of(1));
      link.close();
      link.close();
      link.send(Uint8Array.of(1));
      await until(() => closed.length > 0, 'the other end learns of it');
      await pause(50);
      expect(events).to.deep.equal(['open']);
      expect(closed).to.have.length(1);
    });

    it('can be closed before it is open', async () => {
      const { events, handlers } = recorder();
      world.transport.open(world.url, handlers).close();
      await pause(100);
      expect(events).to.deep.equal([]);
    });
  });
}
