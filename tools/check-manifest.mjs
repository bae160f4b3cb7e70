// Fails if custom-elements.json breaks its schema or is not what the sources say now.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import Ajv from 'ajv';

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, '..');
const committed = readFileSync(join(root, 'custom-elements.json'), 'utf8');

const schema = JSON.parse(readFileSync(require.resolve('custom-elements-manifest/schema.json'), 'utf8'));
const validate = new Ajv({ strict: false, allowUnionTypes: true }).compile(schema);
const manifest = JSON.parse(committed);
if (!validate(manifest)) {
  console.error(validate.errors.slice(0, 5));
  console.error('custom-elements.json does not fit its schema');
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), 'manifest-'));
try {
  const cem = join(root, 'node_modules/.bin/cem');
  execFileSync(cem, ['analyze', '--quiet', '--outdir', relative(root, scratch)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const fresh = readFileSync(join(scratch, 'custom-elements.json'), 'utf8');
  if (JSON.stringify(JSON.parse(fresh)) !== JSON.stringify(manifest)) {
    console.error('custom-elements.json is stale: run `npm run cem` and commit it');
    process.exit(1);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
console.log(`custom-elements.json is valid (schema ${manifest.schemaVersion}) and current`);
