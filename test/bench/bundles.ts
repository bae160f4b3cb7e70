/**
 * Bytes of what a page loads: minified, gzip and brotli, by file and in sum. Needs `npm run build` first.
 * Run: npx tsx test/bench/bundles.ts
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

interface Size {
  readonly what: string;
  readonly min: number;
  readonly gzip: number;
  readonly brotli: number;
}

const ROOT = 'dist/browser';

function sizeOf(what: string, files: readonly string[]): Size {
  const contents = files.map((file) => readFileSync(join(ROOT, file)));
  const sum = (size: (content: Buffer) => number): number =>
    contents.reduce((total, content) => total + size(content), 0);
  return {
    what,
    min: sum((content) => content.length),
    gzip: sum((content) => gzipSync(content, { level: 9 }).length),
    brotli: sum((content) => brotliCompressSync(content).length),
  };
}

/** What an entry loads and when, as the build found it (tools/chunk-lists.mjs). */
interface ChunkLists {
  readonly atOnce: readonly string[];
  readonly beforeFirstMessage: readonly string[];
  readonly onDemand: readonly string[];
  readonly otherHistory: readonly string[];
  readonly worker: readonly string[];
}
const lists = JSON.parse(readFileSync(join(ROOT, 'chunks.json'), 'utf8')) as Record<string, ChunkLists>;

function listsOf(entry: string): ChunkLists {
  const found = lists[entry];
  if (found === undefined) throw new Error(`${entry}: not in chunks.json`);
  return found;
}

const chat = listsOf('secure-chat.js');
const desk = listsOf('secure-chat-desk.js');

const scripts = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(folder, name))
    .sort();

const rows: Size[] = [
  sizeOf('launcher (what a page loads first)', chat.atOnce),
  sizeOf('usable chat (all until the first message)', chat.beforeFirstMessage),
  sizeOf('lock (screens, PIN, passkey; on demand)', chat.onDemand),
  sizeOf('another history (on demand)', chat.otherHistory),
  sizeOf('worker (on demand)', chat.worker),
  sizeOf('single file', ['secure-chat.single.js']),
  sizeOf('desk', desk.beforeFirstMessage),
  sizeOf('desk, on demand', desk.onDemand),
  ...[...scripts('chunks'), ...scripts('desk-chunks')].map((file) => sizeOf(file, [file])),
];

console.table(Object.fromEntries(rows.map(({ what, ...sizes }) => [what, sizes])));
console.log(JSON.stringify({ bench: 'bundles', unit: 'bytes', rows }));
