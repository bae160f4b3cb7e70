import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { build } from 'esbuild';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import type { PasskeysPage } from '../support/passkeys-page.ts';

/** In the page. */
declare const page: PasskeysPage;

type Outcome = { credential?: number[]; output?: number[]; error?: string };

const authenticator = {
  protocol: 'ctap2',
  ctap2Version: 'ctap2_1',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  hasPrf: true,
  automaticPresenceSimulation: true,
} as const;

describe('passkeys', function () {
  this.timeout(60_000);
  let server: Server;
  let browser: Browser;
  let context: BrowserContext;
  let session: CDPSession;
  let tab: Page;
  let port: number;
  /** Headers of the page. */
  let headers: Record<string, string>;

  before(async () => {
    const entryPoints = [join(import.meta.dirname, '../support/passkeys-page.ts')];
    const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', target: 'es2022', write: false });
    const frame = '<!doctype html><title>frame</title><script type="module" src="/page.js"></script>';
    server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.setHeader('access-control-allow-origin', '*');
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.end(isScript ? outputFiles[0]?.text : frame);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(async () => {
    headers = {};
    context = await browser.newContext();
    // What the transpiler of these tests puts round named functions; a page has none.
    await context.addInitScript('globalThis.__name = (value) => value');
    tab = await context.newPage();
    session = await context.newCDPSession(tab);
    await session.send('WebAuthn.enable');
  });

  afterEach(() => context.close());

  const open = (host = 'localhost') => tab.goto(`http://${host}:${port}/`);

  async function plugIn(options: Partial<Record<keyof typeof authenticator, unknown>> = {}): Promise<string> {
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...authenticator, ...options } as typeof authenticator,
    });
    return authenticatorId;
  }

  const create = (salt: number, timeout?: number): Promise<Outcome> =>
    tab.evaluate(([s, t]) => page.create(s, t), [salt, timeout] as const);
  const use = (credential: number[], salt: number, timeout?: number): Promise<Outcome> =>
    tab.evaluate(([c, s, t]) => page.use(c, s, t), [credential, salt, timeout] as const);

  async function made(salt: number): Promise<{ credential: number[]; output: number[] }> {
    const { credential, output, error } = await create(salt);
    if (credential === undefined || output === undefined) throw new Error(`not made: ${error}`);
    return { credential, output };
  }

  it('give the same 32 bytes for the same credential and salt, also after a reload', async () => {
    const id = await plugIn();
    await open();
    const { credential, output } = await made(1);
    expect(output).to.have.length(32);
    expect(new Set(output).size).to.be.greaterThan(8);
    expect(await use(credential, 1)).to.deep.equal({ output });
    await tab.reload();
    expect(await use(credential, 1)).to.deep.equal({ output });
    const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId: id });
    expect(credentials).to.have.length(1);
    expect(credentials[0]).to.include({ isResidentCredential: true, rpId: 'localhost', userName: 'Tidewell Bank' });
    expect([...Buffer.from(credentials[0]?.credentialId ?? '', 'base64')]).to.deep.equal(credential);
  });

  it('give others for another salt, and for another credential', async () => {
    await plugIn();
    await open();
    const first = await made(1);
    const second = await made(1);
    const otherSalt = await use(first.credential, 2);
    const outputs = [first.output, second.output, otherSalt.output].map(String);
    expect(new Set(outputs).size).to.equal(3);
    expect(await use(second.credential, 1)).to.deep.equal({ output: second.output });
    expect(await use(first.credential, 2)).to.deep.equal(otherSalt);
  });

  it('give the output by a use where making one gives none', async () => {
    await plugIn();
    await open();
    await tab.evaluate(() => {
      // As authenticators do that evaluate only when a credential is used.
      const read = Object.getOwnPropertyDescriptor(PublicKeyCredential.prototype, 'getClientExtensionResults')
        ?.value as PublicKeyCredential['getClientExtensionResults'];
      PublicKeyCredential.prototype.getClientExtensionResults = function () {
        const results = read.call(this);
        if (this.response instanceof AuthenticatorAttestationResponse) delete results.prf?.results;
        return results;
      };
    });
    const { credential, output } = await made(3);
    await tab.reload();
    expect(await use(credential, 3)).to.deep.equal({ output });
  });

  it('are unsupported without PRF, and leave no passkey behind that opens nothing', async () => {
    const id = await plugIn({ hasPrf: false });
    await open();
    expect(await create(1)).to.deep.equal({ error: 'environment passkey-unsupported' });
    const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId: id });
    expect(credentials).to.deep.equal([]);
  });

  it('are unsupported where the browser says that it has no PRF: nobody is asked then', async () => {
    const id = await plugIn();
    await context.addInitScript(() => {
      Object.assign(PublicKeyCredential, { getClientCapabilities: async () => ({ 'extension:prf': false }) });
    });
    await open();
    expect(await create(1)).to.deep.equal({ error: 'environment passkey-unsupported' });
    const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId: id });
    expect(credentials).to.deep.equal([]);
    expect(await tab.evaluate(() => page.missing())).to.include('passkeys');
  });

  it('are unsupported where the output has another length', async () => {
    await plugIn();
    await open();
    await tab.evaluate(() => {
      PublicKeyCredential.prototype.getClientExtensionResults = () => ({
        prf: { enabled: true, results: { first: new Uint8Array(16).buffer } },
      });
    });
    expect(await create(1)).to.deep.equal({ error: 'environment passkey-unsupported' });
  });

  it('are cancelled when the user is not verified', async () => {
    const id = await plugIn();
    await open();
    const { credential } = await made(1);
    await session.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false });
    expect(await use(credential, 1, 1_000)).to.deep.equal({ error: 'usage passkey-cancelled' });
    expect(await create(1, 1_000)).to.deep.equal({ error: 'usage passkey-cancelled' });
  });

  it('are cancelled when the user does nothing', async () => {
    const id = await plugIn();
    await open();
    const { credential } = await made(1);
    await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: false });
    expect(await use(credential, 1, 500)).to.deep.equal({ error: 'usage passkey-cancelled' });
    expect(await create(1, 500)).to.deep.equal({ error: 'usage passkey-cancelled' });
  });

  it('are cancelled when the credential is not there any more', async () => {
    const id = await plugIn();
    await open();
    const { credential } = await made(1);
    await session.send('WebAuthn.clearCredentials', { authenticatorId: id });
    expect(await use(credential, 1, 1_000)).to.deep.equal({ error: 'usage passkey-cancelled' });
  });

  it('are not offered without TLS, without the interface, nor on an address', async () => {
    await open('127.0.0.1');
    expect(await tab.evaluate(() => page.possible())).to.equal(false);
    expect(await tab.evaluate(() => page.missing())).to.include('passkeys');
    await open();
    expect(await tab.evaluate(() => page.possible())).to.equal(true);
    expect(await tab.evaluate(() => page.missing())).to.not.include('passkeys');
    await tab.evaluate(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
    expect(await tab.evaluate(() => page.possible())).to.equal(false);
    await tab.reload();
    await tab.evaluate(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }));
    expect(await tab.evaluate(() => page.possible())).to.equal(false);
  });

  it('are not offered where the page’s policy forbids them', async () => {
    for (const feature of ['create', 'get']) {
      headers = { 'permissions-policy': `publickey-credentials-${feature}=()` };
      await open();
      expect(await tab.evaluate(() => page.possible()), feature).to.equal(false);
    }
  });

  it('are not offered in a frame of another origin, unless it is allowed to', async () => {
    await open();
    const possibleIn = async (allow: string, hidePolicy: boolean): Promise<boolean> => {
      await tab.evaluate(
        ([source, permissions]) => {
          document.body.replaceChildren(
            Object.assign(document.createElement('iframe'), { src: source, allow: permissions }),
          );
        },
        [`http://shop.localhost:${port}/`, allow] as const,
      );
      await tab.waitForFunction(() => frames.length === 1);
      const frame = tab.frames().find((each) => each !== tab.mainFrame());
      if (frame === undefined) throw new Error('no frame');
      await frame.waitForFunction(() => 'page' in globalThis);
      return frame.evaluate((hide) => {
        // As in browsers that do not tell.
        if (hide) Object.defineProperty(document, 'featurePolicy', { value: undefined });
        return page.possible();
      }, hidePolicy);
    };
    const both = 'publickey-credentials-get *; publickey-credentials-create *';
    expect(await possibleIn('', false)).to.equal(false);
    expect(await possibleIn('publickey-credentials-get *', false)).to.equal(false);
    expect(await possibleIn(both, false)).to.equal(true);
    expect(await possibleIn(both, true)).to.equal(false);
  });
});
