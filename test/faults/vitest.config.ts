import { defineConfig, mergeConfig } from 'vitest/config';

import base from '../../vitest.config.ts';

/** npm run test:faults: the campaigns with the counts of their targets. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      root: `${import.meta.dirname}/../..`,
      provide: { hasFullFaultCounts: true },
      testTimeout: 900_000,
      // One more than there are cores: in some campaigns most of the time is waiting.
      maxWorkers: 3,
    },
  }),
);
