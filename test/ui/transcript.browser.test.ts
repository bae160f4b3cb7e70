import { expect, fixture, html } from '@open-wc/testing';
import type { MessageView } from '../../src/engine/views.ts';
import type { ScTranscript } from '../../src/ui/transcript.ts';
import { frames, many, message, own, withTokens } from './elements-fixture.ts';

async function show(messages: readonly MessageView[] | null, patch: Partial<ScTranscript> = {}): Promise<ScTranscript> {
  const element = await fixture<ScTranscript>(html`<sc-transcript></sc-transcript>`);
  element.style.blockSize = '300px';
  Object.assign(element, { conversation: 'x', messages, ...patch });
  await element.updateComplete;
  await frames();
  return element;
}

async function give(element: ScTranscript, patch: Partial<ScTranscript>): Promise<void> {
  Object.assign(element, patch);
  await element.updateComplete;
  await frames();
}

const root = (element: ScTranscript): ShadowRoot => element.shadowRoot as ShadowRoot;
const log = (element: ScTranscript): HTMLElement => root(element).querySelector('.log') as HTMLElement;
const text = (element: ScTranscript): string => (log(element).textContent ?? '').replace(/\s+/g, ' ').trim();
const spoken = (element: ScTranscript): string[] =>
  [...root(element).querySelectorAll('[aria-live=polite] p')].map((line) => line.textContent ?? '');
const atEnd = (element: ScTranscript): boolean => {
  const box = log(element);
  return box.scrollHeight - box.scrollTop - box.clientHeight < 2;
};
const scrollTo = async (element: ScTranscript, top: number): Promise<void> => {
  log(element).scrollTop = top;
  await frames(3);
};

