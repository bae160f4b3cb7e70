import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import minifyLiterals from 'rollup-plugin-html-literals';
import { chunkLists } from './tools/chunk-lists.mjs';
import { dexieFile, leanDexie } from './tools/lean-dexie.mjs';
import { integrityOf, pinChunks } from './tools/pin-chunks.mjs';
import { shortErrors } from './tools/short-errors.mjs';
import { stretchWorker } from './tools/stretch-worker.mjs';

const out = 'dist/browser';

/** Dexie as it is needed here. */
const dexie = {
  name: 'dexie',
  resolveId(id, importer) {
    return id === 'dexie' ? this.resolve(dexieFile, importer) : null;
  },
  transform: (code, id) => (id.endsWith(dexieFile) ? { code: leanDexie(code), map: null } : null),
};

/** Every shipped script's hash, for `integrity=`. All builds fill the one file, sorted, so that it is reproducible. */
const hashes = new Map();
const sri = {
  name: 'sri',
  writeBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') hashes.set(file.fileName, integrityOf(file.code));
      else if (file.fileName.endsWith('.js')) hashes.set(file.fileName, integrityOf(file.source));
    }
    mkdirSync(out, { recursive: true });
    const sorted = Object.fromEntries([...hashes].sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(`${out}/sri.json`, `${JSON.stringify(sorted, null, 2)}\n`);
  },
};

/**
 * The lock has a copy of its own of this module: a chunk holds all that anybody needs of a module, and what the lock alone
 * needs (ristretto255) would be loaded before the first message.
 */
const ownCurve = {
  name: 'own-curve',
  async resolveId(id, importer) {
    if (id !== '@noble/curves/ed25519.js' || importer !== resolve('src/vault/oprf.ts')) return null;
    const found = await this.resolve(id, importer, { skipSelf: true });
    return { ...found, id: `${found.id}?lock` };
  },
  load: (id) => (id.endsWith('?lock') ? readFileSync(id.slice(0, -'?lock'.length), 'utf8') : null),
};

const compile = esbuild({ target: 'es2022', tsconfig: 'tsconfig.base.json', sourceMap: true });

/** A warning would be read by nobody: it fails the build. */
const onwarn = (warning) => {
  throw new Error(`${warning.code}: ${warning.message}`);
};

/**
 * The entry of a page: all it does is load the code, whose file is named by its hash. So every chunk is pinned, none
 * imports the entry back (under a second address it would run twice), and all but this one file may be cached for ever.
 */
const loader = {
  name: 'loader',
  resolveId: (id) => (id.startsWith('loader:') ? id : null),
  load: (id) => (id.startsWith('loader:') ? `import(${JSON.stringify(resolve(id.slice('loader:'.length)))});` : null),
};

/** What a page loads by a script tag; all but the entry lies in a folder of its own. */
const browser = (name, input, folder) => ({
  input: { [name]: input },
  onwarn,
  plugins: [
    loader,
    dexie,
    ...(folder ? [ownCurve] : []),
    nodeResolve({ browser: true, exportConditions: ['production'] }),
    stretchWorker(folder ? 'hashed' : 'none'),
    compile,
    shortErrors(),
    minifyLiterals({ include: 'src/**/*.ts', failOnError: true }),
  ],
  output: {
    dir: out,
    format: 'esm',
    sourcemap: true,
    plugins: [
      pinChunks(),
      terser({ module: true, ecma: 2020, compress: { passes: 3 }, format: { comments: false } }),
      sri,
      chunkLists(`${out}/chunks.json`),
    ],
    ...(folder
      ? { chunkFileNames: `${folder}/[name]-[hash].js`, assetFileNames: `${folder}/[name]-[hash][extname]` }
      : { inlineDynamicImports: true }),
  },
});

/** What Node and bundlers load: file by file, packages left to them. The elements can be imported without a window. */
const node = {
  input: [
    'src/relay/main.ts',
    'src/cli/office.ts',
    'src/cli/secure-chat.ts',
    'src/widget/secure-chat.ts',
    'src/desk/secure-chat-desk.ts',
  ],
  onwarn,
  external: (id) => !/^[./]/.test(id),
  plugins: [stretchWorker('beside'), compile],
  output: { dir: 'dist/node', format: 'esm', sourcemap: true, preserveModules: true, preserveModulesRoot: 'src' },
};

export default [
  node,
  browser('secure-chat', 'loader:src/widget/secure-chat.ts', 'chunks'),
  browser('secure-chat-desk', 'loader:src/desk/secure-chat-desk.ts', 'desk-chunks'),
  browser('secure-chat.single', 'src/widget/secure-chat.ts', null),
];
