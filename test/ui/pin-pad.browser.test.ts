import { aTimeout, expect, fixture, fixtureCleanup, html } from '@open-wc/testing';
import { define } from '../../src/ui/define.ts';
import { deepActiveElement } from '../../src/ui/focus-return.ts';
import { ScPinPad } from '../../src/ui/pin-pad.ts';
import { withTokens } from './elements-fixture.ts';

define('sc-pin-pad', ScPinPad);

async function make(options: Partial<ScPinPad> = {}): Promise<{ pad: ScPinPad; given: string[] }> {
  const pad = await fixture<ScPinPad>(html`<sc-pin-pad></sc-pin-pad>`);
  pad.style.setProperty('--_duration', '0.01ms');
  const given: string[] = [];
  const submit = async (pin: string): Promise<void> => void given.push(pin);
  Object.assign(pad, { label: 'Enter your PIN', submit, ...options });
  await pad.updateComplete;
  return { pad, given };
}

const inside = (pad: ScPinPad, selector: string): HTMLElement => {
  const found = pad.shadowRoot?.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
};
const key = (pad: ScPinPad, name: string): HTMLElement => inside(pad, `[data-key='${name}']`);
const entry = (pad: ScPinPad): HTMLElement => inside(pad, '.entry');
const filled = (pad: ScPinPad): number => pad.shadowRoot?.querySelectorAll('.dot.filled').length ?? -1;
const said = (pad: ScPinPad): string => inside(pad, '[role=status]').textContent.trim();

async function type(pad: ScPinPad, ...keys: string[]): Promise<void> {
  for (const one of keys) {
    const target = deepActiveElement();
    for (const kind of ['keydown', 'keyup'])
      target?.dispatchEvent(new KeyboardEvent(kind, { key: one, bubbles: true, composed: true, cancelable: true }));
    await pad.updateComplete;
  }
}

async function choose(pad: ScPinPad, ...names: string[]): Promise<void> {
  for (const name of names) {
    key(pad, name).click();
    await pad.updateComplete;
  }
}

/** A promise that somebody else ends. */
function pending(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((done, fail) => ((resolve = done), (reject = fail)));
  return { promise, resolve, reject };
}

