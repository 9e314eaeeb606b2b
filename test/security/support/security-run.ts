import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** True in `npm run test:security`: the counts of the targets instead of a short form of each. */
    hasFullSecurityCounts?: boolean;
  }
}

export function isFullSecurityRun(): boolean {
  return inject('hasFullSecurityCounts') === true;
}
