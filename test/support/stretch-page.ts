/**
 * Runs in a frame with a policy: stretches a PIN in the worker, if it may, and tells what came of it and what was reported.
 * @module
 */
import { workerStretcher } from '../../src/adapters/browser/pin-stretcher.ts';
import { LEAST_STRETCH } from '../../src/vault/pin-parameters.ts';
import { codeOf } from '../../src/errors.ts';

/** What the frame tells: of two attempts, and the directives that were violated. */
export interface StretchReport {
  readonly outcomes: readonly string[];
  readonly able: boolean | null;
  readonly violations: readonly string[];
}

const violations: string[] = [];
document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => violations.push(effectiveDirective));

async function run(): Promise<StretchReport> {
  const stretcher = workerStretcher();
  const outcomes: string[] = [];
  for (let i = 0; i < 2; i++) {
    const attempt = stretcher?.stretch('4711', new Uint8Array(32).fill(1), LEAST_STRETCH);
    outcomes.push(await (attempt?.then((bytes) => bytes.slice(0, 4).join(), codeOf) ?? 'not tried'));
  }
  // The event about what was blocked comes in a task of its own.
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { outcomes, able: stretcher?.able ?? null, violations };
}

run().then(
  (report) => parent.postMessage({ report }, '*'),
  (error: unknown) => parent.postMessage({ report: { outcomes: [String(error)], able: null, violations } }, '*'),
);
