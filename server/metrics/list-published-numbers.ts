import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { PostNumbers } from '../networks/network.ts';
import { publishedIn, type MetricsFilter, type TeamWindow } from './get-team-metrics.ts';
import { LATEST_LOOK_SQL } from './latest-look.ts';

const MOST = 10_000;

export interface PublishedNumbers extends PostNumbers {
  postId: string;
  publishedAt: Date;
  /** In the team's zone: 2026-12-01. */
  day: string;
  network: string;
  handle: string;
  campaignName: string;
  /** What it says on this channel. */
  text: string;
  url: string | null;
  /** Null before the first look at its numbers. */
  capturedAt: Date | null;
}

/** Each publication of a window with its latest numbers, the newest first; at most 10,000. */
export async function listPublishedNumbers(
  context: Pick<Context, 'db'>,
  caller: Caller,
  window: TeamWindow,
  filter: MetricsFilter,
): Promise<PublishedNumbers[]> {
  return context.db.$queryRaw<PublishedNumbers[]>`
    select d.post_id as "postId", d.published_at as "publishedAt",
      (d.published_at at time zone ${window.timeZone})::date::text as day,
      c.network, c.handle, k.name as "campaignName", array_to_string(cap.parts, E'\n\n') as text,
      d.remote_url as url, s.captured_at as "capturedAt", s.views, s.likes, s.comments, s.shares, s.clicks
    from delivery d
    join post p on p.id = d.post_id
    join campaign k on k.id = p.campaign_id
    join channel c on c.id = d.channel_id
    join caption cap on cap.post_id = d.post_id and cap.rev = d.rev and cap.channel_id = d.channel_id
    ${LATEST_LOOK_SQL}
    where d.state in ('published', 'taken_down') and ${publishedIn(caller, window, filter)}
    order by d.published_at desc, d.id desc
    limit ${MOST}`;
}
