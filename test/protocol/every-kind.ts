/** A right message of each kind of §13. */
import type { DeviceKeys } from '../../src/identity/device.ts';
import { referenceOf } from '../../src/protocol/head.ts';
import type { Body, PrivatePart, Sender } from '../../src/protocol/kinds.ts';
import type { Message } from '../../src/protocol/message.ts';
import { sealField } from '../../src/protocol/sealed-field.ts';
import { messageOf, NOW, randomOf, signedText, world } from './world.ts';

export interface KindCase {
  readonly from: DeviceKeys;
  readonly role: Sender;
  /** A recipient. */
  readonly self: DeviceKeys;
  readonly message: Message;
  readonly private: PrivatePart;
}

export async function everyKind(): Promise<KindCase[]> {
  const { customer, agent, archive, bundle, directory, conversation } = await world();
  const bytes = (name: string, length: number) => randomOf(name)(length);
  const other = bytes('other message', 16);
  const head = { device: archive.id, chain: bytes('chain', 8), seq: 3, hash: bytes('head', 32) };
  const item = await signedText(customer, 'said before');
  const sealed = sealField({ random: randomOf('box'), conversation, messageId: other, text: '4111 1111 1111 1111' });
  const box = { label: 'Card', boxHash: sealed.boxHash, keyHash: sealed.keyHash, expires: NOW + 60_000 };
  const address = { id: 'street', label: 'Street', type: 'choice', choices: ['Main', 'High'], required: true } as const;
  const file = {
    blob: bytes('blob', 32),
    key: bytes('key', 32),
    size: 7,
    hash: bytes('hash', 32),
    type: 'text/plain',
    name: 'a.txt',
  };

  const cases: {
    who: 'C' | 'M' | 'A';
    body: Exclude<Body, { kind: 'unknown' }>;
    direct?: true;
    private?: PrivatePart;
    id?: Uint8Array;
  }[] = [
    { who: 'C', body: { kind: 'start', content: { topic: null } } },
    { who: 'C', body: { kind: 'text', content: { text: 'Grüezi, мир 🌍' } } },
    { who: 'M', body: { kind: 'file', content: file } },
    {
      who: 'M',
      body: { kind: 'form', content: { title: 'Address', fields: [{ ...address, choices: [...address.choices] }] } },
    },
    { who: 'C', body: { kind: 'answer', content: { form: other, values: [{ id: 'street', value: 'Main' }] } } },
    { who: 'C', body: { kind: 'context', content: { fields: [{ id: 'page', value: '/cards' }] } } },
    {
      who: 'C',
      body: { kind: 'sealed', content: { ...box, recipient: agent.id } },
      private: { ...sealed.private },
      id: other,
    },
    { who: 'C', body: { kind: 'sealed', content: { ...box, recipient: archive.id } } },
    { who: 'M', body: { kind: 'edit', content: { target: other, text: 'better' } } },
    { who: 'M', body: { kind: 'retract', content: { target: other } } },
    { who: 'C', body: { kind: 'rating', content: { score: 5, comment: '' } } },
    { who: 'C', body: { kind: 'participants', content: { devices: [agent.id], heads: [head] } } },
    { who: 'M', body: { kind: 'join', content: { how: 'claim', have: [head] } } },
    { who: 'M', body: { kind: 'leave', content: {} } },
    { who: 'M', body: { kind: 'transfer', content: { device: archive.id, history: 'all' } } },
    { who: 'M', body: { kind: 'close', content: {} } },
    { who: 'C', direct: true, body: { kind: 'release', content: { joined: archive.id } } },
    { who: 'C', direct: true, body: { kind: 'identify', content: { token: 'header.claims.signature' } } },
    { who: 'C', direct: true, body: { kind: 'history', content: { items: [item], keys: [customer.key] } } },
    { who: 'M', direct: true, body: { kind: 'receipt', content: { delivered: [other], read: [], heads: [head] } } },
    { who: 'M', direct: true, body: { kind: 'directory', content: { bundle } } },
    {
      who: 'A',
      direct: true,
      body: { kind: 'checkpoint', content: { heads: [head], time: NOW, directory: referenceOf(directory) } },
    },
  ];
  const roles = {
    C: { from: customer, role: 'customer' },
    M: { from: agent, role: 'agent' },
    A: { from: archive, role: 'archive' },
  } as const;
  return Promise.all(
    cases.map(async ({ who, body, direct, private: part, id }) => ({
      ...roles[who],
      self: who === 'C' ? agent : customer,
      message: await messageOf(roles[who].from, body, { ...(direct && { audience: 'direct' }), ...(id && { id }) }),
      private: part ?? null,
    })),
  );
}
