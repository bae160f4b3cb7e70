import { createHash } from 'node:crypto';
import { posix } from 'node:path';

const pinned = '__pinned';
const table = '__pins';

/**
 * In the browser: loads a chunk and what it imports, leaves first, each checked against its hash, and imports it only
 * then: `import()` returns the module that is already there, so nothing is fetched a second time, unchecked.
 *
 * A preloading link works under Trusted Types. Safari does not check its integrity, and Firefox before 115 does not know
 * it: there a script element does the same, unless the page enforces Trusted Types, which refuse its `src`. Only then,
 * in Safari, is a chunk not checked; such a page takes the single file.
 */
const helper = `
async function ${pinned}(path) {
  await undefined;
  const at = (file) => new URL(file, import.meta.url).href;
  const link = () => Object.assign(document.createElement('link'), { rel: 'modulepreload' });
  const checked = link().relList.supports('modulepreload') && !navigator.vendor.startsWith('Apple');
  for (const [file, integrity] of ${table}[path]) {
    await new Promise((resolve, reject) => {
      let element = checked ? link() : Object.assign(document.createElement('script'), { type: 'module' });
      try {
        element[checked ? 'href' : 'src'] = at(file);
      } catch {
        element = link();
        element.href = at(file);
      }
      // The page's own pinned scripts are told apart from these (src/adapters/browser/stretch-script.ts).
      element.dataset.chunk = '';
      element.crossOrigin = 'anonymous';
      element.integrity = integrity;
      element.onload = () => resolve(element.remove());
      element.onerror = () => {
        element.remove();
        reject(new Error('cannot load or verify ' + file));
      };
      document.head.append(element);
    });
  }
  return import(at(path));
}
`;

export const integrityOf = (code) => `sha384-${createHash('sha384').update(code).digest('base64')}`;

/**
 * Rollup output plugin: `integrity=` on the entry's script tag covers the lazily loaded chunks as well, because every
 * chunk carries the hashes of those that it loads. A static import has no integrity, so the entry must have none, and no
 * chunk may import the entry. Place it before the minifier.
 */
export function pinChunks() {
  return {
    name: 'pin-chunks',
    renderDynamicImport: ({ targetChunk }) => (targetChunk ? { left: `${pinned}(`, right: ')' } : null),
    renderChunk: (code) => (code.includes(`${pinned}(`) ? { code: `${code}${helper}`, map: null } : null),
    generateBundle(_options, bundle) {
      const chunk = (file) => {
        if (bundle[file]?.type !== 'chunk') this.error(`${file}: not a chunk of this build`);
        return bundle[file];
      };
      /** A chunk and all that it imports statically: dependencies come before those who need them. */
      const closure = (file, found = new Set(), open = new Set()) => {
        if (found.has(file) || open.has(file)) return found;
        open.add(file);
        for (const next of chunk(file).imports) closure(next, found, open);
        return found.add(file);
      };
      const done = new Set();
      const pin = (file, loading) => {
        if (done.has(file)) return;
        if (loading.includes(file)) this.error(`chunks that load each other cannot be pinned: ${[...loading, file]}`);
        const { dynamicImports, fileName, imports, isEntry } = chunk(file);
        if (isEntry && imports.length > 0) this.error(`${file} imports ${imports}, which nothing pins`);
        if (imports.some((name) => chunk(name).isEntry)) this.error(`${file} imports an entry, which nothing pins`);
        const loaded = closure(file);
        const pins = {};
        for (const target of dynamicImports) {
          const files = [...closure(target)].filter((name) => !loaded.has(name));
          for (const name of files) pin(name, [...loading, file]);
          const from = (name) => {
            const path = posix.relative(posix.dirname(fileName), name);
            return path.startsWith('.') ? path : `./${path}`;
          };
          pins[from(target)] = files.map((name) => [from(name), integrityOf(bundle[name].code)]);
        }
        if (dynamicImports.length > 0) {
          const [code, ...comment] = bundle[file].code.split(/(?=\n\/\/# sourceMappingURL=)/);
          bundle[file].code = `${code.trimEnd()}\nconst ${table}=${JSON.stringify(pins)};${comment.join('') || '\n'}`;
        }
        done.add(file);
      };
      for (const file of Object.keys(bundle)) if (bundle[file].type === 'chunk') pin(file, []);
    },
  };
}
