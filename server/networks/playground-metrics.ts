import type { Database } from '../database/client.ts';
import type { ChannelNumbers, PostNumbers, RemoteCall } from './network.ts';

export const PLAYGROUND_MEASURE_BATCH = 200;

/** How many people saw an entry and how many like it; the Playground has no comments, shares and links that count. */
export async function measurePlaygroundPosts(
  db: Database,
  { channel }: RemoteCall,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  const rows = await db.$queryRaw<{ id: string; views: number; likes: number }[]>`
    select id, cardinality(viewed_by) as views, cardinality(liked_by) as likes
    from playground_post where channel_id = ${channel.channelId} and id = any(${[...remoteIds]})`;
  return new Map(
    rows.map(({ id, views, likes }) => [id, { views, likes, comments: null, shares: null, clicks: null }]),
  );
}

/** Whoever is in the team follows its Playground. */
export async function measurePlaygroundChannel(
  db: Database,
  { channel }: RemoteCall,
): Promise<ChannelNumbers> {
  const [row] = await db.$queryRaw<ChannelNumbers[]>`
    select (select count(*)::int from membership m where m.team_id = c.team_id) as followers,
      (select count(distinct p.delivery_id)::int from playground_post p where p.channel_id = c.id) as posts
    from channel c where c.id = ${channel.channelId}`;
  if (!row) throw new Error('the Playground channel is gone');
  return row;
}
