import { parseAst } from 'rollup/parseAst';

/**
 * What Dexie brings along that this program has switched off or never asks for; without it a quarter of Dexie goes. Once its
 * line is gone nothing refers to it any more. docs/decisions/0041-what-a-chat-loads.md
 */
const unused = [
  // With `cache: 'disabled'` every way through it ends at the table below it.
  'this.use(cacheMiddleware);',
  // For hooks, which nobody sets: it hands every request on.
  'this.use(hooksMiddleware);',
  // For compound indexes: every table has its primary key alone.
  'this.use(virtualIndexMiddleware);',
  // Live queries are the engine's own (src/engine/sealed-live.ts).
  '    liveQuery,\n    extendObservabilitySet,\n',
];

/** Methods that dexie-records.ts does not call, nor does what it calls: many rows at once, queries by more than a range. */
const uncalled = {
  Table: ['upsert', 'update', 'bulkGet', 'bulkAdd', 'bulkPut', 'bulkUpdate', 'bulkDelete'],
  Collection: ['sortBy', 'distinct', 'modify', 'delete'],
  WhereClause: [
    ...['startsWith', 'startsWithIgnoreCase', 'equalsIgnoreCase', 'anyOfIgnoreCase', 'startsWithAnyOfIgnoreCase'],
    ...['anyOf', 'notEqual', 'noneOf', 'inAnyRange', 'startsWithAnyOf'],
  ],
};

/** The true ESM build; Dexie's `import` export is a wrapper round its UMD file, which is bigger. */
export const dexieFile = 'dexie/dist/modern/dexie.mjs';

/** Dexie's source without what is unused; the rest keeps its place. @throws Error when Dexie is not the one that was looked at */
export function leanDexie(source) {
  let lean = source;
  const drop = (start, end) => {
    lean = lean.slice(0, start) + lean.slice(start, end).replace(/[^\n]/g, ' ') + lean.slice(end);
  };
  for (const piece of unused) {
    if (source.split(piece).length !== 2) throw new Error(`Dexie is another than was looked at: ${piece.trim()}`);
    drop(source.indexOf(piece), source.indexOf(piece) + piece.length);
  }
  const classes = parseAst(source).body.filter(({ type }) => type === 'ClassDeclaration');
  for (const [name, methods] of Object.entries(uncalled)) {
    const members = classes.find(({ id }) => id.name === name)?.body.body ?? [];
    for (const method of methods) {
      const found = members.find(({ type, key }) => type === 'MethodDefinition' && key.name === method);
      if (found === undefined) throw new Error(`Dexie is another than was looked at: ${name}.${method}`);
      drop(found.start, found.end);
    }
  }
  return lean;
}
