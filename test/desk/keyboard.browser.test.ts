import { expect } from '@open-wc/testing';
import { focused, mount, open, press, rowsOf, settled, type, waitUntil } from './desk-fixture.ts';
import { busyScene, emptyScene, mineId, waitingId } from './scene.ts';

const focusedId = (): string | undefined => (focused() as HTMLElement | null)?.dataset.id;

describe('the keyboard', () => {
  it('moves through all lists with j and k, and stops at their ends', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await press('j');
    expect(focusedId()).to.equal(waitingId(0));
    await press('j');
    expect(focusedId()).to.equal(waitingId(1));
    await press('k');
    await press('k');
    expect(focusedId(), 'there is nothing above').to.equal(waitingId(0));
    for (let at = 0; at < 20; at++) await press('ArrowDown');
    expect(focusedId(), 'from the last who waits to the first of one’s own').to.equal(
      rowsOf(desk, 'Mine')[0]?.dataset.id,
    );
    await press('End');
    expect(focusedId()).to.equal(rowsOf(desk, 'Mine').at(-1)?.dataset.id);
    await press('Home');
    expect(focusedId()).to.equal(waitingId(0));
  });

  it('has one stop for Tab in each list: a row and its button', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const stops = (list: string, selector: string) =>
      [...desk.find(`ul[aria-label="${list}"]`).querySelectorAll<HTMLElement>(selector)].filter(
        ({ tabIndex }) => tabIndex === 0,
      );
    expect([stops('Waiting', '.row').length, stops('Waiting', '.claim').length]).to.deep.equal([1, 1]);
    expect(stops('Mine', '.row')).to.have.length(1);
    rowsOf(desk, 'Waiting')[4]?.focus();
    await settled();
    expect(stops('Waiting', '.row').map(({ dataset }) => dataset.id)).to.deep.equal([waitingId(4)]);
    expect(stops('Waiting', '.claim')[0]?.getAttribute('aria-describedby')).to.equal(`row-${waitingId(4)}`);
  });

  it('keeps its place in the list when the row with the focus goes', async () => {
    const { desk: world, sara } = await busyScene();
    const desk = await mount(sara);
    rowsOf(desk, 'Waiting')[4]?.focus();
    await settled();
    world.closes(waitingId(4));
    await settled();
    expect(focusedId()).to.equal(waitingId(5));
    expect(rowsOf(desk, 'Waiting')).to.have.length(19);
  });

  it('claims the longest waiting with c, focuses the reply with r, and goes back with Escape', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await press('c');
    await waitUntil(() => focused()?.matches('textarea'), 'no reply to write');
    await press('Escape');
    expect(focusedId()).to.equal(waitingId(0));
    await press('r');
    expect(focused()?.matches('textarea')).to.equal(true);
    expect(desk.text('.who h2')).to.equal('Card blocked abroad');
  });

  it('says so when there is nobody to claim', async () => {
    const { sara } = emptyScene();
    const desk = await mount(sara);
    await press('c');
    expect(desk.text('.toast')).to.equal('Nobody is waiting.');
  });

  it('leaves letters to the text field', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(1));
    expect(focused()?.matches('textarea')).to.equal(true);
    for (const key of ['j', 'k', 'c', 'r', '?']) expect((await press(key)).defaultPrevented, key).to.equal(false);
    expect(rowsOf(desk, 'Waiting')).to.have.length(20);
    expect(desk.all('dialog[open]')).to.deep.equal([]);
  });

  it('leaves keys that are pressed elsewhere on the page alone', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    const other = document.createElement('button');
    document.body.append(other);
    other.focus();
    await press('c');
    other.remove();
    expect(rowsOf(desk, 'Waiting')).to.have.length(20);
  });

  it('shows its shortcuts with ?, and single keys can be turned off there', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await press('?');
    expect(desk.text('dialog[open] h2')).to.equal('Keyboard');
    await press('c');
    expect(rowsOf(desk, 'Waiting'), 'a dialog is open').to.have.length(20);
    desk.find('dialog[open] input').click();
    await settled();
    desk.find<HTMLDialogElement>('dialog[open]').close();
    await settled();
    for (const key of ['c', '?', 'j']) await press(key);
    expect(rowsOf(desk, 'Waiting')).to.have.length(20);
    expect(desk.all('dialog[open]')).to.deep.equal([]);
    expect(localStorage.getItem('secure-chat-desk')).to.contain('no-single-keys');
  });

  it('opens the commands with Ctrl K, also from the text field, and goes where one types', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await open(desk, mineId(1));
    await press('k', { ctrlKey: true });
    const field = desk.find<HTMLInputElement>('dialog[open] input[role="combobox"]');
    expect(focused()).to.equal(field);
    await type(field, 'business');
    expect(desk.all('dialog[open] [role="option"]')).to.have.length(1);
    await press('Enter');
    expect(desk.all('dialog[open]')).to.deep.equal([]);
    expect(desk.text('.who h2')).to.equal('Business account');
    await waitUntil(() => focused()?.matches('textarea'), 'the focus is in the conversation');
  });

  it('moves in the commands with arrows, round the ends', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await press('k', { metaKey: true });
    const field = desk.find<HTMLInputElement>('dialog[open] input[role="combobox"]');
    await type(field, 'duty');
    const chosen = () => {
      const id = field.getAttribute('aria-activedescendant') ?? '';
      return desk.find(`#${id}[aria-selected="true"] .text`).textContent;
    };
    expect(chosen()).to.equal('Duty: Away');
    await press('ArrowUp');
    expect(chosen()).to.equal('Duty: Off');
    await press('ArrowDown');
    await press('ArrowDown');
    expect(chosen()).to.equal('Duty: Off');
    await press('Enter');
    expect(desk.find<HTMLInputElement>('input[value="off"]').checked).to.equal(true);
  });

  it('changes the theme from the commands and keeps it', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await press('k', { ctrlKey: true });
    await type(desk.find<HTMLInputElement>('dialog[open] input[role="combobox"]'), 'dark');
    await press('Enter');
    expect(desk.element.getAttribute('theme')).to.equal('dark');
    expect(localStorage.getItem('secure-chat-desk')).to.contain('dark');
  });

  it('says when nothing is found', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara);
    await press('k', { ctrlKey: true });
    await type(desk.find<HTMLInputElement>('dialog[open] input[role="combobox"]'), 'zzz');
    expect(desk.text('dialog[open] [role="status"]')).to.equal('Nothing found');
    await press('Enter');
    expect(desk.all('dialog[open]')).to.have.length(1);
  });

  it('closes the details with Escape before it leaves the conversation', async () => {
    const { sara } = await busyScene();
    const desk = await mount(sara, { width: 1024, height: 768 });
    await open(desk, mineId(0));
    desk.find('button.details').click();
    await settled();
    expect(desk.find('.right').checkVisibility()).to.equal(true);
    expect(focused()?.tagName).to.equal('H2');
    await press('Escape');
    expect(desk.find('.right').checkVisibility()).to.equal(false);
    expect(focused()?.matches('textarea')).to.equal(true);
    await press('Escape');
    expect(focusedId()).to.equal(mineId(0));
  });
});
