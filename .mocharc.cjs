// Without file names: every test that can run in Node. With file names: those and no others (mocha would add `spec` to them).
const named = process.argv.slice(2).some((arg) => /\.test\.ts$|^(\.\/)?test\//.test(arg));

module.exports = {
  import: ['tsx'],
  extension: ['ts'],
  timeout: 20_000,
  ...(named
    ? {}
    : { spec: ['test/**/*.test.ts'], ignore: ['test/**/*.browser.test.ts', 'test/e2e/**', 'test/bench/**'] }),
};
