/** Measures the bearer check in a process of its own, as the MCP endpoint runs it: P3. */
import { readConfig } from '../../server/config.ts';
import { openContext } from '../../server/context.ts';
import { findBearer } from '../../server/oauth/bearer.ts';
import { median } from './figures.ts';
import { reportReady } from './measured-process.ts';

const ROUNDS = 10;
const CHECKS_PER_ROUND = 5_000;
const AT_ONCE = 16;

const config = readConfig(process.env);
const context = openContext({
  config,
  publicUrl: config.publicUrl!,
  databaseUrl: config.databaseUrl!,
  secretKey: config.secretKey!,
});
const token = process.argv[2]!;

async function check(count: number): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const { kind } = await findBearer(context, token, '127.0.0.1');
      if (kind !== 'ok') throw new Error(`the token is ${kind}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

await check(CHECKS_PER_ROUND);
const cpuUs: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const before = process.cpuUsage();
  await check(CHECKS_PER_ROUND);
  const { user, system } = process.cpuUsage(before);
  cpuUs.push((user + system) / CHECKS_PER_ROUND);
}
reportReady({ cpuUs: median(cpuUs).toFixed(1) }, () => Promise.resolve(context[Symbol.asyncDispose]()));
