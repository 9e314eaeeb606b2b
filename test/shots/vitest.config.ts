import { defineConfig, mergeConfig } from 'vitest/config';

import base from '../../vitest.config.ts';

/** npm run screenshots: pictures of every page, and those of the README. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  defineConfig({
    test: {
      root: `${import.meta.dirname}/../..`,
      include: ['test/shots/*.shots.ts'],
      testTimeout: 3_600_000,
      hookTimeout: 300_000,
      maxWorkers: 1,
    },
  }),
);
