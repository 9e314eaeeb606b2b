import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { mostUrgent, type DeliveryState } from '../deliveries/delivery-state.ts';
import { toExcerpt } from './excerpt.ts';
import { findTimeZone } from './find-time-zone.ts';
import { toWallTime } from './post-time.ts';

export interface CalendarFilter {
  from: Date;
  /** Not included. */
  to: Date;
  campaignId?: string | undefined;
  channelId?: string | undefined;
}

/** What goes out, or went out, of a post in one minute; a post whose channels differ in time has several. */
export interface CalendarEntry {
  postId: string;
  rev: number;
  at: Date;
  /** `at` in the team's zone: 2026-12-01T09:00:00. */
  wallTime: string;
  /** The most urgent among its channels. */
  state: DeliveryState;
  channels: {
    channelId: string;
    network: string;
    handle: string;
    imitates: string | null;
    state: DeliveryState;
  }[];
  /** The beginning of the text, one line. */
  excerpt: string;
}

export interface CalendarPage {
  /** The team's IANA zone. */
  timeZone: string;
  /** By time. */
  entries: CalendarEntry[];
  /** The window holds more: everything before the last entry's time is there, what comes after it is not. */
  hasMore: boolean;
}

/** Deliveries in one answer; a month of a busy team has a few hundred. */
const MAX_DELIVERIES = 500;

/** Everything with a time in a window; what was cancelled or thrown away is left out. */
export async function listCalendar(
  context: Context,
  caller: Caller,
  filter: CalendarFilter,
  limit = MAX_DELIVERIES,
): Promise<CalendarPage> {
  const timeZone = await findTimeZone(context, caller);
  const found = await findRows(context, caller, filter, limit + 1);
  const hasMore = found.length > limit;
  // The entry at the edge may lack a channel, so it is left to the next window; unless it is all there is.
  const edge = hasMore ? found.at(-1)!.at.getTime() : Infinity;
  const before = found.filter(({ at }) => at.getTime() < edge);
  const rows = before.length > 0 ? before : found.slice(0, limit);
  const groups = Map.groupBy(rows, ({ at, postId }) => `${at.getTime()} ${postId}`);
  const entries = [...groups.values()].map((group) => toEntry(group, timeZone));
  return { timeZone, entries, hasMore };
}

interface Row {
  postId: string;
  rev: number;
  at: Date;
  text: string;
  channelId: string;
  network: string;
  handle: string;
  imitates: string | null;
  state: DeliveryState;
}

/** Walks the index over a team's times, or over a channel's, from the first to the limit. */
function findRows(
  { db }: Context,
  { teamId }: Caller,
  { from, to, campaignId, channelId }: CalendarFilter,
  limit: number,
): Promise<Row[]> {
  return db.$queryRaw<Row[]>`
    select p.id as "postId", p.rev, date_trunc('minute', coalesce(d.published_at, d.due_at)) as at,
      left(r.text, 200) as text, d.channel_id as "channelId", ch.network, ch.handle, ch.imitates, d.state
    from delivery d
    join post p on p.id = d.post_id
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    join channel ch on ch.id = d.channel_id
    where d.team_id = ${teamId} and p.discarded_at is null
      and coalesce(d.published_at, d.due_at) >= ${from} and coalesce(d.published_at, d.due_at) < ${to}
      and d.state not in ('draft', 'cancelled')
      ${campaignId ? Prisma.sql`and p.campaign_id = ${campaignId}` : Prisma.empty}
      ${channelId ? Prisma.sql`and d.channel_id = ${channelId}` : Prisma.empty}
    order by coalesce(d.published_at, d.due_at), d.post_id, d.id
    limit ${limit}`;
}

function toEntry(group: readonly Row[], timeZone: string): CalendarEntry {
  const { postId, rev, at, text } = group[0]!;
  return {
    ...{ postId, rev, at },
    wallTime: toWallTime(at, timeZone),
    state: mostUrgent(group.map(({ state }) => state)),
    channels: group.map(({ channelId, network, handle, imitates, state }) => ({
      ...{ channelId, network, handle, imitates, state },
    })),
    excerpt: toExcerpt(text),
  };
}
