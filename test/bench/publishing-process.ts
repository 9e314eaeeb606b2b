// A worker process as `npm run workers` runs it, with a network that takes its time and is nowhere. Measured by the benches beside it.
import { setTimeout as pause } from 'node:timers/promises';

import { readConfig } from '../../server/config.ts';
import { openContext } from '../../server/context.ts';
import type { Network } from '../../server/networks/network.ts';
import { startWorkers } from '../../workers/start-workers.ts';
import { reportReady } from './measured-process.ts';

const networkMs = Number(process.argv[2]);
const config = readConfig(process.env);
const context = openContext({
  config,
  publicUrl: config.publicUrl!,
  databaseUrl: config.databaseUrl!,
  secretKey: config.secretKey!,
});
const network: Network = {
  ...context.networks.get('playground')!,
  async prepare() {
    return null;
  },
  async send({ part }) {
    await pause(networkMs);
    return { remoteId: part.key, remoteUrl: `https://network.example/${part.key}` };
  },
};
const networks = new Map(context.networks).set('playground', network);
const workers = await startWorkers({ ...context, networks });
reportReady({}, async () => {
  await workers.stop();
  await context[Symbol.asyncDispose]();
});
