import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

/** Notes that a person saw these entries of the team's Playground. Everybody counts once, however often they look. */
export async function seeTimeline(
  { db }: Context,
  { teamId, personId }: Caller,
  ids: readonly string[],
): Promise<void> {
  await db.$executeRaw`
    update playground_post set viewed_by = array_append(viewed_by, ${personId})
    where team_id = ${teamId} and id = any(${[...ids]}) and not ${personId} = any(viewed_by)`;
}
