import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { PostNumbers } from '../networks/network.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { LATEST_LOOK_SQL } from './latest-look.ts';
import { FIRST_LOOK_MINUTES } from './look-times.ts';
import { engagementOf, METRICS, perThousandViews, type Metric } from './numbers.ts';

/**
 * measured: the numbers are there. waiting: published, and not asked for yet. not_published: nothing to ask for.
 * gone: the network no longer has the post; the numbers are the last there were. not_told: the network tells none.
 */
export type MeasureStatus = 'measured' | 'waiting' | 'not_published' | 'gone' | 'not_told';

export interface ChannelMetrics extends PostNumbers {
  channelId: string;
  network: string;
  handle: string;
  status: MeasureStatus;
  capturedAt: Date | null;
  /** Likes, comments and shares together, as far as they are known. */
  engagement: number | null;
  /** Engagement per 1,000 views. */
  perThousandViews: number | null;
  /** What the network does not tell: unknown, and not 0. */
  unsupported: Metric[];
}

export interface PostMetrics {
  postId: string;
  /** The oldest of the latest looks: every number is at least as new. Null before the first. */
  capturedAt: Date | null;
  localTime: string | null;
  /** The team's IANA zone. */
  timeZone: string;
  channels: ChannelMetrics[];
  /** Why there are no numbers, where there are none. */
  note: string | null;
}

/** The latest numbers of a post, channel by channel; of a thread those of its first part. @throws AppError NotFound */
export async function getPostMetrics(
  context: Pick<Context, 'db' | 'networks'>,
  caller: Caller,
  { postId }: { postId: string },
): Promise<PostMetrics> {
  const rows = await context.db.$queryRaw<Row[]>`
    select t.time_zone as "timeZone", d.channel_id as "channelId", c.network, c.handle,
      d.state in ('published', 'taken_down') as "isPublished", d.gone_at is not null as "isGone",
      s.captured_at as "capturedAt", s.views, s.likes, s.comments, s.shares, s.clicks
    from post p
    join team t on t.id = p.team_id
    join delivery d on d.post_id = p.id
    join channel c on c.id = d.channel_id
    ${LATEST_LOOK_SQL}
    where p.team_id = ${caller.teamId} and p.id = ${postId} and p.discarded_at is null
    order by d.id`;
  const [first] = rows;
  if (!first) {
    const message = `There is no post ${postId} in this team.`;
    throw notFound({ code: 'not_found', field: 'post_id', message });
  }
  const channels = rows.map((row) =>
    toChannel(row, context.networks.get(row.network)?.measure !== undefined),
  );
  const looks = channels.flatMap(({ capturedAt }) => (capturedAt ? [capturedAt.getTime()] : []));
  const capturedAt = looks.length > 0 ? new Date(Math.min(...looks)) : null;
  return {
    postId,
    capturedAt,
    localTime: capturedAt && formatLocalTime(capturedAt, first.timeZone),
    timeZone: first.timeZone,
    channels,
    note: noteOn(channels),
  };
}

interface Row extends PostNumbers {
  timeZone: string;
  channelId: string;
  network: string;
  handle: string;
  isPublished: boolean;
  isGone: boolean;
  capturedAt: Date | null;
}

function toChannel(
  { timeZone: _timeZone, isPublished, isGone, ...row }: Row,
  isMeasurable: boolean,
): ChannelMetrics {
  const engagement = engagementOf(row);
  return {
    ...row,
    status: statusOf({ isPublished, isGone, isSeen: row.capturedAt !== null, isMeasurable }),
    engagement,
    perThousandViews: perThousandViews(engagement, row.views),
    unsupported: row.capturedAt ? METRICS.filter((metric) => row[metric] === null) : [],
  };
}

function statusOf(row: {
  isPublished: boolean;
  isGone: boolean;
  isSeen: boolean;
  isMeasurable: boolean;
}): MeasureStatus {
  if (!row.isPublished) return 'not_published';
  if (row.isGone) return 'gone';
  if (row.isSeen) return 'measured';
  return row.isMeasurable ? 'waiting' : 'not_told';
}

function noteOn(channels: readonly ChannelMetrics[]): string | null {
  if (channels.some(({ capturedAt }) => capturedAt)) return null;
  const statuses = channels.map(({ status }) => status);
  if (statuses.includes('waiting')) {
    return `No numbers yet. The first come about ${FIRST_LOOK_MINUTES} minutes after publishing.`;
  }
  if (statuses.every((status) => status === 'not_published')) return 'Nothing of this post is published yet.';
  return statuses.includes('gone')
    ? 'The network no longer has this post, and nobody saw its numbers.'
    : 'The networks of this post tell no numbers.';
}
