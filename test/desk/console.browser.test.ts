import { expect } from '@open-wc/testing';
import { ChatError } from '../../src/errors.ts';
import type { ScComposer } from '../../src/ui/composer.ts';
import { claimButton, focused, mount, open, row, rowsOf, settled, type, waitUntil } from './desk-fixture.ts';
import { addWaiting, busyScene, emptyScene, mineId, SARA, waitingId } from './scene.ts';

describe('the console', () => {
  it('lists who waits, the longest first, with how long and a button to claim', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const rows = rowsOf(desk, 'Waiting');
    expect(rows).to.have.length(20);
    expect(rows.map(({ dataset }) => dataset.id).slice(0, 3)).to.deep.equal([waitingId(0), waitingId(1), waitingId(2)]);
    expect(desk.find('ul[aria-label="Waiting"]').getAttribute('role')).to.equal('list');
    expect(rows[0]?.textContent).to.match(/Card blocked abroad[^]*waiting 14 min/);
    expect(claimButton(desk, waitingId(0))?.textContent.trim()).to.equal('Claim');
    expect(rows[3]?.textContent, 'its first message did not come here').to.contain('as soon as you join');
  });

  it('lists own conversations with unread messages, drafts and who types', async () => {
    const { desk, sara } = await busyScene();
    const mounted = await mount(sara);
    expect(rowsOf(mounted, 'Mine').map(({ dataset }) => dataset.id)).to.have.members([0, 1, 2, 3, 4, 5].map(mineId));
    expect(row(mounted, mineId(3)).textContent).to.match(/2 unread messages/);
    expect(row(mounted, mineId(2)).textContent).to.contain('Draft: Anything else');
    const customer = desk.of(mineId(0)).customer;
    sara.setOthersTyping([{ conversation: mineId(0), devices: [customer, SARA] }]);
    await settled();
    expect(row(mounted, mineId(0)).textContent).to.contain('typing…');
    expect(mounted.element.unread).to.equal(3);
  });

  it('counts waiting time on while nothing else happens', async () => {
    const { desk, sara } = emptyScene();
    addWaiting(desk, 19, Date.now() + 12_000);
    const mounted = await mount(sara);
    const time = () => mounted.find('time').textContent;
    const before = time();
    expect(before).to.match(/\d sec/);
    await waitUntil(() => time() !== before, 'the time stands still', { timeout: 3000 });
  });

  it('claims, opens the conversation and puts the caret where one writes', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    claimButton(desk, waitingId(0))?.click();
    await settled();
    await waitUntil(() => focused()?.matches('textarea'), 'the text field has no focus');
    expect(focused()?.getAttribute('aria-label')).to.equal('Message');
    expect(rowsOf(desk, 'Mine')).to.have.length(7);
    expect(rowsOf(desk, 'Waiting')).to.have.length(19);
    expect(row(desk, waitingId(0)).getAttribute('aria-current')).to.equal('true');
    expect(desk.find('[role="log"]').getAttribute('aria-label')).to.equal('Conversation');
    expect(desk.find('[role="log"]').textContent).to.contain('declined in Lisbon');
  });

  it('sends, and marks as read what is on screen', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(3));
    await waitUntil(() => desk.element.unread === 1, 'what is on screen is still unread');
    await type(desk.find<HTMLTextAreaElement>('textarea'), 'Two can sign, one can look.');
    desk.find('button[aria-label="Send"]').click();
    await settled();
    expect(desk.find('[role="log"]').textContent).to.contain('Two can sign, one can look.');
    expect(desk.find<HTMLTextAreaElement>('textarea').value).to.equal('');
  });

  it('keeps a draft for each conversation and brings it back', async () => {
    const { desk, sara } = await busyScene();
    const mounted = await mount(sara);
    await open(mounted, mineId(2));
    expect(mounted.find<HTMLTextAreaElement>('textarea').value).to.equal('Anything else I can do for');
    await type(mounted.find<HTMLTextAreaElement>('textarea'), 'Anything else?');
    await open(mounted, mineId(1));
    expect(mounted.find<HTMLTextAreaElement>('textarea').value, 'one draft is not another’s').to.equal('');
    expect(desk.of(mineId(2)).drafts.get(SARA)).to.equal('Anything else?');
    await open(mounted, mineId(2));
    expect(mounted.find<HTMLTextAreaElement>('textarea').value).to.equal('Anything else?');
  });

  it('tells the others that the agent types, and that this has ceased', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(1));
    await type(desk.find<HTMLTextAreaElement>('textarea'), 'a');
    expect(sara.typed.get(mineId(1))).to.equal(true);
    desk.find<ScComposer>('sc-composer').remove();
    expect(sara.typed.get(mineId(1))).to.equal(false);
  });

  it('shows a waiting conversation before it is claimed, without a field to write in', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, waitingId(1));
    expect(desk.find('[role="log"]').textContent).to.contain('someone logged in');
    expect(desk.all('sc-composer')).to.deep.equal([]);
    expect(desk.text('.bar')).to.match(/Claim it to reply\. Claim$/);
    await open(desk, waitingId(3));
    expect(desk.all('[role="log"]')).to.deep.equal([]);
    desk.find('.bar .button').click();
    await waitUntil(() => focused()?.matches('textarea'), 'claimed from the conversation itself');
  });

  it('leaves after a question, and goes on in the lists', async () => {
    const { desk, sara } = await busyScene();
    const mounted = await mount(sara);
    await open(mounted, mineId(1));
    mounted.find('.actions .button[title="Leave"]').click();
    await settled();
    expect(mounted.text('dialog[open]')).to.contain('No other agent is in it');
    mounted.find('dialog[open] .button:not(.primary)').click();
    await settled();
    expect(desk.of(mineId(1)).joined.get(SARA)).to.equal(true);
    mounted.find('.actions .button[title="Leave"]').click();
    await settled();
    mounted.find('dialog[open] .button.primary').click();
    await settled();
    expect(desk.of(mineId(1)).joined.get(SARA)).to.equal(false);
    expect(mounted.text('h2[tabindex]')).to.equal('No conversation open');
    expect(focused()?.matches('.row'), 'the focus is in the lists').to.equal(true);
  });

  it('returns a conversation to the queue without a question', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(1));
    desk.find('.actions .button[title="Return to queue"]').click();
    await settled();
    expect(rowsOf(desk, 'Waiting').map(({ dataset }) => dataset.id)).to.include(mineId(1));
    expect(desk.text('.toast')).to.equal('Mortgage waits again');
  });

  it('ends a conversation after a question and leaves it readable among the closed', async () => {
    const { desk, sara } = await busyScene();
    const mounted = await mount(sara);
    await open(mounted, mineId(1));
    mounted.find('.actions .button[title="End"]').click();
    await settled();
    mounted.find('dialog[open] .button.primary').click();
    await settled();
    expect(desk.of(mineId(1)).ended).to.equal(true);
    expect(mounted.all('sc-composer')).to.deep.equal([]);
    expect(mounted.text('.bar')).to.contain('stays readable');
    mounted.find('.toggle').click();
    await settled();
    expect(rowsOf(mounted, 'Closed').map(({ dataset }) => dataset.id)).to.include(mineId(1));
  });

  it('names the customer, the fingerprint, who takes part and what is recorded', async () => {
    const { desk, sara } = await busyScene();
    const mounted = await mount(sara);
    await open(mounted, mineId(0));
    const { fingerprint } = desk.of(mineId(0));
    expect(mounted.text('.fingerprint')).to.equal(fingerprint);
    expect(mounted.text('.parties')).to.match(/Sara Lindqvist \(you\) agent · present Audit archive record · present$/);
    expect(mounted.text('.facts')).to.contain('Recorded by the desk’s archive, for 365 days');
    expect(mounted.text('.parties')).to.contain(`Customer ${fingerprint.slice(0, 5)}`);
  });

  it('changes the duty, and shows what is so when that was refused', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const radio = (value: string) => desk.find<HTMLInputElement>(`input[value="${value}"]`);
    radio('away').click();
    await settled();
    expect([radio('on').checked, radio('away').checked]).to.deep.equal([false, true]);
    sara.setDuty = () => Promise.reject(new ChatError('environment', 'relay-timeout', 'no answer'));
    radio('off').click();
    await settled();
    expect([radio('away').checked, radio('off').checked]).to.deep.equal([true, false]);
    expect(desk.text('.toast')).to.match(/^Your duty could not be changed\. There is no connection/);
  });

  it('keeps a duty that is chosen without a connection, and says that nobody hears of it yet', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    expect(desk.all('.untold')).to.deep.equal([]);
    sara.setStatus({ connection: 'offline' });
    await settled();
    desk.find<HTMLInputElement>('input[value="away"]').click();
    await settled();
    expect(desk.find<HTMLInputElement>('input[value="away"]').checked).to.equal(true);
    expect(desk.all('.toast')).to.deep.equal([]);
    expect(desk.text('.untold')).to.contain('It counts when you are back online');
    expect(desk.find('fieldset').getAttribute('aria-describedby')).to.equal('untold');
    sara.setStatus({ connection: 'online' });
    await settled();
    expect(desk.all('.untold')).to.deep.equal([]);
  });

  it('says how it is at the foot, and opens the client anew when asked to', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const facts = [...desk.find('.facts ul').children].map(({ textContent }) => textContent);
    expect(facts.join(' · ')).to.match(
      /^6 chats encrypted · relay 40 ms · staff list signed 2 hr\.? ago · 0 waiting to send$/,
    );
    sara.setStatus({ connection: 'offline', pending: 2 });
    await settled();
    expect(desk.text('.failure')).to.match(/^No connection to the relay; .* goes out by itself\.$/);
    expect(desk.all('.failure .button'), 'it mends itself').to.deep.equal([]);
    sara.setStatus({ connection: 'online', problem: { code: 'relay-protocol', recoverable: true, details: {} } });
    await settled();
    desk.find('.failure .button').click();
    await settled();
    expect(desk.opened).to.have.length(2);
    expect(sara.closed).to.equal(true);
  });

  it('offers to try again what failed, and does it', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    sara.setStatus({ connection: 'offline' });
    const codes: string[] = [];
    desk.element.addEventListener('sc-error', ({ detail }) => codes.push(detail.code));
    claimButton(desk, waitingId(0))?.click();
    await settled();
    expect(codes).to.deep.equal(['relay-unreachable']);
    sara.setStatus({ connection: 'online' });
    await settled();
    desk.find('.toast .button').click();
    await settled();
    expect(row(desk, waitingId(0)).getAttribute('aria-current')).to.equal('true');
    expect(desk.all('.toast')).to.deep.equal([]);
  });

  it('keeps the text of a message that could not be stored', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(1));
    await type(desk.find<HTMLTextAreaElement>('textarea'), 'Are you there?');
    await sara.endConversation(mineId(1)); // by another tab, an instant before
    desk.find('button[aria-label="Send"]').click();
    await settled();
    expect(desk.text('.toast')).to.match(/^The message could not be sent\. .*\(?Code: conversation-ended/);
  });

  it('shows what must be told about a conversation', async () => {
    const { desk, sara } = await busyScene();
    const mounted = await mount(sara);
    await open(mounted, mineId(1));
    desk.notice(mineId(1), 'message-fork');
    sara.setStatus({ verification: { state: 'alarm' } });
    await settled();
    expect(mounted.find('[role="log"]').textContent).to.contain('Two different versions');
    expect(mounted.text('.failure')).to.contain('Two different staff lists');
  });

  it('names the desk and counts in the page’s title, and gives the title back', async () => {
    document.title = 'Before';
    const { sara } = await busyScene();
    const desk = await mount(sara);
    expect(document.title).to.equal('(3) Example Bank – Desk');
    const counts: number[] = [];
    desk.element.addEventListener('sc-unread', ({ detail }) => counts.push(detail.unread));
    await sara.markRead(mineId(3));
    await settled();
    expect(document.title).to.equal('(1) Example Bank – Desk');
    expect(counts).to.deep.equal([1]);
    desk.element.remove();
    expect(document.title).to.equal('Before');
    expect(sara.closed).to.equal(true);
  });

  it('leaves the title alone when it is told to', async () => {
    document.title = 'Mine';
    const { sara } = await busyScene();
    const desk = await mount(sara);
    desk.element.keepTitle = true;
    document.title = 'Mine';
    await sara.markRead(mineId(3));
    await settled();
    expect(document.title).to.equal('Mine');
  });

  it('has one column with a way back where there is room for no more', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara, { width: 390, height: 844 });
    const shown = (selector: string) => desk.find(selector).checkVisibility();
    expect([shown('sc-desk-lists'), shown('sc-desk-conversation')]).to.deep.equal([true, false]);
    expect(desk.all('.tab').map((tab) => tab.textContent.replace(/\s+/g, ' ').trim())).to.deep.equal([
      ...['Waiting 20', 'Mine 6', 'Closed 2'],
    ]);
    desk.all('.tab')[1]?.click();
    await settled();
    await open(desk, mineId(4));
    expect([shown('sc-desk-lists'), shown('sc-desk-conversation')]).to.deep.equal([false, true]);
    desk.find('.back').click();
    await settled();
    expect([shown('sc-desk-lists'), shown('sc-desk-conversation')]).to.deep.equal([true, false]);
    expect((focused() as HTMLElement).dataset.id, 'the focus is on the row that was open').to.equal(mineId(4));
  });

  for (const [width, height] of [
    [320, 640],
    [390, 844],
    [768, 1024],
    [1024, 768],
    [1440, 900],
    [1920, 1080],
  ] as const) {
    it(`fits ${width} by ${height} without scrolling sideways, in both directions`, async () => {
      for (const dir of ['ltr', 'rtl'] as const) {
        const { sara } = await busyScene();
        const desk = await mount(sara, { width, height, dir });
        await open(desk, mineId(0));
        for (const element of [desk.element, ...desk.all('*')]) {
          const { overflowX } = getComputedStyle(element);
          const clipped = overflowX === 'hidden' || overflowX === 'clip' || element.matches('textarea');
          if (clipped || !element.checkVisibility() || element.closest('.visually-hidden, .label')) continue;
          const { tagName, className, scrollWidth, clientWidth } = element;
          if (clientWidth > 0) expect(scrollWidth, `${tagName}.${String(className)}`).to.be.at.most(clientWidth + 1);
        }
        const log = desk.find('[role="log"]').getBoundingClientRect();
        const frame = desk.element.getBoundingClientRect();
        expect(log.left).to.be.at.least(frame.left - 1);
        expect(log.right).to.be.at.most(frame.right + 1);
        desk.element.remove();
      }
    });
  }

  it('mirrors itself where text runs from right to left', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara, { dir: 'rtl' });
    await open(desk, mineId(0));
    const at = (selector: string) => desk.find(selector).getBoundingClientRect();
    expect(at('.left').left).to.be.greaterThan(at('.middle').left);
    expect(at('.right').left).to.be.lessThan(at('.middle').left);
    const [claim, title] = [at('.claim'), at('.waiting .title')];
    expect(claim.right).to.be.lessThan(title.right);
    expect(getComputedStyle(desk.find('.fingerprint')).direction).to.equal('ltr');
  });
});
