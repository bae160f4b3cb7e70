import { expect, fixture, html } from '@open-wc/testing';
import '../../src/ui/inner-events.ts';
import { MAX_TEXT_BYTES, type ScComposer } from '../../src/ui/composer.ts';
import { frames, withTokens } from './elements-fixture.ts';

interface Made {
  readonly element: ScComposer;
  readonly field: HTMLTextAreaElement;
  readonly send: HTMLButtonElement;
  readonly sent: string[];
}

async function make(patch: Partial<ScComposer> = {}): Promise<Made> {
  const element = await fixture<ScComposer>(html`<sc-composer></sc-composer>`);
  const sent: string[] = [];
  Object.assign(element, { submit: async (text: string) => void sent.push(text), ...patch });
  await element.updateComplete;
  const root = element.shadowRoot as ShadowRoot;
  return {
    element,
    sent,
    field: root.querySelector('textarea') as HTMLTextAreaElement,
    send: root.querySelector('button') as HTMLButtonElement,
  };
}

async function input({ element, field }: Made, text: string): Promise<void> {
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  await element.updateComplete;
}

const key = (field: Element, init: KeyboardEventInit): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', {
    key: 'Enter',
    bubbles: true,
    composed: true,
    cancelable: true,
    ...init,
  });
  field.dispatchEvent(event);
  return event;
};

