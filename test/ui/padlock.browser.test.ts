import { expect, fixture, html } from '@open-wc/testing';
import type { Verification } from '../../src/engine/views.ts';
import { deepActiveElement } from '../../src/ui/focus-return.ts';
import type { ScPadlock } from '../../src/ui/padlock.ts';
import { customer, sara, withTokens } from './elements-fixture.ts';

const verification: Verification = {
  state: 'verified',
  deskName: 'Bank Example',
  recorded: true,
  retentionDays: 400,
  notice: null,
  deskKey: 'dk1_abc',
  issuedAt: Date.UTC(2025, 2, 12),
  freshUntil: Date.UTC(2025, 2, 15),
  storage: 'guest',
  missing: [],
};

async function make(patch: Partial<Verification> = {}, options: Partial<ScPadlock> = {}): Promise<ScPadlock> {
  const element = await fixture<ScPadlock>(html`<sc-padlock></sc-padlock>`);
  Object.assign(element, { verification: { ...verification, ...patch }, parties: [customer, sara], ...options });
  await element.updateComplete;
  return element;
}

const button = (element: ScPadlock): HTMLButtonElement =>
  element.shadowRoot?.querySelector('.lock') as HTMLButtonElement;
const sheet = (element: ScPadlock): HTMLElement | null => element.shadowRoot?.querySelector('.sheet') ?? null;

describe('<sc-padlock>', () => {
  let remove: () => void;
  before(() => (remove = withTokens()));
  after(() => remove());

  it('says who can read, beside the lock and to those who listen', async () => {
    const element = await make();
    const sentence = 'You, Sara of Bank Example, and its record can read this chat.';
    expect(button(element).textContent?.trim()).to.contain(sentence);
    expect(button(element).getAttribute('aria-label')).to.equal(`Who can read this chat: ${sentence}`);
    expect(element.shadowRoot?.querySelector('.recording')?.textContent?.trim()).to.equal('Recorded');
    await expect(element).to.be.accessible();
  });

  it('says what is wrong instead when something is', async () => {
    for (const [state, words] of [
      ['none', 'Checking who answers'],
      ['stale', 'Staff list not renewed'],
      ['alarm', 'It is not certain who can read this chat'],
    ] as const) {
      const element = await make({ state });
      expect(button(element).textContent).to.contain(words);
      expect(button(element).getAttribute('aria-label')).to.contain(words);
      expect(button(element).classList.contains(state)).to.equal(true);
      await expect(element).to.be.accessible();
    }
  });

  it('opens a dialog that takes the focus, keeps it, and gives it back', async () => {
    const element = await make();
    button(element).focus();
    button(element).click();
    await element.updateComplete;
    expect(sheet(element)?.getAttribute('role')).to.equal('dialog');
    expect(button(element).getAttribute('aria-expanded')).to.equal('true');
    expect(deepActiveElement()).to.equal(sheet(element));
    for (const shiftKey of [false, true, false]) {
      deepActiveElement()?.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Tab', shiftKey, bubbles: true, composed: true, cancelable: true }),
      );
      expect(sheet(element)?.contains(deepActiveElement())).to.equal(true);
    }
    let reached = false;
    element.addEventListener('keydown', () => (reached = true));
    deepActiveElement()?.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true, cancelable: true }),
    );
    await element.updateComplete;
    expect(sheet(element)).to.equal(null);
    expect(deepActiveElement()).to.equal(button(element));
    expect(reached, 'Escape closes the padlock alone').to.equal(false);
  });

  it('tells of opening and closing', async () => {
    const element = await make();
    const states: boolean[] = [];
    element.addEventListener('sc-padlock-toggle', () => states.push(element.open));
    element.open = true;
    await element.updateComplete;
    element.shadowRoot?.querySelector<HTMLElement>('.sheet .icon-button')?.click();
    await element.updateComplete;
    expect(states).to.deep.equal([true, false]);
  });

  it('gives the grounds', async () => {
    const element = await make({}, { open: true });
    const text = sheet(element)?.textContent?.replace(/\s+/g, ' ');
    for (const words of [
      '12 March 2025',
      '400 days',
      'without a PIN',
      'your network address',
      'dk1_abc',
      'Nobody else can',
    ]) {
      expect(text).to.match(new RegExp(words.replace('12 March 2025', '(12 March|March 12),? 2025')));
    }
    await expect(element).to.be.accessible();
  });

  it('can be the lock alone', async () => {
    const element = await make({}, { variant: 'icon' });
    expect(button(element).textContent?.trim()).to.equal('');
    expect(button(element).getBoundingClientRect().width).to.be.at.least(44);
    await expect(element).to.be.accessible();
  });
});
