import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

/** What went out of a post in the same words. */
export interface PublishedPost {
  postId: string;
  /** When it did last. */
  publishedAt: Date;
  /** The beginning of what it says there; null for pictures alone. */
  excerpt: string | null;
  /** Newest first. */
  places: PublishedPlace[];
}

export interface PublishedPlace {
  network: string;
  handle: string;
  imitates: string | null;
  /** Where it can be read on the network. */
  url: string | null;
}

type Row = PublishedPlace & Omit<PublishedPost, 'places'>;

/** Among how many deliveries posts are looked for: a post seldom goes to more channels than this for each. */
const CHANNELS = 8;

/** What went out last, newest first. */
export async function findPublished(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  limit: number,
): Promise<PublishedPost[]> {
  // As the calendar's index has it.
  const rows = await db.$queryRaw<Row[]>`
    select d.post_id as "postId", c.network, c.handle, c.imitates, d.published_at as "publishedAt", d.remote_url as url,
      left(cap.parts[1], 160) as excerpt
    from delivery d
    join channel c on c.id = d.channel_id
    join caption cap on cap.post_id = d.post_id and cap.rev = d.rev and cap.channel_id = d.channel_id
    where d.team_id = ${teamId} and d.state = 'published'
      and coalesce(d.published_at, d.due_at) <= clock_timestamp()
    order by coalesce(d.published_at, d.due_at) desc, d.id desc
    limit ${limit * CHANNELS}`;
  const groups = Map.groupBy(rows, ({ postId, excerpt }) => `${postId} ${excerpt}`);
  return [...groups.values()].slice(0, limit).map((group) => {
    const { postId, publishedAt, excerpt } = group[0]!;
    const places = group.map(({ network, handle, imitates, url }) => ({ network, handle, imitates, url }));
    return { postId, publishedAt, excerpt, places };
  });
}