const room = ({ element }: Made): string => element.shadowRoot?.querySelector('.room')?.textContent?.trim() ?? '';
const soon = (ms = 10): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('<sc-composer>', () => {
  let remove: () => void;
  before(() => (remove = withTokens()));
  after(() => remove());

  it('has the names that people and assistive technology know', async () => {
    const made = await make();
    expect(made.field.getAttribute('aria-label')).to.equal('Message');
    expect(made.send.getAttribute('aria-label')).to.equal('Send');
    await expect(made.element).to.be.accessible();
  });

  it('sends with Enter, trimmed, and is empty then', async () => {
    const made = await make();
    await input(made, '  Hello ');
    expect(key(made.field, {}).defaultPrevented).to.equal(true);
    await soon();
    expect(made.sent).to.deep.equal(['Hello']);
    expect(made.field.value).to.equal('');
    expect(made.element.value).to.equal('');
  });

  it('begins a line with Shift+Enter', async () => {
    const made = await make();
    await input(made, 'Hello');
    expect(key(made.field, { shiftKey: true }).defaultPrevented).to.equal(false);
    expect(made.sent).to.deep.equal([]);
  });

  it('leaves Enter to an input method', async () => {
    const made = await make();
    await input(made, 'こんにちは');
    key(made.field, { isComposing: true });
    key(made.field, { keyCode: 229 });
    await soon();
    expect(made.sent).to.deep.equal([]);
  });

  it('sends nothing that is empty', async () => {
    const made = await make();
    await input(made, ' \n ');
    key(made.field, {});
    made.send.click();
    await soon();
    expect(made.sent).to.deep.equal([]);
    expect(made.send.getAttribute('aria-disabled')).to.equal('true');
  });

  it('keeps the text when it could not be sent', async () => {
    const made = await make({ submit: () => Promise.reject(new Error('offline')) });
    await input(made, 'Hello');
    made.send.click();
    await soon();
    expect(made.field.value).to.equal('Hello');
    expect(made.send.getAttribute('aria-disabled')).to.equal('false');
  });

  it('is empty at once, sends once, and goes on while that is on its way', async () => {
    const finish: (() => void)[] = [];
    const sent: string[] = [];
    const made = await make({
      submit: (text) => {
        sent.push(text);
        return new Promise((resolve) => finish.push(resolve));
      },
    });
    await input(made, 'One');
    made.send.click();
    made.send.click();
    await made.element.updateComplete;
    expect(made.field.value).to.equal('');
    await input(made, 'Two');
    made.send.click();
    await input(made, 'Thr');
    for (const done of finish) done();
    await soon();
    expect(sent).to.deep.equal(['One', 'Two']);
    expect(made.field.value).to.equal('Thr');
  });

  it('puts what could not be sent before what was typed meanwhile', async () => {
    let fail = (): void => undefined;
    const made = await make({ submit: () => new Promise((_, reject) => (fail = () => reject(new Error('full')))) });
    await input(made, 'One');
    made.send.click();
    await input(made, 'Two');
    fail();
    await soon();
    expect(made.field.value).to.equal('One\nTwo');
  });

  it('tells of changes by typing, not of its own', async () => {
    const made = await make();
    const values: string[] = [];
    made.element.addEventListener('sc-draft-change', () => values.push(made.element.value));
    made.element.value = 'Set';
    await made.element.updateComplete;
    expect(made.field.value).to.equal('Set');
    await input(made, 'Typed');
    expect(values).to.deep.equal(['Typed']);
  });

  it('tells of typing at once, then seldom, and of its end', async () => {
    const made = await make();
    const on: boolean[] = [];
    made.element.addEventListener('sc-composing', (event) => on.push(event.detail.on));
    await input(made, 'H');
    await input(made, 'He');
    await input(made, 'Hel');
    expect(on).to.deep.equal([true]);
    await input(made, '');
    expect(on).to.deep.equal([true, false]);
    await input(made, 'Hello');
    made.send.click();
    await soon();
    expect(on).to.deep.equal([true, false, true, false]);
    await input(made, 'x');
    made.field.dispatchEvent(new FocusEvent('blur'));
    made.element.remove();
    expect(on).to.deep.equal([true, false, true, false, true, false]);
  });

  it('says how much room is left before there is none, in bytes as they are sent', async () => {
    const made = await make();
    await input(made, 'a'.repeat(MAX_TEXT_BYTES - 2000));
    expect(room(made)).to.equal('');
    await input(made, 'a'.repeat(MAX_TEXT_BYTES - 100));
    expect(room(made)).to.equal('100 characters left');
    await input(made, 'ü'.repeat(MAX_TEXT_BYTES / 2));
    expect(room(made)).to.equal('0 characters left');
    made.send.click();
    await soon();
    expect(made.sent).to.have.length(1);
    await input(made, 'a'.repeat(MAX_TEXT_BYTES + 1));
    expect(room(made)).to.match(/^1 character too many/);
    expect(made.field.getAttribute('aria-invalid')).to.equal('true');
    made.send.click();
    await soon();
    expect(made.sent).to.have.length(1);
    await expect(made.element).to.be.accessible();
  });

  it('grows with its text, to a limit, and shrinks again', async () => {
    const made = await make();
    const low = made.field.getBoundingClientRect().height;
    await input(made, 'a\nb\nc');
    const three = made.field.getBoundingClientRect().height;
    expect(three).to.be.above(low + 30);
    await input(made, 'a\n'.repeat(60));
    expect(made.field.getBoundingClientRect().height).to.be.below(Math.max(250, window.innerHeight * 0.31));
    await input(made, '');
    expect(made.field.getBoundingClientRect().height).to.equal(low);
  });

  it('can be disabled', async () => {
    const made = await make({ disabled: true, value: 'Hello' });
    expect(made.field.disabled).to.equal(true);
    expect(made.send.disabled).to.equal(true);
    await expect(made.element).to.be.accessible();
  });

  it('takes the focus, and keeps it after sending', async () => {
    const made = await make();
    made.element.focus();
    await input(made, 'Hello');
    made.send.click();
    await soon();
    expect(made.element.shadowRoot?.activeElement).to.equal(made.field);
  });

  it('has slots before the field and before the button', async () => {
    const made = await make();
    for (const slot of ['start', 'end']) {
      const mine = document.createElement('i');
      mine.slot = slot;
      mine.textContent = slot;
      made.element.append(mine);
    }
    await frames();
    const [start, end] = made.element.children;
    const at = (element: Element | undefined): number => element?.getBoundingClientRect().left ?? NaN;
    expect(at(start)).to.be.below(at(made.field));
    expect(at(end)).to.be.above(at(made.field)).and.below(at(made.send));
  });
});
