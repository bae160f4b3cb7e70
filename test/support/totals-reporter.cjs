// mocha's dots on the screen, and the totals in the file TEST_TOTALS for test/run.mjs.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class TotalsReporter extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(process.env.TEST_TOTALS, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
};
