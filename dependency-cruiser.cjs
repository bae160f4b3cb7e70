/** Who may import whom: the table of rooms, held by the build. What is not listed is an error. */

const room = (...names) => names.map((name) => `^src/${name}/`);
const noble = '^node_modules/@noble/';
const npm = (...names) => names.map((name) => `^node_modules/${name}/`);

/** For each room: the other rooms it may import (besides itself and src/errors.ts), and packages; `node` = Node's own modules. */
const rooms = {
  bytes: {},
  identity: { rooms: room('bytes'), packages: [noble] },
  protocol: { rooms: room('bytes', 'identity'), packages: [noble] },
  vault: { rooms: room('bytes'), packages: [noble] },
  wire: { rooms: room('bytes', 'identity'), packages: [noble] },
  engine: { rooms: room('protocol', 'vault', 'wire', 'identity', 'bytes') },
  'adapters/memory': { rooms: ['^src/engine/ports(\\.ts$|/)', ...room('wire')] },
  'adapters/browser': { rooms: ['^src/engine/ports(\\.ts$|/)', ...room('wire')], packages: npm('dexie') },
  'adapters/node': { rooms: ['^src/engine/ports(\\.ts$|/)', ...room('wire')], packages: npm('lmdb', 'ws'), node: true },
  ui: { rooms: room('engine'), packages: npm('lit') },
  widget: { rooms: room('ui', 'engine', 'adapters/(browser|memory)', 'identity'), packages: npm('lit') },
  desk: { rooms: room('ui', 'engine', 'adapters/(browser|memory)', 'identity'), packages: npm('lit') },
  agent: { rooms: room('engine', 'adapters/(node|memory)'), node: true },
  relay: { rooms: room('wire', 'identity', 'bytes'), packages: [...npm('ws', 'lmdb'), noble], node: true },
  // The engine's connection and Node's adapters: docs/decisions/0020-office-uses-the-engines-connection.md
  cli: {
    rooms: room('relay', 'agent', 'identity', 'bytes', 'engine', 'adapters/node'),
    packages: npm('commander', 'age-encryption'),
    node: true,
  },
};

/** The vault's key is derived off the main thread: only the worker file among the adapters may name the vault. */
const vaultWorker = '^src/adapters/browser/[^/]*worker[^/]*\\.ts$';

const packageTypes = [
  'npm',
  'npm-dev',
  'npm-optional',
  'npm-peer',
  'npm-bundled',
  'npm-no-pkg',
  'npm-unknown',
  'unknown',
];

const rulesOf = ([name, { rooms: others = [], packages = [], node = false }]) => [
  {
    name: `${name}: rooms`,
    severity: 'error',
    from: { path: `^src/${name}/`, pathNot: vaultWorker },
    to: { path: '^(src|test|demo|tools)/', pathNot: [`^src/${name}/`, '^src/errors\\.ts$', ...others] },
  },
  {
    name: `${name}: packages`,
    severity: 'error',
    from: { path: `^src/${name}/` },
    to: {
      dependencyTypes: packageTypes,
      ...(packages.length > 0 ? { pathNot: packages } : {}),
    },
  },
  ...(node
    ? []
    : [
        {
          name: `${name}: no Node`,
          severity: 'error',
          from: { path: `^src/${name}/` },
          to: { dependencyTypes: ['core'] },
        },
      ]),
];

module.exports = {
  forbidden: [
    { name: 'no cycles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^secure-chat(/|$)' } },
    {
      name: 'no file outside a room',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/errors\\.ts$', ...Object.keys(rooms).map((name) => `^src/${name}/`)],
      },
      to: {},
    },
    { name: 'errors: nothing', severity: 'error', from: { path: '^src/errors\\.ts$' }, to: {} },
    ...Object.entries(rooms).flatMap(rulesOf),
    {
      name: 'vault worker: rooms',
      severity: 'error',
      from: { path: vaultWorker },
      to: {
        path: '^(src|test|demo|tools)/',
        pathNot: [
          '^src/adapters/browser/',
          '^src/errors\\.ts$',
          '^src/engine/ports(\\.ts$|/)',
          ...room('vault', 'wire'),
        ],
      },
    },
    {
      name: 'demo: public entry points only',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^(src|test|tools)/' },
    },
    {
      name: 'demo: no packages',
      severity: 'error',
      from: { path: '^demo/' },
      to: { dependencyTypes: packageTypes, pathNot: '^(dist/|secure-chat(/|$))' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: ['node_modules', '^dist/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
