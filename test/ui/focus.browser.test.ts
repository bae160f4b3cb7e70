import { expect, fixture, html } from '@open-wc/testing';
import { deepActiveElement, rememberFocus } from '../../src/ui/focus-return.ts';
import { tabbables, trapFocus } from '../../src/ui/focus-trap.ts';

class InnerBox extends HTMLElement {
  connectedCallback(): void {
    const root = this.attachShadow({ mode: 'open' });
    const button = document.createElement('button');
    button.id = 'inside';
    root.append(button, document.createElement('slot'));
  }
}
customElements.define('inner-box', InnerBox);

const ids = (elements: Element[]): string[] => elements.map(({ id }) => id);
const tab = (shiftKey = false): void => {
  deepActiveElement()?.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Tab', shiftKey, bubbles: true, composed: true, cancelable: true }),
  );
};

async function box(): Promise<HTMLElement> {
  return fixture<HTMLElement>(html`
    <div tabindex="-1">
      <button id="first">1</button>
      <button id="off" disabled>2</button>
      <button id="unseen" hidden>3</button>
      <inner-box><input id="slotted" aria-label="x" /></inner-box>
      <span id="minus" tabindex="-1"></span>
      <a id="last" href="#x">x</a>
    </div>
  `);
}

describe('the focus', () => {
  it('finds what Tab reaches, through shadow roots and slots, in order', async () => {
    expect(ids(tabbables(await box()))).to.deep.equal(['first', 'inside', 'slotted', 'last']);
  });

  it('stays inside a trap until it is ended', async () => {
    const container = await box();
    const release = trapFocus(container);
    container.querySelector<HTMLElement>('#last')?.focus();
    tab();
    expect(deepActiveElement()?.id).to.equal('first');
    tab(true);
    expect(deepActiveElement()?.id).to.equal('last');
    release();
    tab();
    expect(deepActiveElement()?.id).to.equal('last');
  });

  it('is given back, or to the next best', async () => {
    const container = await box();
    const first = container.querySelector<HTMLElement>('#first');
    const last = container.querySelector<HTMLElement>('#last');
    first?.focus();
    const giveBack = rememberFocus(() => last);
    last?.focus();
    giveBack();
    expect(deepActiveElement()).to.equal(first);
    const toFallback = rememberFocus(() => last);
    first?.remove();
    toFallback();
    expect(deepActiveElement()).to.equal(last);
  });
});
