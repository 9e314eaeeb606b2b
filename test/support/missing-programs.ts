import { globSync, readFileSync } from 'node:fs';

import { findChromium } from './find-chromium.ts';
import { findRedisServer } from './redis.ts';

const USES_CHROMIUM = /support\/browser\.ts|playwright-core/;
const USES_REDIS = /hasRedisServer\(\)/;

/**
 * The test files that cannot run because a program is missing, each program told in one line with the count of what it
 * leaves out.
 * @throws Error under CI=true, where nothing may be left out
 */
export function leaveOutForMissingPrograms(): string[] {
  const files = globSync('test/**/*.test.ts', { exclude: ['test/real-*/**'] });
  const using = (pattern: RegExp) => files.filter((file) => pattern.test(readFileSync(file, 'utf8')));
  const lines: string[] = [];
  const leftOut = findChromium() ? [] : using(USES_CHROMIUM);
  if (leftOut.length > 0) {
    lines.push(
      `Left out: ${leftOut.length} test files that need Chromium. Install chromium or set CHROMIUM_PATH.`,
    );
  }
  if (!findRedisServer()) {
    lines.push(`Left out: the Redis half of ${using(USES_REDIS).length} test files. Install redis-server.`);
  }
  if (lines.length > 0 && process.env['CI'] === 'true') throw new Error(lines.join('\n'));
  for (const line of lines) process.stderr.write(`${line}\n`);
  return leftOut;
}
