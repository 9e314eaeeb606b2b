import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { POST_STATE_SQL, type DeliveryState } from '../deliveries/delivery-state.ts';
import {
  DEFAULT_PAGE_SIZE,
  readCursor,
  toPage,
  type Page,
  type PageInput,
  type Position,
} from '../paging.ts';
import { findTimeZone } from './find-time-zone.ts';
import { formatLocalTime } from './local-time.ts';
import { readMoment } from './post-time.ts';

export interface PostFilter extends PageInput {
  states?: DeliveryState[] | undefined;
  campaignId?: string | undefined;
  channelId?: string | undefined;
  /** RFC 3339. With `from` or `to` the list is a calendar: by due or publishing time, earliest first. */
  from?: string | undefined;
  to?: string | undefined;
}

export interface PostSummary {
  id: string;
  campaignId: string;
  rev: number;
  state: DeliveryState;
  /** When it goes out or went out first; null for a draft. */
  when: Date | null;
  /** `when` for people, in the team's zone; null for a draft. */
  localTime: string | null;
  /** Network and handle of each channel. */
  channels: {
    channelId: string;
    network: string;
    handle: string;
    state: DeliveryState;
    url: string | null;
  }[];
  /** The beginning of the text, one line. */
  excerpt: string;
}

export interface PostPage extends Page<PostSummary> {
  /** The team's IANA zone. */
  timeZone: string;
}

/**
 * Newest first, or the calendar; see `PostFilter`. Posts in the trash are left out. Pages are stable: what is drafted meanwhile never moves a later page.
 * @throws AppError InvalidInput for a cursor of another list or a time that cannot be read
 */
export async function listPosts(context: Context, caller: Caller, filter: PostFilter): Promise<PostPage> {
  const timeZone = await findTimeZone(context, caller);
  const isCalendar = filter.from !== undefined || filter.to !== undefined;
  const order = isCalendar ? 'posts-by-time' : 'posts-newest';
  const limit = filter.limit ?? DEFAULT_PAGE_SIZE;
  const position = readCursor(order, filter.cursor);
  const window = isCalendar ? toWindow(filter, timeZone) : null;
  const rows = await findPosts(context, caller, filter, { window, position, limit });
  const channels = await findChannelsOf(
    context,
    rows.map(({ id }) => id),
  );
  return {
    ...toPage(rows, limit, order, (row) => toSummary(row, channels.get(row.id) ?? [], timeZone)),
    timeZone,
  };
}

interface PostRow extends Position {
  campaignId: string;
  rev: number;
  state: DeliveryState;
  when: Date | null;
  text: string;
}

interface Window {
  from: Date;
  to: Date;
}

function toWindow({ from, to }: PostFilter, timeZone: string): Window {
  return {
    from: from === undefined ? new Date(0) : readMoment(from, timeZone, 'from'),
    to: to === undefined ? new Date('9999-01-01T00:00:00Z') : readMoment(to, timeZone, 'to'),
  };
}

async function findPosts(
  context: Context,
  caller: Caller,
  filter: PostFilter,
  { window, position, limit }: { window: Window | null; position: Position | null; limit: number },
): Promise<PostRow[]> {
  const key = window ? Prisma.sql`s.at` : Prisma.sql`p.created_at`;
  const direction = window ? Prisma.sql`asc` : Prisma.sql`desc`;
  return context.db.$queryRaw<PostRow[]>`
    select p.id, ${key}::text as key, p.campaign_id as "campaignId", p.rev, s.state, s.at as "when",
      left(r.text, 200) as text
    from post p
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    cross join lateral (
      select ${POST_STATE_SQL} as state, min(coalesce(d.published_at, d.due_at)) as at
      from delivery d where d.post_id = p.id
    ) s
    where p.team_id = ${caller.teamId} and p.discarded_at is null
      ${filter.campaignId ? Prisma.sql`and p.campaign_id = ${filter.campaignId}` : Prisma.empty}
      ${filter.channelId ? Prisma.sql`and exists (select from delivery d where d.post_id = p.id and d.channel_id = ${filter.channelId})` : Prisma.empty}
      ${filter.states ? Prisma.sql`and s.state = any(${filter.states})` : Prisma.empty}
      ${window ? inWindow(caller, window) : Prisma.empty}
      ${position ? Prisma.sql`and (${key}, p.id) ${window ? Prisma.sql`>` : Prisma.sql`<`} (${position.key}::timestamptz, ${position.id})` : Prisma.empty}
    order by ${key} ${direction}, p.id ${direction}
    limit ${limit + 1}`;
}

/** The earliest delivery counts; that one of them lies in the window is what the index delivery_window finds. */
function inWindow(caller: Caller, { from, to }: Window): Prisma.Sql {
  return Prisma.sql`and s.at >= ${from} and s.at < ${to} and p.id in (
    select w.post_id from delivery w
    where w.team_id = ${caller.teamId} and coalesce(w.published_at, w.due_at) >= ${from}
      and coalesce(w.published_at, w.due_at) < ${to})`;
}

type PostChannel = PostSummary['channels'][number];

async function findChannelsOf(context: Context, postIds: string[]): Promise<Map<string, PostChannel[]>> {
  const rows = await context.db.delivery.findMany({
    where: { postId: { in: postIds } },
    select: {
      postId: true,
      channelId: true,
      state: true,
      remoteUrl: true,
      channel: { select: { network: true, handle: true } },
    },
    orderBy: { id: 'asc' },
  });
  const byPost = Map.groupBy(rows, ({ postId }) => postId);
  return new Map(
    [...byPost].map(([postId, deliveries]) => [
      postId,
      deliveries.map(({ channelId, state, remoteUrl, channel }) => ({
        channelId,
        ...channel,
        state: state as DeliveryState,
        url: remoteUrl,
      })),
    ]),
  );
}

function toSummary(row: PostRow, channels: PostChannel[], timeZone: string): PostSummary {
  return {
    id: row.id,
    campaignId: row.campaignId,
    rev: row.rev,
    state: row.state,
    when: row.when,
    localTime: row.when && formatLocalTime(row.when, timeZone),
    channels,
    excerpt: toExcerpt(row.text),
  };
}

const EXCERPT_LENGTH = 80;

function toExcerpt(text: string): string {
  const line = Array.from(text.replace(/\s+/g, ' ').trim());
  return line.length <= EXCERPT_LENGTH ? line.join('') : `${line.slice(0, EXCERPT_LENGTH - 1).join('')}…`;
}
