import { z } from 'zod';

export const NAIVE_QUEUE = 'naive';

/** Everything is in the job, because the queue is the truth. */
export const naiveJob = z.object({
  deliveryId: z.string(),
  network: z.string(),
  account: z.string(),
  parts: z.array(z.string()),
});

/** What BullMQ's PostgreSQL backend connects to. */
export function postgresConnection(databaseUrl: string) {
  return { connectionString: databaseUrl, schema: 'naive', migrate: true, max: 3 };
}
