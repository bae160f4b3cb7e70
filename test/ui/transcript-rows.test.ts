import { expect } from 'chai';
import type { MessageView, Party } from '../../src/engine/views.ts';
import { Phrases } from '../../src/ui/strings.ts';
import { noticeSentence, sentenceOf, transcriptRows } from '../../src/ui/transcript-rows.ts';

const self: Party = { device: 'c', name: null, role: 'customer', status: 'joined', self: true };
const sara: Party = { device: 's', name: 'Sara', role: 'agent', status: 'joined', self: false };
const omar: Party = { ...sara, device: 'o', name: 'Omar', role: 'supervisor' };
const NOON = new Date(2025, 2, 12, 12).getTime();
const phrases = new Phrases({ locale: 'en-GB' });

let order = 0;
function message(patch: Partial<MessageView>): MessageView {
  order++;
  return {
    id: `m${order}`,
    conversation: 'x',
    order,
    from: sara,
    own: false,
    kind: 'text',
    text: 'Hello',
    file: null,
    at: NOON + order * 1000,
    progress: null,
    history: false,
    unverified: false,
    ...patch,
  };
}
const own = (patch: Partial<MessageView> = {}): MessageView =>
  message({ from: self, own: true, progress: 'sent', ...patch });
const rows = (messages: MessageView[], marker: string | null = null, perspective: 'customer' | 'agent' = 'customer') =>
  transcriptRows(messages, { marker, perspective });

describe('the rows of a transcript', () => {
  it('begin with the day, and name another day once', () => {
    const later = NOON + 86_400_000;
    const types = rows([message({}), message({ at: later }), message({ at: later + 1000 })]).map(({ type }) => type);
    expect(types).to.deep.equal(['day', 'bubble', 'day', 'bubble', 'bubble']);
  });

  it('do not go back to yesterday for a clock that is behind', () => {
    const types = rows([message({}), message({ at: NOON - 86_400_000 })]).map(({ type }) => type);
    expect(types).to.deep.equal(['day', 'bubble', 'bubble']);
  });

  it('group messages of one sender that follow each other closely', () => {
    const bubbles = rows([
      message({ at: NOON }),
      message({ at: NOON + 60_000 }),
      message({ at: NOON + 120_000, from: omar }),
      message({ at: NOON + 20 * 60_000, from: omar }),
    ]).filter((row) => row.type === 'bubble');
    expect(bubbles.map(({ first, last }) => [first, last])).to.deep.equal([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it('break a group at a line', () => {
    const bubbles = rows([message({}), message({ kind: 'join' }), message({})]).filter((row) => row.type === 'bubble');
    expect(bubbles.every(({ first, last }) => first && last)).to.equal(true);
  });

  it('put the desk on one side for an agent, and only oneself for a customer', () => {
    const messages = [own(), message({}), message({ from: self })];
    const sides = (perspective: 'customer' | 'agent') =>
      rows(messages, null, perspective).flatMap((row) => (row.type === 'bubble' ? [row.side] : []));
    expect(sides('customer')).to.deep.equal(['own', 'other', 'other']);
    expect(sides('agent')).to.deep.equal(['own', 'own', 'other']);
  });

  it('mark what is new, after the day', () => {
    const messages = [message({}), message({ at: NOON + 86_400_000 })];
    const types = rows(messages, messages[1]?.id).map(({ type }) => type);
    expect(types).to.deep.equal(['day', 'bubble', 'day', 'marker', 'bubble']);
  });

  it('say once where handed over history begins', () => {
    const types = rows([message({ history: true }), message({ history: true }), message({})]).map(({ type }) => type);
    expect(types).to.deep.equal(['day', 'history', 'bubble', 'bubble', 'bubble']);
  });

  it('leave out a start without a topic', () => {
    expect(rows([own({ kind: 'start', text: '' })])).to.deep.equal([]);
    expect(rows([own({ kind: 'start', text: 'Cards' })]).map(({ type }) => type)).to.deep.equal(['day', 'line']);
  });
});

describe('what happened, as a sentence', () => {
  const say = (patch: Partial<MessageView>): string => sentenceOf(message(patch), phrases, 'Customer');

  it('names who did it', () => {
    expect(say({ kind: 'join' })).to.equal('Sara joined');
    expect(say({ kind: 'join', from: omar })).to.equal('Omar joined as a supervisor');
    expect(say({ kind: 'join', from: { ...sara, role: 'bot' } })).to.equal('Sara joined (automated)');
    expect(say({ kind: 'join', own: true })).to.equal('You joined');
    expect(say({ kind: 'leave' })).to.equal('Sara left');
    expect(say({ kind: 'leave', own: true })).to.equal('You left');
    expect(say({ kind: 'transfer' })).to.equal('Sara is bringing in a colleague');
    expect(say({ kind: 'transfer', own: true })).to.equal('You asked a colleague to join');
    expect(say({ kind: 'close' })).to.equal('Sara ended the conversation');
    expect(say({ kind: 'close', own: true })).to.equal('You ended the conversation');
    expect(say({ kind: 'close', from: self })).to.equal('Customer ended the conversation');
    expect(say({ kind: 'leave', from: { ...sara, name: null } })).to.equal('An agent left');
  });

  it('says what a message is that is not a text', () => {
    expect(say({ kind: 'refused', text: 'message-signature' })).to.contain('(message-signature)');
    expect(say({ kind: 'retract' })).to.equal('Message withdrawn');
    expect(say({ kind: 'start', text: 'Cards' })).to.equal('Conversation about “Cards”');
    expect(say({ kind: 'file', file: { name: 'a.pdf', type: '', size: 1200 } })).to.equal('File: a.pdf, 1.2 kB');
    expect(say({ kind: 'edit', text: 'New' })).to.equal('New');
  });

  it('tells of gaps, forks and a silent archive', () => {
    expect(noticeSentence('gap', phrases)).to.contain('missing');
    expect(noticeSentence('message-fork', phrases)).to.contain('tampered');
    expect(noticeSentence('archive-silent', phrases)).to.contain('record');
    expect(noticeSentence('something-new', phrases)).to.contain('(something-new)');
  });
});
