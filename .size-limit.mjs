import { readFileSync } from 'node:fs';

const root = 'dist/browser';
/** What each entry loads, and when, as the build found it (tools/chunk-lists.mjs). */
const lists = JSON.parse(readFileSync(`${root}/chunks.json`, 'utf8'));
const files = (names) => names.map((name) => `${root}/${name}`);
const { atOnce, beforeFirstMessage, onDemand, otherHistory, worker } = lists['secure-chat.js'];

export default [
  { name: 'launcher: what a page loads first', path: files(atOnce), limit: '10 kB' },
  // A ratchet: what it is today, to be lowered with every saving. The goal is 90 kB; Dexie, the cryptography and Lit, which are
  // given, take half of it (docs/decisions/0041-what-a-chat-loads.md).
  {
    name: 'a usable chat: all that is loaded until the first message',
    path: files(beforeFirstMessage),
    limit: '125 kB',
  },
  {
    name: 'the lock: screens, PIN and passkey, loaded when they are needed',
    path: files(onDemand),
    limit: '30 kB',
  },
  { name: 'a history of the tab or of the page, in place of the usual one', path: files(otherHistory), limit: '4 kB' },
  { name: 'the worker that stretches PINs', path: files(worker), limit: '7 kB' },
];
