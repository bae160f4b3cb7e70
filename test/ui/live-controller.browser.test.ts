import { expect, fixture, html } from '@open-wc/testing';
import { LitElement, type TemplateResult } from 'lit';
import type { Live } from '../../src/engine/views.ts';
import { LiveController } from '../../src/ui/live-controller.ts';

class LiveProbe extends LitElement {
  readonly live = new LiveController<string>(this);
  protected override render(): TemplateResult {
    return html`${this.live.value ?? 'nothing'}`;
  }
}
customElements.define('live-probe', LiveProbe);

function source(): Live<string> & { give(value: string): void; fail(error: unknown): void; listeners(): number } {
  const listeners = new Map<(value: string) => void, (error: unknown) => void>();
  return {
    subscribe(listener, onError) {
      listeners.set(listener, onError);
      return () => void listeners.delete(listener);
    },
    give: (value) => [...listeners.keys()].forEach((listener) => listener(value)),
    fail: (error) => [...listeners.values()].forEach((listener) => listener(error)),
    listeners: () => listeners.size,
  };
}

const shown = async (probe: LiveProbe): Promise<string> => {
  await probe.updateComplete;
  return probe.shadowRoot?.textContent ?? '';
};

describe('a live query in an element', () => {
  it('renders every value while the element is in the document', async () => {
    const probe = await fixture<LiveProbe>(html`<live-probe></live-probe>`);
    const live = source();
    probe.live.follow(live);
    expect(await shown(probe)).to.equal('nothing');
    live.give('one');
    expect(await shown(probe)).to.equal('one');
    const parent = probe.parentElement;
    probe.remove();
    expect(live.listeners()).to.equal(0);
    parent?.append(probe);
    expect(live.listeners()).to.equal(1);
    live.give('two');
    expect(await shown(probe)).to.equal('two');
  });

  it('forgets the old source, or keeps its value until the new one answers', async () => {
    const probe = await fixture<LiveProbe>(html`<live-probe></live-probe>`);
    const [first, second, third] = [source(), source(), source()];
    probe.live.follow(first);
    first.give('first');
    probe.live.follow(second, { keep: true });
    expect(await shown(probe)).to.equal('first');
    expect(first.listeners()).to.equal(0);
    second.give('second');
    expect(await shown(probe)).to.equal('second');
    probe.live.follow(third);
    expect(await shown(probe)).to.equal('nothing');
    probe.live.follow(null);
    expect(third.listeners()).to.equal(0);
  });

  it('keeps an error, and the last value', async () => {
    const probe = await fixture<LiveProbe>(html`<live-probe></live-probe>`);
    const live = source();
    probe.live.follow(live);
    live.give('one');
    const error = new Error('lost');
    live.fail(error);
    expect(probe.live.error).to.equal(error);
    expect(await shown(probe)).to.equal('one');
    live.give('two');
    expect(probe.live.error).to.equal(undefined);
  });
});
