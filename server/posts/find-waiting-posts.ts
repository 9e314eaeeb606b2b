import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

export interface WaitingPost {
  connectionId: string;
  postId: string;
  excerpt: string;
  dueAt: Date | null;
  /** held: stopped with the connection; the others still go on under it. */
  isHeld: boolean;
}

/** Posts of the team that wait under a connection, by the time they are due; at most 500. */
export async function findWaitingPosts(
  context: Context,
  caller: Caller,
  connectionId: string | null = null,
): Promise<WaitingPost[]> {
  return context.db.$queryRaw<WaitingPost[]>`
    select d.scheduled_by_connection_id as "connectionId", d.post_id as "postId", left(min(r.text), 160) as excerpt,
      min(d.due_at) as "dueAt", bool_or(d.state = 'held') as "isHeld"
    from delivery d join post_revision r on r.post_id = d.post_id and r.rev = d.rev
    where d.team_id = ${caller.teamId} and d.scheduled_by_connection_id is not null
      and (${connectionId}::text is null or d.scheduled_by_connection_id = ${connectionId})
      and d.state in ('scheduled', 'awaiting_approval', 'held')
    group by d.scheduled_by_connection_id, d.post_id
    order by min(d.due_at), d.post_id
    limit 500`;
}
