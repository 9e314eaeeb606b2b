import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

/** The latest so many rows are counted at most, so that the question costs the same in every team. */
const MOST = 5_000;

/** What a delivery came to; the states that it only passes through are left out. */
const OUTCOMES = ['published', 'held', 'failed', 'missed', 'unknown', 'needs_attention', 'taken_down'];

/** How often deliveries came to each outcome since an instant, by the outcome's name; what never happened is left out. */
export async function countOutcomes(
  context: Pick<Context, 'db'>,
  caller: Caller,
  { since, postId }: { since: Date; postId: string | undefined },
): Promise<Record<string, number>> {
  const actions = OUTCOMES.map((outcome) => `delivery.${outcome}`);
  const rows = await context.db.$queryRaw<{ outcome: string; count: number }[]>`
    select split_part(action, '.', 2) as outcome, count(*)::int as count
    from (
      select action from activity
      where team_id = ${caller.teamId} and at >= ${since} and action = any(${actions})
        ${postId ? Prisma.sql`and target = ${postId}` : Prisma.empty}
      order by at desc
      limit ${MOST}
    ) latest
    group by action`;
  const counts = new Map(rows.map(({ outcome, count }) => [outcome, count]));
  return Object.fromEntries(
    OUTCOMES.flatMap((outcome) => (counts.has(outcome) ? [[outcome, counts.get(outcome)!]] : [])),
  );
}
