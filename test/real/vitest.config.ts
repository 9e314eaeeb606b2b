import path from 'node:path';

import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: path.join(import.meta.dirname, '../..'),
  test: {
    include: ['test/real-*/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // A hang ends here; how long a run takes is no matter of these tests.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
});
