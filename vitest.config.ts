import { defineConfig } from 'vitest/config';

import { leaveOutForMissingPrograms } from './test/support/missing-programs.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real-*/**', '**/node_modules/**', ...leaveOutForMissingPrograms()],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two: each file has its own database, server and browser, and the gate's machine has two cores.
    maxWorkers: 2,
    // Prisma's engine is a WebAssembly module, and Node warns of every one.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
});
