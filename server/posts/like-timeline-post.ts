import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findTimelinePost } from './find-timeline.ts';

/**
 * A person of the team, in whatever role, likes an entry of its Playground, or no longer does: one like each.
 * @throws AppError NotFound
 */
export async function likeTimelinePost(
  context: Context,
  caller: Caller,
  { id, isLiked }: { id: string; isLiked: boolean },
): Promise<void> {
  const { teamId, personId } = caller;
  const entry = await findTimelinePost(context, caller, id);
  await context.db.$executeRaw`
    update playground_post
    set liked_by = array_remove(liked_by, ${personId}) || case when ${isLiked} then array[${personId}] else '{}' end
    where team_id = ${teamId} and id = ${entry.id}`;
}
