import { expect } from '@open-wc/testing';

const POLICY = [
  "default-src 'none'",
  // What 'self' is in a document without an address of its own, browsers do not agree on.
  `script-src ${location.origin}`,
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ');

interface Result {
  readonly violations: readonly string[];
  readonly works: boolean;
  readonly shown: number;
}

describe('<secure-chat> in a page with a strict policy', () => {
  it('runs without a violation', async () => {
    const answer = new Promise<Result>((resolve) => {
      window.addEventListener('message', (event: MessageEvent<{ csp?: Result }>) => {
        if (event.data.csp) resolve(event.data.csp);
      });
    });
    const frame = document.createElement('iframe');
    frame.width = '500';
    frame.height = '700';
    const script = new URL('../support/csp-page.ts', import.meta.url).href;
    frame.srcdoc = `<!doctype html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="${POLICY}">
      <title>A strict page</title></head><body><script type="module" src="${script}"></script></body></html>`;
    document.body.append(frame);
    const { violations, works, shown } = await answer;
    frame.remove();
    expect(violations).to.deep.equal([]);
    expect(shown).to.equal(2);
    expect(works, 'the policy forbids what it should').to.equal(true);
  });
});
