import type { Context } from '../context.ts';

/** Steps of clients are forgotten after 30 days; what must be kept stands in the activity. */
export async function purgeClientEvents({ db }: Pick<Context, 'db'>): Promise<void> {
  await db.$executeRaw`delete from client_event where at < clock_timestamp() - interval '30 days'`;
}
