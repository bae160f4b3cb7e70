import { mkdirSync, writeFileSync } from 'node:fs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import minifyLiterals from 'rollup-plugin-html-literals';
import { integrityOf, pinChunks } from './tools/pin-chunks.mjs';

const out = 'dist/browser';

/** Dexie's `import` export is an ESM wrapper round its UMD file; the true ESM build is smaller. */
const dexieEsm = {
  name: 'dexie-esm',
  resolveId(id, importer) {
    return id === 'dexie' ? this.resolve('dexie/dist/modern/dexie.mjs', importer) : null;
  },
};

/** Every shipped script's hash, for `integrity=`. All builds fill the one file, sorted, so that it is reproducible. */
const hashes = new Map();
const sri = {
  name: 'sri',
  writeBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue;
      hashes.set(file.fileName, integrityOf(file.code));
    }
    mkdirSync(out, { recursive: true });
    const sorted = Object.fromEntries([...hashes].sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(`${out}/sri.json`, `${JSON.stringify(sorted, null, 2)}\n`);
  },
};

const compile = esbuild({ target: 'es2022', tsconfig: 'tsconfig.base.json', sourceMap: true });

/** A warning would be read by nobody: it fails the build. */
const onwarn = (warning) => {
  throw new Error(`${warning.code}: ${warning.message}`);
};

/** What a page loads. Each build is one entry with its lazily loaded chunks, named by their hash. */
const browser = (name, input, how) => ({
  input: { [name]: input },
  onwarn,
  plugins: [
    dexieEsm,
    nodeResolve({ browser: true, exportConditions: ['production'] }),
    compile,
    minifyLiterals({ include: 'src/**/*.ts', failOnError: true }),
  ],
  output: {
    dir: out,
    format: 'esm',
    sourcemap: true,
    plugins: [
      pinChunks(),
      terser({ module: true, ecma: 2020, compress: { passes: 2 }, format: { comments: false } }),
      sri,
    ],
    ...how,
  },
});

/** What Node loads: file by file, packages left to Node. The elements are there too, for rendering on a server. */
const node = {
  input: [
    'src/agent/index.ts',
    'src/relay/index.ts',
    'src/cli/main.ts',
    'src/widget/secure-chat.ts',
    'src/desk/secure-chat-desk.ts',
  ],
  onwarn,
  external: (id) => !/^[./]/.test(id),
  plugins: [compile],
  output: { dir: 'dist/node', format: 'esm', sourcemap: true, preserveModules: true, preserveModulesRoot: 'src' },
};

export default [
  node,
  browser('secure-chat', 'src/widget/secure-chat.ts', { chunkFileNames: 'chunks/[name]-[hash].js' }),
  browser('secure-chat-desk', 'src/desk/secure-chat-desk.ts', { chunkFileNames: 'desk-chunks/[name]-[hash].js' }),
  browser('secure-chat.single', 'src/widget/secure-chat.ts', { inlineDynamicImports: true }),
];
