/**
 * The relay of `Stack` in a process of its own, so that it can be killed: `stack-process.ts <data> <port> <desk key>`.
 * Its first line is the port, the others are its log.
 * @module
 */
import { join } from 'node:path';
import { bankPages } from '../../demo/bank-pages.mjs';
import { parseDeskKey } from '../../src/identity/desk-key.ts';
import { createRelay, jsonLog, lmdbStore, type Site } from '../../src/relay/main.ts';

const root = join(import.meta.dirname, '../..');
const [data = '', wanted = '0', deskKey = ''] = process.argv.slice(2);

let pages: Site | null = null;
const relay = createRelay({
  store: lmdbStore(join(data, 'store')),
  data,
  desks: [parseDeskKey(deskKey)],
  assets: join(root, 'dist/browser'),
  site: (request, response) => pages?.(request, response),
  metrics: true,
  log: jsonLog((line) => process.stdout.write(line), Date.now),
});
const { port } = await relay.listen(Number(wanted));
pages = bankPages({ directory: join(root, 'demo/bank'), relay: `ws://localhost:${port}`, deskKey });
process.stdout.write(`${port}\n`);
