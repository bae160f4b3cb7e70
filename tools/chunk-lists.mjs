import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * What a page loads only when it is needed: for a lock, for opening what is locked, for what another tab has opened. All else
 * counts as needed for a first message, until it is named here; test/e2e/loaded-chunks.e2e.test.ts looks whether that is true.
 */
const onDemand = [
  ...['handover', 'lock-life', 'locked-opening', 'locksmith', 'relay-vaults', 'vault-forgetting', 'vault-slots'].map(
    (name) => `src/engine/${name}.ts`,
  ),
  'src/widget/lock-loaded.ts',
];

/** What a page loads that wants a history other than the usual one, in place of a lock. */
const otherHistory = 'src/widget/passing-history.ts';

const lists = new Map();

/**
 * Rollup output plugin: writes for each entry which files it loads at once, which until the first message can be sent,
 * which on demand, which for another history, and which is the worker. All builds fill the one file.
 */
export function chunkLists(file) {
  const wanted = new Set([...onDemand, otherHistory].map((module) => resolve(module)));
  return {
    name: 'chunk-lists',
    writeBundle(_options, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => fileName.endsWith('.js'));
      const [entry] = files.filter(({ isEntry }) => isEntry);
      const namesOf = (type) => files.filter((each) => each.type === type).map(({ fileName }) => fileName);
      const isLater = (name) => bundle[name].moduleIds.some((id) => wanted.has(id));
      const isOther = (name) => bundle[name].moduleIds.includes(resolve(otherHistory));
      const reach = (from, follow, found = new Set()) => {
        if (found.has(from)) return found;
        found.add(from);
        for (const next of follow(bundle[from])) reach(next, follow, found);
        return found;
      };
      const statics = ({ imports }) => imports;
      const soon = ({ imports, dynamicImports }) => [...imports, ...dynamicImports.filter((name) => !isLater(name))];
      const launcher = new Set(
        [entry, ...entry.dynamicImports.map((name) => bundle[name])].flatMap((chunk) => [
          ...reach(chunk.fileName, statics),
        ]),
      );
      const first = reach(entry.fileName, soon);
      const sorted = (names) => [...names].sort();
      lists.set(entry.fileName, {
        atOnce: sorted(launcher),
        beforeFirstMessage: sorted(first),
        onDemand: sorted(namesOf('chunk').filter((name) => !first.has(name) && !isOther(name))),
        otherHistory: sorted(namesOf('chunk').filter((name) => !first.has(name) && isOther(name))),
        worker: sorted(namesOf('asset')),
      });
      mkdirSync(dirname(file), { recursive: true });
      const byEntry = Object.fromEntries([...lists].sort(([a], [b]) => (a < b ? -1 : 1)));
      writeFileSync(file, `${JSON.stringify(byEntry, null, 2)}\n`);
    },
  };
}
