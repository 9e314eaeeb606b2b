import type { Context } from '../context.ts';
import { TRASH_DAYS } from './discarded-conflict.ts';

const POSTS_AT_ONCE = 500;

/** Removes for good what has been in the trash too long, with all it said; what people did about it stays on record. */
export async function purgeDiscarded({ db }: Pick<Context, 'db'>): Promise<number> {
  return db.$executeRaw`
    delete from post where id in (
      select id from post where discarded_at < clock_timestamp() - make_interval(days => ${TRASH_DAYS}::int)
      order by discarded_at limit ${POSTS_AT_ONCE}::int for update skip locked)`;
}
