import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Page, PageInput } from '../paging.ts';
import { findTimeZone } from '../posts/find-time-zone.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { readMoment } from '../posts/post-time.ts';
import { countOutcomes } from './count-outcomes.ts';
import { listActivity, type ActivityRow } from './list-activity.ts';

export interface ToldActivityFilter extends PageInput {
  postId?: string | undefined;
  /** A connection's id, or a client by its name, letter case ignored. */
  client?: string | undefined;
  /** A tool, or another action such as `delivery.published`. Without it, what only looked is left out. */
  action?: string | undefined;
  /** RFC 3339, or a wall time or date in the team's zone. */
  from?: string | undefined;
}

export interface ToldActivity extends ActivityRow {
  /** `at` for people, in the team's zone. */
  localTime: string;
  /** Of the channel that it was about. */
  network: string | null;
}

export interface ToldActivityPage extends Page<ToldActivity> {
  /** What became of deliveries since `from`, whoever had them sent; null without `from`, on later pages, and of one client or action. */
  outcomes: Record<string, number> | null;
  /** The team's IANA zone. */
  timeZone: string;
}

/**
 * Who or what did what, newest first: made to say in one answer what happened since somebody last looked.
 * @throws AppError InvalidInput (`invalid_cursor`, `invalid_time`)
 */
export async function tellActivity(
  context: Context,
  caller: Caller,
  { postId, client, action, from, ...page }: ToldActivityFilter,
): Promise<ToldActivityPage> {
  const timeZone = await findTimeZone(context, caller);
  const since = from === undefined ? undefined : readMoment(from, timeZone, 'from');
  const filter = { target: postId, client, action, from: since, isWithoutRoutine: action === undefined };
  const { items, nextCursor } = await listActivity(context, caller, { ...filter, ...page });
  // Counted for everybody, beside a list of one client or tool they would be taken for its own.
  const isOfAll = [page.cursor, client, action].every((part) => part === undefined);
  const outcomes = since && isOfAll ? await countOutcomes(context, caller, { since, postId }) : null;
  const networks = await findNetworks(context, caller, items.flatMap(channelIdOf));
  return {
    items: items.map((row) => ({
      ...row,
      localTime: formatLocalTime(row.at, timeZone),
      network: networks.get(channelIdOf(row)[0] ?? '') ?? null,
    })),
    nextCursor,
    outcomes,
    timeZone,
  };
}

function channelIdOf({ detail, target }: ActivityRow): string[] {
  const channelId = detail?.['channelId'] ?? target;
  return typeof channelId === 'string' && channelId.startsWith('chn_') ? [channelId] : [];
}

async function findNetworks(
  { db }: Context,
  { teamId }: Caller,
  channelIds: string[],
): Promise<Map<string, string>> {
  if (channelIds.length === 0) return new Map();
  const where = { teamId, id: { in: [...new Set(channelIds)] } };
  const channels = await db.channel.findMany({ where, select: { id: true, network: true } });
  return new Map(channels.map(({ id, network }) => [id, network]));
}
