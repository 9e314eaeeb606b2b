// A worker process as `npm run workers` runs it, without the start-up around it. Killed by the tests beside it.
import { flushCompileCache } from 'node:module';

import { readConfig } from '../../server/config.ts';
import { openContext } from '../../server/context.ts';
import { startWorkers } from '../../workers/start-workers.ts';

const config = readConfig(process.env);
const context = openContext({
  config,
  publicUrl: 'http://127.0.0.1:3000',
  databaseUrl: config.databaseUrl!,
  secretKey: config.secretKey!,
});
await startWorkers(context);
// Who is killed keeps nothing for the next one.
flushCompileCache();
process.send?.('ready');
