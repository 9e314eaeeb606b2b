import type { Transaction } from '../database/client.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';

export interface Neighbour {
  postId: string;
  channelId: string;
  /** It says the very same. */
  isDuplicate: boolean;
}

/** Other posts on the same channels: those within 5 minutes of a time, and those within 24 hours that say the very same. */
export async function findNeighbours(
  tx: Transaction,
  teamId: string,
  post: LockedPost,
  deliveries: readonly LockedDelivery[],
  at: Date,
): Promise<Neighbour[]> {
  return tx.$queryRaw<Neighbour[]>`
    select d.post_id as "postId", d.channel_id as "channelId", other.parts = mine.parts as "isDuplicate"
    from caption mine
    join delivery d on d.channel_id = mine.channel_id and d.post_id <> mine.post_id
    join caption other on other.post_id = d.post_id and other.rev = d.rev and other.channel_id = d.channel_id
    where mine.post_id = ${post.id} and mine.rev = ${post.rev}
      and mine.channel_id = any(${deliveries.map(({ channelId }) => channelId)})
      and d.team_id = ${teamId}
      and d.state in ('awaiting_approval', 'scheduled', 'claimed', 'prepared', 'sending', 'unknown', 'published')
      and d.due_at between ${at}::timestamptz - interval '24 hours' and ${at}::timestamptz + interval '24 hours'
      and (other.parts = mine.parts
        or d.due_at between ${at}::timestamptz - interval '5 minutes' and ${at}::timestamptz + interval '5 minutes')
    order by d.due_at, d.id
    limit 10`;
}
