/**
 * Runs in a frame with the policy that the relay serves the desk with: goes through the desk and tells what was blocked.
 * @module
 */
const blocked: string[] = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
  blocked.push(`${violatedDirective} ${blockedURI} ${sample}`);
});

/** `origin`, not `location.origin`: this document has no address of its own. */
async function tell(reached: string): Promise<void> {
  // The event about what was blocked comes in a task of its own.
  await new Promise((resolve) => setTimeout(resolve, 50));
  parent.postMessage({ blocked, reached }, origin);
}

// Only now: what is blocked while the desk's modules run is to be heard too.
import('./policy-walk.ts').then(({ walk }) => walk()).then(tell, (error: unknown) => tell(String(error)));

export {};
