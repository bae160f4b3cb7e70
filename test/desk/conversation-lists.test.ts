import { expect } from 'chai';
import { conversationLists, longestWaiting, unreadTotal, type LostClaim } from '../../src/desk/conversation-lists.ts';
import type { ConversationView, QueueEntry } from '../../src/engine/views.ts';

const view = (id: string, over: Partial<ConversationView> = {}): ConversationView => ({
  ...{ id, topic: null, state: 'active', startedAt: 0, lastAt: 0, preview: '', unread: 0, parties: [], draft: '' },
  ...{ joined: true, customer: 'c1', customerFingerprint: '11111 22222', notices: [] },
  ...over,
});
const entry = (conversation: string, over: Partial<QueueEntry> = {}): QueueEntry => ({
  ...{ conversation, since: 0, state: 'waiting', by: null, byName: null, known: null },
  ...over,
});
const lost = (conversation: string, over: Partial<LostClaim> = {}): LostClaim => ({
  ...{ conversation, by: 'Tom', since: 5, title: 'Cards', mark: 'm', until: 0 },
  ...over,
});

describe('the lists of conversations', () => {
  it('put the longest waiting first and equal ones in an order that does not change', () => {
    const lists = conversationLists(
      [entry('b', { since: 2 }), entry('c', { since: 1 }), entry('a', { since: 2 })],
      [],
      [],
    );
    expect(lists.waiting.map(({ id }) => id)).to.deep.equal(['c', 'a', 'b']);
    expect(longestWaiting(lists)?.id).to.equal('c');
  });

  it('leave out what a colleague has claimed, but for a moment what was lost to them', () => {
    const queue = [entry('a', { state: 'claimed', by: 'dd', byName: 'Tom' }), entry('b', { since: 9 })];
    expect(conversationLists(queue, [], []).waiting.map(({ id }) => id)).to.deep.equal(['b']);
    const lists = conversationLists(queue, [], [lost('a')]);
    expect(lists.waiting.map(({ id, takenBy }) => [id, takenBy?.name])).to.deep.equal([
      ['a', 'Tom'],
      ['b', undefined],
    ]);
    expect(longestWaiting(lists)?.id).to.equal('b');
  });

  it('show a lost claim once, and nothing of what was in it', () => {
    const queue = [entry('a', { known: view('a', { preview: 'secret' }) })];
    const { waiting } = conversationLists(queue, [], [lost('a')]);
    expect(waiting).to.have.length(1);
    expect(waiting[0]?.known).to.equal(null);
  });

  it('hold own conversations while they last, newest first, and ended ones apart', () => {
    const known = [
      view('old', { lastAt: 1 }),
      view('new', { lastAt: 3 }),
      view('over', { state: 'ended', lastAt: 2 }),
      view('asked', { joined: false, state: 'waiting' }),
    ];
    const lists = conversationLists([], known, []);
    expect(lists.mine.map(({ id }) => id)).to.deep.equal(['new', 'old']);
    expect(lists.closed.map(({ id }) => id)).to.deep.equal(['over']);
  });

  it('count unread messages of own conversations alone', () => {
    const known = [view('a', { unread: 2 }), view('b', { unread: 3 }), view('c', { unread: 9, state: 'ended' })];
    expect(unreadTotal(known)).to.equal(5);
  });

  it('have nobody to claim when all are taken', () => {
    expect(longestWaiting(conversationLists([], [], [lost('a')]))).to.equal(null);
  });
});
