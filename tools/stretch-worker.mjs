import { build } from 'esbuild';

const worker = 'src/adapters/browser/stretch-worker.ts';
const script = /\/src\/adapters\/browser\/stretch-script\.ts$/;
const address = "new URL('./stretch-worker.ts', import.meta.url)";

/**
 * The worker in one file that imports nothing: it is then right wherever a bundler puts it, and whoever treats its
 * address as that of any other file does what is needed.
 */
async function code() {
  const { outputFiles } = await build({
    entryPoints: [worker],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0].text;
}

/**
 * Rollup plugin, to stand before the compiler: builds the worker and puts its address where the program asks for it.
 * @param {'hashed' | 'beside' | 'none'} how `hashed`: an asset named by the output's `assetFileNames`; `beside`: under
 *   a fixed name beside the module that asks, as bundlers want it; `none`: there is no worker
 */
export function stretchWorker(how) {
  return {
    name: 'stretch-worker',
    async transform(source, id) {
      if (!script.test(id)) return null;
      if (!source.includes(address)) this.error('the worker’s address is not asked for as it was');
      if (how === 'none') return { code: source.replace(address, 'null'), map: null };
      const asset = { type: 'asset', source: await code() };
      if (how === 'beside') {
        this.emitFile({ ...asset, fileName: 'adapters/browser/stretch-worker.js' });
        return { code: source.replace('./stretch-worker.ts', './stretch-worker.js'), map: null };
      }
      const file = this.emitFile({ ...asset, name: 'stretch-worker.js' });
      return { code: source.replace(address, `new URL(import.meta.ROLLUP_FILE_URL_${file})`), map: null };
    },
  };
}
