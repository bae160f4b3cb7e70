import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path)) as Record<string, unknown>;

const scripts = () =>
  readdirSync(join(root, 'dist/browser'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));

/** Every path that `exports` and `bin` promise. */
function promised(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Object.values(value as Record<string, unknown>).flatMap(promised);
}

describe('what is published', () => {
  const manifest = json('package.json');

  it('has every file that package.json promises', () => {
    for (const path of [...promised(manifest['exports']), ...promised(manifest['bin'] ?? {})]) {
      expect(existsSync(join(root, path)), path).to.equal(true);
    }
  });

  it('lists the hash of each browser script, and of nothing else', () => {
    const hashes = json('dist/browser/sri.json');
    expect(Object.keys(hashes)).to.have.members(scripts());
    for (const file of scripts()) {
      const hash = createHash('sha384')
        .update(read(join('dist/browser', file)))
        .digest('base64');
      expect(hashes[file], file).to.equal(`sha384-${hash}`);
    }
  });

  it('can be imported in Node, where there is no window', async () => {
    expect(globalThis).not.to.have.property('window');
    const exported = Object.entries(manifest['exports'] as Record<string, string | { default: string }>);
    const modules = exported.filter(([, file]) => typeof file !== 'string' && file.default.startsWith('./dist/node/'));
    expect(modules.length).to.be.at.least(4);
    for (const entry of modules.map(([path]) => path.replace('.', 'secure-chat'))) {
      expect(Object.keys((await import(entry)) as object), entry).not.to.be.empty;
    }
    expect(globalThis).not.to.have.property('window');
  });

  it('depends on exact versions, and the lock file names no registry', () => {
    const versions = ['dependencies', 'devDependencies', 'overrides'].flatMap((kind) =>
      Object.entries(manifest[kind] as object),
    );
    for (const [name, version] of versions) expect(version, name).to.match(/^\d+\.\d+\.\d+$/);
    expect(read('package-lock.json')).not.to.include('"resolved"');
  });
});
