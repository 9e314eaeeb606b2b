// npm run test:real: installs the real network servers on the first run (about a minute), then tests against them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const projectRoot = path.join(here, '../..');

if (!existsSync(path.join(here, 'node_modules/.package-lock.json'))) {
  process.stdout.write('Installing the real network servers for the tests (once, about a minute).\n');
  // No install script is needed: the one native module ships built, against a Node interface that stays the same.
  run('npm', ['ci', '--ignore-scripts'], here);
}
const vitest = path.join(projectRoot, 'node_modules/vitest/vitest.mjs');
const config = path.join(here, 'vitest.config.ts');
run(process.execPath, [vitest, 'run', '--config', config, ...process.argv.slice(2)], projectRoot);

function run(program: string, args: string[], cwd: string): void {
  const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (error) process.stderr.write(`${program} could not be started: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}
