import { expect } from 'chai';
import { settled } from '../../src/adapters/memory/driven-clock.ts';
import { MemoryTransport, type MemoryPeer } from '../../src/adapters/memory/memory-transport.ts';
import type { Transport } from '../../src/engine/ports.ts';
import { transportContract, type PeerUnderTest, type TransportUnderTest } from '../contracts/transport.ts';

const DEAD = 'wss://dead.example';

transportContract('memory', async () => {
  const world: TransportUnderTest = {
    transport: undefined as unknown as Transport,
    url: 'wss://relay.example',
    deadUrl: DEAD,
    accept: (_peer: PeerUnderTest) => undefined,
    dispose: async () => undefined,
  };
  const up = new MemoryTransport((peer) => world.accept(peer));
  const refusing = new MemoryTransport(() => undefined);
  refusing.setNetwork('refusing');
  const transport: Transport = {
    open: (url, handlers) => (url === DEAD ? refusing : up).open(url, handlers),
    onReachable: (listener) => up.onReachable(listener),
  };
  return Object.assign(world, { transport });
});

describe('the memory transport', () => {
  it('goes silent when the network is dead, in both directions', async () => {
    const peers: MemoryPeer[] = [];
    const heard: string[] = [];
    const transport = new MemoryTransport((accepted) => {
      peers.push(accepted);
      accepted.onMessage = (bytes) => heard.push(`relay ${bytes.join()}`);
      accepted.onClose = (code) => heard.push(`relay close ${code}`);
    });
    const link = transport.open('wss://relay.example', {
      onOpen: () => heard.push('open'),
      onMessage: (bytes) => heard.push(`client ${bytes.join()}`),
      onClose: (code) => heard.push(`client close ${code}`),
    });
    await settled();
    transport.setNetwork('dead');
    link.send(Uint8Array.of(1));
    peers[0]?.send(Uint8Array.of(2));
    peers[0]?.close(4_000);
    link.close();
    await settled();
    expect(heard).to.deep.equal(['open']);
  });

  it('tells listeners of the network until they stop', () => {
    const transport = new MemoryTransport(() => undefined);
    const told: boolean[] = [];
    const stop = transport.onReachable((online) => told.push(online));
    transport.tellReachable(false);
    transport.tellReachable(true);
    stop();
    transport.tellReachable(false);
    expect(told).to.deep.equal([false, true]);
  });
});
