import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { WebSocketServer } from 'ws';
import { nodeTransport } from '../../src/adapters/node/node-socket.ts';
import { transportContract, type PeerUnderTest, type TransportUnderTest } from '../contracts/transport.ts';

async function serve(): Promise<{ server: WebSocketServer; url: string; close: () => Promise<void> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const close = async (): Promise<void> => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  return { server, url, close };
}

transportContract('ws', async () => {
  const { server, url, close } = await serve();
  const dead = await serve();
  await dead.close();
  const world: TransportUnderTest = {
    transport: nodeTransport(),
    url,
    deadUrl: dead.url,
    accept: (_peer: PeerUnderTest) => undefined,
    dispose: close,
  };
  server.on('connection', (socket) => {
    const peer: PeerUnderTest = {
      send: (bytes) => socket.send(bytes.slice()),
      close: (code) => socket.close(code),
      onMessage: () => undefined,
      onClose: () => undefined,
    };
    socket.on('message', (data: Buffer) => peer.onMessage(new Uint8Array(data)));
    socket.on('close', (code) => peer.onClose(code));
    world.accept(peer);
  });
  return world;
});

describe('the transport by ws', () => {
  it('ends at text, and at messages longer than the wire allows', async () => {
    const { server, url, close } = await serve();
    const sends = ['hello', new Uint8Array(139_265)];
    server.on('connection', (socket) => socket.send(sends.shift() ?? ''));
    const codes: number[] = [];
    for (const expected of [1_003, 1_006]) {
      const code = await new Promise<number>((resolve) => {
        nodeTransport().open(url, { onOpen: () => undefined, onMessage: () => codes.push(-1), onClose: resolve });
      });
      expect(code).to.equal(expected);
    }
    expect(codes).to.deep.equal([]);
    await close();
  });
});
