// Without file names: every test that can run in Node. With file names: those alone (mocha would add `spec` to them).
const named = process.argv.slice(2).some((arg) => /\.test\.ts$|^(\.\/)?test(\/[\w-]+)*\/?$/.test(arg));
const inBrowsersOnly = 'test/**/*.browser.test.ts';

// The root tsconfig.json only refers to the projects: tsx would not see that decorators are the experimental ones.
process.env.TSX_TSCONFIG_PATH ??= 'tsconfig.base.json';

module.exports = {
  // As modules alone: loaded by `require` as well, what is imported later on (`import()`) would be loaded a second time.
  import: ['tsx/esm'],
  extension: ['ts'],
  timeout: 20_000,
  ignore: named ? [inBrowsersOnly] : [inBrowsersOnly, 'test/e2e/**', 'test/bench/**'],
  ...(named ? {} : { spec: ['test/**/*.test.ts'] }),
};