describe('<sc-pin-pad>', () => {
  let remove: () => void;
  before(() => (remove = withTokens()));
  after(() => remove());
  afterEach(fixtureCleanup);

  describe('its keys', () => {
    it('are large enough for thumbs, in three columns', async () => {
      const { pad } = await make();
      const boxes = [...(pad.shadowRoot?.querySelectorAll('.key') ?? [])].map((one) => one.getBoundingClientRect());
      expect(boxes).to.have.length(12);
      for (const { width, height } of boxes) {
        expect(width).to.be.at.least(48);
        expect(height).to.be.at.least(48);
      }
      expect(new Set(boxes.map(({ left }) => Math.round(left))).size).to.equal(3);
    });

    it('leave the suggested digits one line, also where they are small', async () => {
      const { pad } = await make({ fresh: true });
      inside(pad, '.pin').style.setProperty('--_key', '36px');
      const dots = [...(pad.shadowRoot?.querySelectorAll('.dot') ?? [])];
      expect(new Set(dots.map((dot) => dot.getBoundingClientRect().top)).size).to.equal(1);
      expect(dots).to.have.length(6);
    });

    it('enter digits, take the last one back, and confirm', async () => {
      const { pad, given } = await make();
      await choose(pad, '4', '7', '1', '2', 'delete', '1');
      expect(filled(pad)).to.equal(4);
      await choose(pad, 'confirm');
      await aTimeout(0);
      expect(given).to.deep.equal(['4711']);
      expect(filled(pad)).to.equal(0);
    });

    it('have names, and say when they do nothing', async () => {
      const { pad } = await make();
      expect(key(pad, '7').textContent.trim()).to.equal('7');
      expect(key(pad, 'delete').getAttribute('aria-label')).to.equal('Delete the last digit');
      expect(key(pad, 'confirm').getAttribute('aria-label')).to.equal('Confirm');
      expect(key(pad, 'confirm').getAttribute('aria-disabled')).to.equal('true');
      await choose(pad, '4', '7', '1', '1');
      expect(key(pad, 'confirm').getAttribute('aria-disabled')).to.equal('false');
    });

    it('are one stop for Tab, and arrows go from one to the next', async () => {
      const { pad } = await make();
      const stops = [...(pad.shadowRoot?.querySelectorAll<HTMLElement>('.key') ?? [])].filter(
        ({ tabIndex }) => tabIndex === 0,
      );
      expect(stops).to.deep.equal([key(pad, '1')]);
      pad.focus();
      await type(pad, 'ArrowDown');
      expect(deepActiveElement()).to.equal(key(pad, '1'));
      await type(pad, 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown');
      expect(deepActiveElement()).to.equal(key(pad, '0'));
      expect(key(pad, '0').tabIndex).to.equal(0);
      await type(pad, 'ArrowRight');
      expect(deepActiveElement()).to.equal(key(pad, 'confirm'));
      await type(pad, 'ArrowRight', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp');
      expect(deepActiveElement()).to.equal(entry(pad));
    });

    it('take no focus from where one types when they are pressed', async () => {
      const { pad } = await make();
      pad.focus();
      const press = new MouseEvent('mousedown', { bubbles: true, composed: true, cancelable: true });
      key(pad, '4').dispatchEvent(press);
      expect(press.defaultPrevented).to.equal(true);
      expect(deepActiveElement()).to.equal(entry(pad));
    });

    it('stand in the same order in every direction', async () => {
      const { pad } = await make();
      pad.dir = 'rtl';
      await pad.updateComplete;
      expect(key(pad, '1').getBoundingClientRect().left).to.be.below(key(pad, '3').getBoundingClientRect().left);
    });
  });

  describe('a keyboard', () => {
    it('types, deletes, clears and confirms', async () => {
      const { pad, given } = await make();
      pad.focus();
      await type(pad, '9', '9', 'Escape', '4', '7', '1', '2', 'Backspace', '1', 'Enter');
      await aTimeout(0);
      expect(given).to.deep.equal(['4711']);
    });

    it('may write digits of another script', async () => {
      const { pad, given } = await make();
      pad.focus();
      await type(pad, '٤', '۷', '१', '1', 'Enter');
      await aTimeout(0);
      expect(given).to.deep.equal(['4711']);
    });

    it('leaves other keys, combinations and an empty pad’s Escape to the page', async () => {
      const { pad } = await make();
      pad.focus();
      const reached: string[] = [];
      const listen = ({ key: name }: KeyboardEvent): void => void reached.push(name);
      document.addEventListener('keydown', listen);
      await type(pad, 'Escape', 'Tab', 'a', '1', 'Backspace', 'ArrowDown');
      entry(pad).dispatchEvent(
        new KeyboardEvent('keydown', { key: '5', ctrlKey: true, bubbles: true, composed: true }),
      );
      document.removeEventListener('keydown', listen);
      expect(reached).to.deep.equal(['Escape', 'Tab', 'a', '5']);
      expect(filled(pad)).to.equal(0);
    });

    it('presses the focused key with Enter, as any button', async () => {
      const { pad } = await make();
      key(pad, '4').focus();
      const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true, cancelable: true });
      key(pad, '4').dispatchEvent(enter);
      expect(enter.defaultPrevented).to.equal(false);
    });

    it('pastes: from a password manager', async () => {
      const { pad, given } = await make();
      pad.focus();
      const data = new DataTransfer();
      data.setData('text', ' 47 11 ');
      const paste = new ClipboardEvent('paste', { bubbles: true, composed: true, cancelable: true });
      Object.defineProperty(paste, 'clipboardData', { value: data }); // engines differ in what the constructor takes
      entry(pad).dispatchEvent(paste);
      await type(pad, 'Enter');
      await aTimeout(0);
      expect(given).to.deep.equal(['4711']);
    });
  });

  describe('what was entered', () => {
    it('has 4 to 12 digits', async () => {
      const { pad, given } = await make();
      pad.focus();
      await type(pad, '4', '7', '1', 'Enter');
      expect(given).to.deep.equal([]);
      expect(said(pad)).to.equal('A PIN has at least 4 digits.');
      await type(pad, ...'1234567890');
      expect(filled(pad)).to.equal(12);
      await type(pad, 'Enter');
      await aTimeout(0);
      expect(given).to.deep.equal(['471123456789']);
    });

    it('is confirmed once by a double click', async () => {
      const { pad, given } = await make();
      await choose(pad, '4', '7', '1', '1');
      const confirm = pad.shadowRoot?.querySelector('[data-key=confirm]');
      for (const detail of [1, 2]) {
        confirm?.dispatchEvent(new MouseEvent('click', { detail, bubbles: true, composed: true }));
        await aTimeout(0);
      }
      expect(given).to.deep.equal(['4711']);
      expect(said(pad), 'nobody has asked for more').not.to.contain('at least');
    });

    it('stands nowhere in the document, and in no event', async () => {
      const { pad } = await make({ submit: () => Promise.reject(new Error('wrong')) });
      // Of the keyboard’s own events those of the digits go no further than the pad.
      const heard: string[] = [];
      const listen = (event: Event): void =>
        void heard.push(
          event.type,
          event instanceof KeyboardEvent ? event.key : '',
          event instanceof CustomEvent ? JSON.stringify(event.detail) : '',
        );
      const kinds = ['keydown', 'keyup', 'keypress', 'input', 'change', 'click', 'sc-pin', 'submit'];
      for (const kind of kinds) document.addEventListener(kind, listen);
      pad.focus();
      await type(pad, '7', '8', '7', '9', '8');
      const root = pad.shadowRoot as ShadowRoot;
      const outside = [...root.querySelectorAll('*')].filter(
        (one) => !one.closest('.keys') && !one.querySelector('.keys'),
      );
      const attributes = outside.flatMap((one) => [...one.attributes].map(({ value }) => value));
      expect(outside.map((one) => one.textContent).join(' ')).not.to.match(/[789]/);
      expect(attributes.join(' ')).not.to.match(/[789]/);
      expect(pad.getAttributeNames()).to.deep.equal(['style']);
      await type(pad, 'Enter');
      await aTimeout(0);
      for (const kind of kinds) document.removeEventListener(kind, listen);
      expect(heard.join(' ')).not.to.match(/[789]/);
    });

    it('is announced by its length', async () => {
      const { pad } = await make();
      await choose(pad, '4');
      expect(said(pad)).to.equal('1 digit entered');
      await choose(pad, '7', '1', '1');
      expect(said(pad)).to.equal('4 digits entered');
      pad.focus();
      await type(pad, 'Escape');
      expect(said(pad)).to.equal('No digits entered');
    });

    it('is forgotten by clear() and by leaving the document', async () => {
      const { pad, given } = await make();
      await choose(pad, '4', '7', '1', '1');
      pad.clear();
      await choose(pad, '1', '1', 'confirm');
      expect(given).to.deep.equal([]);
      const parent = pad.parentElement as HTMLElement;
      await choose(pad, '4', '7');
      pad.remove();
      parent.append(pad);
      await pad.updateComplete;
      expect(filled(pad)).to.equal(0);
    });
  });

  describe('while it is checked', () => {
    it('nothing can be entered, the focus stays, and the dots wait', async () => {
      const { promise, resolve } = pending();
      let calls = 0;
      const { pad } = await make({ submit: () => (calls++, promise) });
      pad.focus();
      await type(pad, '4', '7', '1', '1', 'Enter', '5', 'Enter', 'Backspace');
      expect(calls).to.equal(1);
      expect(filled(pad)).to.equal(4);
      expect(entry(pad).getAttribute('aria-busy')).to.equal('true');
      expect(key(pad, '5').getAttribute('aria-disabled')).to.equal('true');
      expect(pad.shadowRoot?.querySelector('.spinner')).not.to.equal(null);
      expect(said(pad)).to.equal('One moment…');
      key(pad, '5').focus();
      expect(deepActiveElement()).to.equal(key(pad, '5'));
      await expect(pad).to.be.accessible();
      resolve();
      await aTimeout(0);
      await pad.updateComplete;
      expect(filled(pad)).to.equal(0);
      expect(entry(pad).getAttribute('aria-busy')).to.equal('false');
    });

    it('when it is refused the pad is empty again, and says why, once, as an alert', async () => {
      const { promise, reject } = pending();
      const { pad, given } = await make({ submit: () => promise });
      pad.focus();
      const alert = inside(pad, '[role=alert]');
      expect(alert.textContent.trim()).to.equal('');
      await type(pad, '4', '7', '1', '1', 'Enter');
      pad.failure = 'That is not your PIN.';
      reject(new Error('wrong'));
      await aTimeout(0);
      await pad.updateComplete;
      expect(inside(pad, '[role=alert]')).to.equal(alert);
      expect(alert.textContent.trim()).to.equal('That is not your PIN.');
      expect(filled(pad)).to.equal(0);
      expect(deepActiveElement()).to.equal(entry(pad));
      expect(given).to.deep.equal([]);
    });

    it('may be held up by its owner', async () => {
      const { pad, given } = await make({ busy: true });
      pad.focus();
      await type(pad, '4', '7', '1', '1', 'Enter');
      expect(filled(pad)).to.equal(0);
      expect(given).to.deep.equal([]);
    });
  });

  describe('after too many wrong tries', () => {
    it('counts down in words and is quiet until then', async () => {
      const { pad, given } = await make({
        disabledUntil: Date.now() + 1400,
        failure: 'Too many wrong tries in a row.',
      });
      const timer = inside(pad, '[role=timer]');
      expect(timer.textContent.trim()).to.equal('Wait 2 seconds, then try again.');
      expect(said(pad)).to.equal('Wait 2 seconds, then try again.');
      pad.focus();
      await type(pad, '4', '7', '1', '1', 'Enter');
      expect(filled(pad)).to.equal(0);
      await expect(pad).to.be.accessible();
      await aTimeout(600);
      expect(timer.textContent.trim()).to.equal('Wait 1 second, then try again.');
      expect(said(pad), 'said once, not every second').to.equal('Wait 2 seconds, then try again.');
      await aTimeout(1000);
      expect(pad.shadowRoot?.querySelector('[role=timer]')).to.equal(null);
      expect(said(pad)).to.equal('You can try again now.');
      await type(pad, '4', '7', '1', '1', 'Enter');
      await aTimeout(0);
      expect(given).to.deep.equal(['4711']);
    });

    it('speaks of minutes and hours when they are many', async () => {
      const { pad } = await make({ disabledUntil: Date.now() + 4 * 60_000 - 500 });
      const text = (): string => inside(pad, '[role=timer]').textContent.trim();
      expect(text()).to.equal('Wait 4 minutes, then try again.');
      pad.disabledUntil = Date.now() + 2 * 3_600_000 - 500;
      await pad.updateComplete;
      expect(text()).to.equal('Wait 2 hours, then try again.');
    });
  });

  describe('looks', () => {
    it('suggest six digits for a new PIN', async () => {
      const { pad } = await make({ fresh: true, label: 'Choose a PIN' });
      expect(pad.shadowRoot?.querySelectorAll('.dot').length).to.equal(6);
      expect(inside(pad, '.hint').textContent).to.contain('Six digits');
      await choose(pad, '4', '7', '1', '1', '4', '7', '1', '1');
      expect(filled(pad)).to.equal(8);
      await expect(pad).to.be.accessible();
    });

    it('are accessible: empty, filled, refused', async () => {
      const { pad } = await make();
      await expect(pad).to.be.accessible();
      await choose(pad, '4', '7', '1', '1');
      await expect(pad).to.be.accessible();
      pad.failure = 'That is not your PIN. You have 4 tries left.';
      pad.hint = 'Two unread messages';
      await pad.updateComplete;
      await expect(pad).to.be.accessible();
    });

    it('fit 320 px with letters twice as large', async () => {
      const { pad } = await make({ fresh: true, failure: 'That is not your PIN. You have 4 tries left.' });
      pad.style.cssText = 'inline-size: 288px; font-size: 30px';
      await choose(pad, ...'123456789012');
      for (const selector of ['.pin', '.entry', '.keys', '.said'])
        expect(inside(pad, selector).scrollWidth, selector).to.be.at.most(289);
      const box = inside(pad, '.keys').getBoundingClientRect();
      expect(box.width).to.be.at.most(288);
    });
  });
});
