import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

export interface PublishedDelivery {
  postId: string;
  network: string;
  handle: string;
  publishedAt: Date;
  /** Where it can be read on the network. */
  url: string | null;
  /** The beginning of what it says there. */
  excerpt: string;
}

/** What went out last, newest first. */
export async function findPublished(
  context: Context,
  caller: Caller,
  limit: number,
): Promise<PublishedDelivery[]> {
  return context.db.$queryRaw<PublishedDelivery[]>`
    select d.post_id as "postId", c.network, c.handle, d.published_at as "publishedAt", d.remote_url as url,
      left(cap.parts[1], 160) as excerpt
    from delivery d
    join channel c on c.id = d.channel_id
    join caption cap on cap.post_id = d.post_id and cap.rev = d.rev and cap.channel_id = d.channel_id
    where d.team_id = ${caller.teamId} and d.state = 'published'
    order by d.published_at desc, d.id desc
    limit ${limit}`;
}
