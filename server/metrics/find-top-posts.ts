import type { Prisma } from '../../prisma/generated/client.ts';
import type { Context } from '../context.ts';
import { toExcerpt } from '../posts/excerpt.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { ENGAGEMENT_SQL, LATEST_LOOK_SQL } from './latest-look.ts';
import { perThousandViews } from './numbers.ts';

export interface TopPost {
  postId: string;
  /** The beginning of its text, one line. */
  excerpt: string;
  networks: string[];
  publishedAt: Date;
  localTime: string;
  /** Likes, comments and shares over its channels. */
  engagement: number;
  views: number | null;
  /** Engagement per 1,000 views, over the channels that tell both. */
  perThousandViews: number | null;
}

const DEFAULT_LIMIT = 3;

/** The posts with the most engagement; one whose networks tell none of it is not among them. `where` is as in sumNumbers. */
export async function findTopPosts(
  context: Pick<Context, 'db'>,
  { where, timeZone, limit = DEFAULT_LIMIT }: { where: Prisma.Sql; timeZone: string; limit?: number },
): Promise<TopPost[]> {
  const rows = await context.db.$queryRaw<Row[]>`
    with top as (
      select d.post_id, sum(${ENGAGEMENT_SQL})::float8 as engagement, sum(s.views)::float8 as views,
        (sum(${ENGAGEMENT_SQL}) filter (where s.views is not null))::float8 as "seenEngagement",
        min(d.published_at) as "publishedAt", array_agg(distinct c.network) as networks
      from delivery d
      join post p on p.id = d.post_id
      join channel c on c.id = d.channel_id
      ${LATEST_LOOK_SQL}
      where d.state in ('published', 'taken_down') and ${where}
      group by d.post_id
      having sum(${ENGAGEMENT_SQL}) is not null
      order by engagement desc, min(d.published_at) desc, d.post_id
      limit ${limit}
    )
    select top.*, top.post_id as "postId", left(r.text, 200) as text
    from top
    join post p on p.id = top.post_id
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    order by top.engagement desc, top."publishedAt" desc, top.post_id`;
  return rows.map((row) => ({
    postId: row.postId,
    excerpt: toExcerpt(row.text),
    networks: row.networks,
    publishedAt: row.publishedAt,
    localTime: formatLocalTime(row.publishedAt, timeZone),
    engagement: row.engagement,
    views: row.views,
    perThousandViews: perThousandViews(row.seenEngagement, row.views),
  }));
}

interface Row {
  postId: string;
  text: string;
  networks: string[];
  publishedAt: Date;
  engagement: number;
  seenEngagement: number | null;
  views: number | null;
}
