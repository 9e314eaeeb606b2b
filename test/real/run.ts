// npm run test:real: installs the real network servers, the real MCP clients and an S3 server on the first run (about a
// minute and a half), then tests with them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const projectRoot = path.join(here, '../..');

for (const name of ['real-networks', 'real-clients', 'real-storage']) {
  const folder = path.join(projectRoot, 'test', name);
  if (existsSync(path.join(folder, 'node_modules/.package-lock.json'))) continue;
  process.stdout.write(`Installing test/${name} (once).\n`);
  // No install script is needed: the one native module that is used ships built.
  run('npm', ['ci', '--ignore-scripts'], folder);
}
const vitest = path.join(projectRoot, 'node_modules/vitest/vitest.mjs');
const config = path.join(here, 'vitest.config.ts');
run(process.execPath, [vitest, 'run', '--config', config, ...process.argv.slice(2)], projectRoot);

function run(program: string, args: string[], cwd: string): void {
  const { status, error } = spawnSync(program, args, { cwd, stdio: 'inherit' });
  if (error) process.stderr.write(`${program} could not be started: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}
