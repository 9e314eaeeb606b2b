import { defineConfig, mergeConfig } from 'vitest/config';

import base from '../../vitest.config.ts';

/** npm run test:security: every case of the targets. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      root: `${import.meta.dirname}/../..`,
      provide: { hasFullSecurityCounts: true },
      testTimeout: 900_000,
    },
  }),
);
