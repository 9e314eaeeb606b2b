import type { Transaction } from '../database/client.ts';

/**
 * Another post of the team, drafted in the 24 hours before this one or due within 24 hours of now, that says the very
 * same on one of the same channels. The newest one's id, or null.
 */
export async function findDuplicate(tx: Transaction, teamId: string, postId: string): Promise<string | null> {
  const [duplicate] = await tx.$queryRaw<{ id: string }[]>`
    with recent as (
      select p.id, p.rev from post p
      where p.team_id = ${teamId} and p.discarded_at is null and p.created_at > now() - interval '24 hours'
      union
      select p.id, p.rev from delivery d join post p on p.id = d.post_id
      where d.team_id = ${teamId} and d.state in ('awaiting_approval', 'scheduled', 'published')
        and d.due_at between now() - interval '24 hours' and now() + interval '24 hours'
    )
    select recent.id
    from recent
    join caption other on other.post_id = recent.id and other.rev = recent.rev
    join post on post.id = ${postId}
    join caption mine on mine.post_id = post.id and mine.rev = post.rev
      and mine.channel_id = other.channel_id and mine.parts = other.parts
    where recent.id <> ${postId}
    order by recent.id desc
    limit 1`;
  return duplicate?.id ?? null;
}
