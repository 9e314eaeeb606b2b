// A worker process of the campaign: the product's, but that it publishes to the campaign's networks (whose address is its
// argument), starts when it is told to, so that a new one is at hand when another dies, and dies when it is told to.
import { flushCompileCache } from 'node:module';

import { readConfig } from '../../server/config.ts';
import { openContext } from '../../server/context.ts';
import { startWorkers, type RunningWorkers } from '../../workers/start-workers.ts';
import { createCrashHooks } from './crash-orders.ts';
import { createPersonalityNetworks } from './personality-network.ts';
import { shiftClock } from './shift-clock.ts';

shiftClock(Number(process.env['FAULT_CLOCK_SHIFT_MS'] ?? 0));

const config = readConfig(process.env);
const opened = openContext({
  config,
  publicUrl: 'http://127.0.0.1:3000',
  databaseUrl: config.databaseUrl!,
  secretKey: config.secretKey!,
});
const context = { ...opened, networks: createPersonalityNetworks(process.argv[2]!, createCrashHooks()) };
let workers: Promise<RunningWorkers> | undefined;

process.on('message', (message) => {
  if (message === 'start') workers ??= startWorkers(context);
});
process.on('SIGTERM', async () => {
  await (await workers)?.stop();
  await opened[Symbol.asyncDispose]();
  process.exit(0);
});
// The campaign is gone.
process.on('disconnect', () => process.exit(1));
await opened.db.$queryRaw`select 1`.catch(() => undefined);
// Who is killed keeps nothing for the next one.
flushCompileCache();
process.send?.('ready');
