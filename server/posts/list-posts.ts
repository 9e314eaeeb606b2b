import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { DeliveryState } from '../deliveries/delivery-state.ts';
import { DEFAULT_PAGE_SIZE, readCursor, toPage, type Page, type PageInput } from '../paging.ts';
import { toExcerpt } from './excerpt.ts';
import { findListedPosts, type PostRow } from './find-listed-posts.ts';
import { findTimeZone } from './find-time-zone.ts';
import { formatLocalTime } from './local-time.ts';
import { readMoment } from './post-time.ts';

export interface PostFilter extends PageInput {
  states?: readonly DeliveryState[] | undefined;
  /** Where `states` has `awaiting_approval`: also drafts that a yes was asked for. A calendar has none of them. */
  withRequested?: boolean | undefined;
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
  /** When it goes out or went out, of its channels in this state the first; null for a draft. */
  when: Date | null;
  /** `when` for people, in the team's zone; null for a draft. */
  localTime: string | null;
  /** Network and handle of each channel. */
  channels: {
    channelId: string;
    network: string;
    handle: string;
    /** The network whose rules a practice channel keeps. */
    imitates: string | null;
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
  const { states, campaignId, channelId } = filter;
  const withRequested = filter.withRequested === true && states?.includes('awaiting_approval') === true;
  const page = { states, withRequested, campaignId, channelId, window, position, limit: limit + 1 };
  const rows = await findListedPosts(context, caller, page);
  const channels = await findChannelsOf(
    context,
    rows.map(({ id }) => id),
  );
  return {
    ...toPage(rows, limit, order, (row) => toSummary(row, channels.get(row.id) ?? [], timeZone)),
    timeZone,
  };
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

type PostChannel = PostSummary['channels'][number];

async function findChannelsOf(context: Context, postIds: string[]): Promise<Map<string, PostChannel[]>> {
  const rows = await context.db.delivery.findMany({
    where: { postId: { in: postIds } },
    select: {
      postId: true,
      channelId: true,
      state: true,
      remoteUrl: true,
      channel: { select: { network: true, handle: true, imitates: true } },
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
