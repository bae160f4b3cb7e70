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

/** What an entry loads at once: it names its chunks with their hashes. */
function loadedAtOnce(entry: string): string[] {
  const table = /__pins=(\{.*\});/.exec(readFileSync(join(ROOT, entry), 'utf8'))?.[1];
  if (table === undefined) throw new Error(`${entry}: no table of pinned files`);
  return Object.values(JSON.parse(table) as Record<string, [string, string][]>).flatMap((files) =>
    files.map(([file]) => file),
  );
}

const scripts = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(folder, name))
    .sort();

const rows: Size[] = [
  sizeOf('launcher (what a page loads first)', ['secure-chat.js', ...loadedAtOnce('secure-chat.js')]),
  sizeOf('usable chat (all it can load)', ['secure-chat.js', ...scripts('chunks')]),
  sizeOf('single file', ['secure-chat.single.js']),
  sizeOf('desk', ['secure-chat-desk.js', ...scripts('desk-chunks')]),
  ...[...scripts('chunks'), ...scripts('desk-chunks')].map((file) => sizeOf(file, [file])),
];

console.table(Object.fromEntries(rows.map(({ what, ...sizes }) => [what, sizes])));
console.log(JSON.stringify({ bench: 'bundles', unit: 'bytes', rows }));
