import { expect } from '@open-wc/testing';

const POLICY = [
  "default-src 'none'",
  // What 'self' is in a document without an address of its own, browsers do not agree on.
  `script-src ${location.origin}`,
  `style-src ${location.origin}`,
  `connect-src ${location.origin}`,
  'img-src data: blob:',
  "require-trusted-types-for 'script'",
  'trusted-types lit-html secure-chat',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Opens the frame with the policy and waits for its word. */
async function walkUnder(policy: string): Promise<{ blocked: string[]; reached: string }> {
  const frame = document.createElement('iframe');
  const script = new URL('./policy-frame.ts', import.meta.url).href;
  const answer = new Promise<{ blocked: string[]; reached: string }>((resolve) => {
    addEventListener('message', ({ data, source }: MessageEvent<{ blocked: string[]; reached: string }>) => {
      if (source === frame.contentWindow) resolve(data);
    });
  });
  const meta = `<meta http-equiv="content-security-policy" content="${policy}">`;
  frame.setAttribute('srcdoc', `<!doctype html><html lang="en">${meta}<script type="module" src="${script}"></script>`);
  Object.assign(frame, { width: '1200', height: '800' });
  document.body.append(frame);
  try {
    return await answer;
  } finally {
    frame.remove();
  }
}

describe('the desk under the relay’s content security policy', () => {
  it('works, and nothing of it is blocked', async () => {
    expect(await walkUnder(POLICY)).to.deep.equal({
      blocked: [],
      reached: 'You are no longer a member of this desk',
    });
  });

  it('would be told if something were: without its Trusted Types policy it does not start', async () => {
    const { blocked } = await walkUnder(POLICY.replace('lit-html secure-chat', "'none'"));
    expect(blocked.join('\n')).to.match(/trusted-types/);
  });
});