describe('<sc-transcript>', () => {
  let remove: () => void;
  before(() => (remove = withTokens()));
  after(() => remove());

  it('is a log by name that the keyboard reaches', async () => {
    const element = await show([message(1), own(2)]);
    expect(log(element).getAttribute('role')).to.equal('log');
    expect(log(element).getAttribute('aria-label')).to.equal('Conversation');
    expect(log(element).tabIndex).to.equal(0);
    await expect(element).to.be.accessible();
  });

  it('says that it is loading', async () => {
    const element = await show(null);
    expect(log(element).getAttribute('aria-busy')).to.equal('true');
    await give(element, { messages: [] });
    expect(log(element).hasAttribute('aria-busy')).to.equal(false);
  });

  it('announces each new message once, and nothing that was there', async () => {
    const element = await show([message(1)]);
    expect(spoken(element)).to.deep.equal([]);
    await give(element, { messages: [message(1), message(2, { text: 'Good morning' })] });
    expect(spoken(element)).to.deep.equal(['Sara: Good morning']);
    await give(element, { messages: [message(1), message(2, { text: 'Good morning' }), own(3)] });
    await give(element, { messages: [message(1), message(2), own(3, { progress: 'read' })] });
    expect(spoken(element)).to.deep.equal(['Sara: Good morning']);
    await give(element, { messages: [message(1), message(2), own(3), message(4, { kind: 'leave', text: '' })] });
    expect(spoken(element)).to.deep.equal(['Sara: Good morning', 'Sara left']);
  });

  it('announces no older messages and no history', async () => {
    const element = await show(many(10, 20));
    await give(element, { messages: many(0, 20) });
    await give(element, { messages: [...many(0, 20), message(20, { history: true })] });
    expect(spoken(element)).to.deep.equal([]);
  });

  it('announces that a message was not delivered, and that somebody types', async () => {
    const element = await show([own(1)]);
    await give(element, { typing: ['Sara'] });
    await give(element, { typing: ['Sara', 'Omar'] });
    await give(element, { messages: [own(1, { progress: 'failed' })] });
    expect(spoken(element)).to.deep.equal(['Sara is typing', 'Not delivered']);
    expect(text(element)).to.contain('Sara and Omar are typing');
  });

  it('shows how far each own message has come, in words too', async () => {
    const words = {
      held: 'Waiting for a fresh staff list before it is sent',
      sending: 'Sending',
      sent: 'Sent',
      delivered: 'Delivered',
      read: 'Read',
      failed: 'Not delivered',
    } as const;
    const element = await show([]);
    for (const [progress, word] of Object.entries(words)) {
      await give(element, { messages: [own(1, { progress: progress as keyof typeof words })] });
      const receipt = root(element).querySelector('.receipt');
      expect(receipt?.textContent?.trim()).to.equal(word);
      expect(receipt?.querySelector('svg')?.getAttribute('aria-hidden')).to.equal('true');
    }
  });

  it('names the sender of every message, at least to those who listen', async () => {
    const element = await show([message(1), message(2), own(3)]);
    const messages = [...root(element).querySelectorAll('.message')].map(
      (one) => one.textContent?.trim().split(/\s/)[0],
    );
    expect(messages).to.deep.equal(['Sara', 'Sara', 'You']);
  });

  it('shows text as text', async () => {
    const evil = '<img src=x onerror="window.hacked=1"> <b>bold</b> javascript:alert(1)';
    const element = await show([message(1, { text: evil })]);
    expect(text(element)).to.contain(evil);
    expect(root(element).querySelector('img, b, .text a')).to.equal(null);
    expect(window).not.to.have.property('hacked');
  });

  it('keeps spaces and line ends, and breaks long words', async () => {
    const element = await show([message(1, { text: 'a\n\n  b' }), message(2, { text: 'W'.repeat(500) })]);
    const [first] = root(element).querySelectorAll<HTMLElement>('p.text');
    expect(first?.innerText).to.equal('a\n\n  b');
    expect(log(element).scrollWidth).to.be.at.most(log(element).clientWidth);
  });

  it('isolates each message’s direction', async () => {
    const element = await show([message(1, { text: 'שלום!' }), message(2, { text: 'evil \u202eexe.txt' }), message(3)]);
    const texts = [...root(element).querySelectorAll<HTMLElement>('p.text')];
    expect(texts.map((one) => one.dir)).to.deep.equal(['auto', 'auto', 'auto']);
    expect(texts[0]?.matches(':dir(rtl)')).to.equal(true);
    expect(texts[2]?.matches(':dir(ltr)')).to.equal(true);
  });

  it('makes safe links, which the page may hold back', async () => {
    const element = await show([message(1, { text: 'see www.bank.example.' })]);
    const link = root(element).querySelector('a') as HTMLAnchorElement;
    expect(link.href).to.equal('https://www.bank.example/');
    expect(link.rel).to.equal('noopener noreferrer');
    let detail: unknown;
    element.addEventListener('sc-link-click', (event) => {
      detail = event.detail;
      event.preventDefault();
    });
    const click = new MouseEvent('click', { cancelable: true, bubbles: true });
    link.dispatchEvent(click);
    expect(click.defaultPrevented).to.equal(true);
    expect(detail).to.deep.equal({ href: 'https://www.bank.example/', message: 'm1' });
  });

  it('shows the true host beside a link written with look-alike letters', async () => {
    const element = await show([message(1, { text: 'https://bаnk.example/' })]);
    expect(text(element)).to.match(/\(xn--/);
  });

  it('tells who came, left and ended it, and what is missing or could not be verified', async () => {
    const element = await show(
      [
        message(1, { kind: 'join' }),
        message(2, { kind: 'refused', text: 'message-signature' }),
        message(3, { unverified: true }),
        message(4, { kind: 'close' }),
      ],
      { notices: ['gap'] },
    );
    for (const sentence of [
      'Sara joined',
      'could not be verified and is not shown (message-signature)',
      'Sender not verified',
      'Sara ended the conversation',
      'Messages are missing here',
    ]) {
      expect(text(element)).to.contain(sentence);
    }
    await expect(element).to.be.accessible();
  });

  it('begins at the latest message and follows it', async () => {
    const element = await show(many(0, 30));
    expect(atEnd(element)).to.equal(true);
    await give(element, { messages: many(0, 31) });
    expect(atEnd(element)).to.equal(true);
    element.style.blockSize = '200px'; // a keyboard opened
    await frames(3);
    expect(atEnd(element)).to.equal(true);
  });

  it('leaves a reader where they are, and offers the way down', async () => {
    const element = await show(many(0, 30));
    await scrollTo(element, 400);
    await give(element, { messages: many(0, 32) });
    expect(log(element).scrollTop).to.be.closeTo(400, 2);
    const jump = root(element).querySelector<HTMLElement>('.jump');
    expect(jump?.textContent?.trim()).to.equal('2 new messages');
    expect(jump?.getBoundingClientRect().height).to.be.at.least(44);
    expect(text(element)).to.contain('New messages');
    jump?.click();
    await frames(60);
    expect(atEnd(element)).to.equal(true);
    expect(root(element).querySelector('.jump')).to.equal(null);
  });

  it('follows again after an own message', async () => {
    const element = await show(many(0, 30));
    await scrollTo(element, 100);
    await give(element, { messages: [...many(0, 30), own(30)] });
    expect(atEnd(element)).to.equal(true);
  });

  it('asks for older messages near the top, once, and keeps the place when they come', async () => {
    const element = await show(many(30, 60), { more: true });
    let asked = 0;
    element.addEventListener('sc-load-older', () => asked++);
    await scrollTo(element, 60);
    await scrollTo(element, 50);
    expect(asked).to.equal(1);
    const reading = root(element).querySelector('[data-id=m31]') as HTMLElement;
    const before = reading.getBoundingClientRect().top;
    await give(element, { messages: many(0, 60), more: false });
    expect(reading.getBoundingClientRect().top).to.be.closeTo(before, 2);
    expect(reading.isConnected).to.equal(true);
  });

  it('can be asked for older messages by a button', async () => {
    const element = await show(many(0, 3), { more: true });
    let asked = 0;
    element.addEventListener('sc-load-older', () => asked++);
    root(element).querySelector<HTMLElement>('.earlier')?.click();
    expect(asked).to.equal(1);
  });

  it('marks what was unread, until the reader answers', async () => {
    const element = await show([message(1), message(2), message(3)], { unread: 2 });
    const marker = root(element).querySelector('.marker');
    expect(marker?.nextElementSibling?.getAttribute('data-id')).to.equal('m2');
    await give(element, { messages: [message(1), message(2), message(3), own(4)] });
    expect(root(element).querySelector('.marker')).to.equal(null);
  });

  it('counts nothing as seen while it is not on screen', async () => {
    const element = await show([message(1)]);
    let seen = 0;
    element.addEventListener('sc-seen', () => seen++);
    await give(element, { active: false });
    await give(element, { messages: [message(1), message(2)] });
    expect(seen).to.equal(0);
    await give(element, { active: true });
    expect(seen).to.equal(1);
    expect(root(element).querySelector('.marker')?.nextElementSibling?.getAttribute('data-id')).to.equal('m2');
  });

  it('counts as seen only what is at the end, when the reader is', async () => {
    const element = await show(many(0, 30));
    let seen = 0;
    element.addEventListener('sc-seen', () => seen++);
    await scrollTo(element, 100);
    await give(element, { messages: many(0, 31) });
    expect(seen).to.equal(0);
    await scrollTo(element, 100_000);
    expect(seen).to.equal(1);
  });

  it('begins anew with another conversation', async () => {
    const element = await show(many(0, 30));
    await scrollTo(element, 100);
    await give(element, { conversation: 'y', messages: null });
    await give(element, { messages: many(100, 130) });
    expect(atEnd(element)).to.equal(true);
    expect(spoken(element)).to.deep.equal([]);
  });

  it('shows colleagues on the desk’s side and names the customer', async () => {
    const element = await show([own(1), message(2), message(3, { from: { ...own(3).from, self: false } })], {
      perspective: 'agent',
      customerName: 'Visitor 12345',
    });
    const sides = [...root(element).querySelectorAll('.message')].map((one) => one.classList.contains('own'));
    expect(sides).to.deep.equal([true, true, false]);
    expect(text(element)).to.contain('Visitor 12345');
  });

  it('has its own slot above the first message', async () => {
    const element = await show([message(1)]);
    element.append('Welcome');
    expect(root(element).querySelector('slot')?.assignedNodes()).to.have.length(1);
  });
});
