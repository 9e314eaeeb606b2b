// What the campaign is for: a publisher without a guard. Its queue is the truth, it sends and then says that it did, and what
// failed it tries again. The networks, the workers' deaths and the faults are the campaign's own.
import { createPostgresBackend, Worker, type Job } from 'bullmq';

import { createGuardedFetch } from '../../server/fetch.ts';
import type { Part } from '../../server/networks/network.ts';
import { createCrashHooks } from './crash-orders.ts';
import { naiveJob, NAIVE_QUEUE, postgresConnection } from './naive-job.ts';
import { createPersonalityNetworks } from './personality-network.ts';

const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, ALLOW_PRIVATE_HOSTS: hosts } = process.env;
const fetch = createGuardedFetch([hosts!]);
const networks = createPersonalityNetworks(process.argv[2]!, createCrashHooks());

async function publish({ data }: Job): Promise<void> {
  const { deliveryId, network: networkId, account, parts } = naiveJob.parse(data);
  const network = networks.get(networkId)!;
  const channel = {
    channelId: account,
    remoteAccountId: account,
    handle: account,
    credentials: undefined,
    grantedScopes: [],
  };
  for (const [at, text] of parts.entries()) {
    const frozenAt = new Date();
    const key = network.newKey(deliveryId, at + 1, frozenAt);
    const call = (prepared: unknown) => {
      const part: Part = {
        ...{ deliveryId, partNo: at + 1, text, key, frozenAt },
        ...{ media: [], prepared, earlier: [] },
      };
      return { channel, part, fetch, signal: AbortSignal.timeout(network.sendTimeoutMs) };
    };
    const send = call(await network.prepare(call(null)));
    network.payloadOf(send.part, channel);
    await network.send(send);
  }
}

const OPTIONS = { concurrency: 3, lockDuration: 2_000, stalledInterval: 1_000 };
const onError = () => undefined;

function startWorker(): void {
  if (redisUrl) {
    const connection = { url: redisUrl, maxRetriesPerRequest: null };
    new Worker(NAIVE_QUEUE, publish, { ...OPTIONS, connection }).on('error', onError);
    return;
  }
  const connection = postgresConnection(databaseUrl!);
  new Worker(NAIVE_QUEUE, publish, { ...OPTIONS, connection }, createPostgresBackend).on('error', onError);
}

process.on('message', (message) => {
  if (message === 'start') startWorker();
});
process.on('disconnect', () => process.exit(1));
process.send?.('ready');
