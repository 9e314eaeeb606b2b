import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';

/** Deliveries of a post whose time has come, whatever state they are in. */
export async function findDue(
  { db }: Pick<Context, 'db'>,
  { teamId }: PersonCaller,
  postId: string,
): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    select id from delivery where team_id = ${teamId} and post_id = ${postId} and due_at <= clock_timestamp()`;
  return new Set(rows.map(({ id }) => id));
}
