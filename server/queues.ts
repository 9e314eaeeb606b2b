import { createPostgresBackend, Queue, Worker, type JobsOptions } from 'bullmq';
import type pg from 'pg';
import { z } from 'zod';

import { idPattern } from './ids.ts';
import type { Logger } from './log.ts';

const PUBLISH = 'publish';
/** Longer than this and the hint counts as not given; a hint that arrives all the same changes nothing. */
const HINT_TIMEOUT_MS = 2_000;
const WORKER_RETRY_MS = 5_000;
/** Enough for adding, fetching and settling hints; the state of a delivery is not read through these. */
const POOL_CONNECTIONS = 3;
/** A hint is tried once: what to do next is decided from the delivery's row, never by a queue's counter. */
const HINT_OPTIONS: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Where to look, and whose time it takes. */
export interface PublishHint {
  deliveryId: string;
  teamId: string;
}

const hint = z.strictObject({
  deliveryId: z.string().regex(idPattern('delivery')),
  teamId: z.string().regex(idPattern('team')),
});

export interface QueueSettings {
  databaseUrl: string;
  /** BullMQ lives on Redis when set, on PostgreSQL (schema `bullmq`) otherwise. */
  redisUrl: string | undefined;
  log: Logger;
}

/** Jobs are hints: a lost, doubled, late or forged one changes nothing about what is published. */
export interface Queues {
  /** Rejects when the queue cannot take the hints now. */
  hintPublish(hints: readonly PublishHint[]): Promise<void>;
  startPublishWorker(handler: (hint: PublishHint) => Promise<void>, concurrency: number): PublishWorker;
  close(): Promise<void>;
}

export interface PublishWorker {
  /** Takes no more hints and waits for those in hand. */
  stop(): Promise<void>;
}

/** Connects on first use only, so that a process that neither hints nor works opens nothing. */
export function openQueues(settings: QueueSettings): Queues {
  const { log } = settings;
  const backend = settings.redisUrl ? redisBackend(settings.redisUrl) : postgresBackend(settings.databaseUrl);
  const onError = (error: Error) => log.warn({ error: error.message }, 'the publish queue is not well');
  let queue: OpenQueue | undefined;

  return {
    async hintPublish(hints) {
      const open = (queue ??= backend.openQueue(onError));
      try {
        await within(HINT_TIMEOUT_MS, open.add(hints));
      } catch (error) {
        // PostgreSQL's backend remembers a failed first connection for ever: the next hint starts anew.
        if (queue === open && backend.remembersFailure) {
          queue = undefined;
          void open.close().catch(onError);
        }
        throw error;
      }
    },
    startPublishWorker(handler, concurrency) {
      const process = async (data: unknown) => {
        const parsed = hint.safeParse(data);
        if (parsed.success) await handler(parsed.data);
        else log.warn('a job that is no hint was dropped');
      };
      return keepWorkerRunning(() => backend.openWorker(process, concurrency, onError), onError);
    },
    async close() {
      const open = queue;
      queue = undefined;
      await open?.close().catch(onError);
    },
  };
}

type OnError = (error: Error) => void;

interface OpenQueue {
  add(hints: readonly PublishHint[]): Promise<unknown>;
  close(): Promise<void>;
}

interface OpenWorker {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

interface Backend {
  remembersFailure: boolean;
  openQueue(onError: OnError): OpenQueue;
  openWorker(process: (data: unknown) => Promise<void>, concurrency: number, onError: OnError): OpenWorker;
}

function postgresBackend(databaseUrl: string): Backend {
  const connection = {
    connectionString: databaseUrl,
    schema: 'bullmq',
    migrate: true,
    max: POOL_CONNECTIONS,
    // One that is lost while the queue makes its tables is heard of by nobody else, and that would end the process.
    onConnect: (client: pg.ClientBase) => void client.on('error', () => {}),
  };
  return {
    remembersFailure: true,
    openQueue(onError) {
      const queue = new Queue(PUBLISH, { connection }, createPostgresBackend).on('error', onError);
      return { add: (hints) => queue.addBulk(toJobs(hints)), close: () => queue.close() };
    },
    openWorker: (process, concurrency, onError) =>
      new Worker(PUBLISH, (job) => process(job.data), { connection, concurrency }, createPostgresBackend).on(
        'error',
        onError,
      ),
  };
}

function redisBackend(redisUrl: string): Backend {
  return {
    remembersFailure: false,
    openQueue(onError) {
      // Without the offline queue a hint fails at once while Redis is away, and the due scan publishes by itself.
      const connection = { url: redisUrl, enableOfflineQueue: false, maxRetriesPerRequest: 1 };
      const queue = new Queue(PUBLISH, { connection }).on('error', onError);
      return {
        add: async (hints) => {
          await queue.waitUntilReady();
          await queue.addBulk(toJobs(hints));
        },
        close: () => queue.close(),
      };
    },
    openWorker: (process, concurrency, onError) =>
      new Worker(PUBLISH, (job) => process(job.data), {
        connection: { url: redisUrl, maxRetriesPerRequest: null },
        concurrency,
      }).on('error', onError),
  };
}

function toJobs(hints: readonly PublishHint[]) {
  return hints.map(({ deliveryId, teamId }) => ({
    ...{ name: PUBLISH, data: { deliveryId, teamId }, opts: HINT_OPTIONS },
  }));
}

/** A worker whose first connection fails never recovers by itself: it is opened again until it is ready. */
function keepWorkerRunning(open: () => OpenWorker, onError: OnError): PublishWorker {
  let isStopping = false;
  let retry: NodeJS.Timeout | undefined;
  let worker: OpenWorker | undefined;
  const start = () => {
    if (isStopping) return;
    const opened = (worker = open());
    opened.waitUntilReady().catch(async (error: Error) => {
      onError(error);
      if (isStopping || worker !== opened) return;
      worker = undefined;
      retry = setTimeout(start, WORKER_RETRY_MS);
      await opened.close().catch(onError);
    });
  };
  start();
  return {
    async stop() {
      isStopping = true;
      clearTimeout(retry);
      await worker?.close().catch(onError);
    },
  };
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error('the queue did not answer in time')), timeoutMs);
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
