/**
 * Runs inside a page with the strict policy that integrators use (csp.browser.test.ts): the element with a client in memory
 * goes through its states, then the parent hears what the policy had to say.
 * @module
 */
import type { CustomerClient } from '../../src/engine/views.ts';
import { SecureChatElement } from '../../src/widget/secure-chat-element.ts';
import { DESK_KEY, DoubleClient } from './double-client.ts';

const violations: string[] = [];
document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
});

const client = new DoubleClient();

class PolicyChat extends SecureChatElement {
  protected override async openClient(): Promise<CustomerClient> {
    return client;
  }
}

const pause = (ms = 60): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function run(): Promise<void> {
  customElements.define('policy-chat', PolicyChat);
  const chat = document.createElement('policy-chat') as PolicyChat;
  const attributes = { relay: 'wss://chat.example', 'desk-key': DESK_KEY, accent: 'gold', theme: 'dark' };
  for (const [name, value] of Object.entries(attributes)) chat.setAttribute(name, value);
  document.body.append(chat);
  chat.show();
  await chat.ready;
  const { conversation } = await chat.send('Hello https://bank.example');
  client.desk.join(conversation);
  client.desk.say(conversation, 'See https://bank.example');
  client.desk.type(conversation);
  await pause();
  await chat.verify();
  await pause();
  client.desk.connection('offline');
  client.desk.verification({ state: 'alarm' });
  await pause();
  await client.startConversation({ topic: 'More', text: 'And another thing' });
  chat.mode = 'fullscreen';
  await pause();
  client.desk.end(conversation);
  await pause();
  chat.hide();
  await pause();
  // The policy is at work: what it forbids does not pass unseen.
  const own = violations.length;
  const line = document.createElement('p');
  line.setAttribute('style', 'color: red');
  await pause();
  const works = violations.length > own;
  parent.postMessage({ csp: { violations: violations.slice(0, own), works, shown: chat.conversations.length } }, '*');
}

run().catch((error: unknown) =>
  parent.postMessage({ csp: { violations: [String(error)], works: false, shown: 0 } }, '*'),
);
