import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { DELIVERY_STATES, type DeliveryState } from '../deliveries/delivery-state.ts';
import { requestedPostsSql } from '../deliveries/requested-posts-sql.ts';
import type { Position } from '../paging.ts';

export interface PostQuery {
  states?: readonly DeliveryState[] | undefined;
  /** Beside `states`: posts without a time that a yes was asked for. A calendar has none of them. */
  withRequested: boolean;
  campaignId?: string | undefined;
  channelId?: string | undefined;
  /** Makes the list a calendar: posts whose time is in [from, to), the earliest first. */
  window: { from: Date; to: Date } | null;
  position: Position | null;
  limit: number;
}

export interface PostRow extends Position {
  campaignId: string;
  rev: number;
  state: DeliveryState;
  when: Date | null;
  text: string;
}

/**
 * The posts of a page. Each kind of list first finds its page by walking one index in the order of the list, so that what a
 * page costs does not depend on how many posts the team has; the rest is read for these posts only.
 */
export async function findListedPosts(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  query: PostQuery,
): Promise<PostRow[]> {
  const { found, order } = findPage(teamId, query);
  return db.$queryRaw<PostRow[]>`
    with found as materialized (${found})
    select p.id, coalesce(found.at, p.created_at)::text as key, p.campaign_id as "campaignId", p.rev, s.state,
      s.at as "when", left(r.text, 200) as text
    from found
    join post p on p.team_id = ${teamId} and p.id = found.post_id
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    ${POST_SQL}
    order by ${order}`;
}

/** What finds the page's posts (`post_id`, and `at` in a calendar), and the order of the list. */
function findPage(teamId: string, query: PostQuery): { found: Prisma.Sql; order: Prisma.Sql } {
  if (query.window)
    return { found: walkTimes(teamId, query, query.window), order: Prisma.sql`found.at, p.id` };
  const order = Prisma.sql`p.id desc`;
  if (query.campaignId) return { found: walkPosts(teamId, query), order };
  if (query.states) return { found: walkStates(teamId, query, query.states), order };
  return {
    found: query.channelId ? walkChannel(teamId, query, query.channelId) : walkPosts(teamId, query),
    order,
  };
}

/** Newest first: ids sort by the time they were made. */
function walkPosts(teamId: string, query: PostQuery): Prisma.Sql {
  const { campaignId, position, limit } = query;
  return Prisma.sql`
    select p.id as post_id, null::timestamptz as at from post p
    ${query.states ? POST_SQL : Prisma.empty}
    where p.team_id = ${teamId} and p.discarded_at is null
      ${campaignId ? Prisma.sql`and p.campaign_id = ${campaignId}` : Prisma.empty}
      ${query.states ? Prisma.sql`and (s.state = any(${[...query.states]}) ${orRequested(teamId, query)})` : Prisma.empty}
      ${onChannel(query)}
      ${position ? Prisma.sql`and p.id < ${position.id}` : Prisma.empty}
    order by p.id desc limit ${limit}`;
}

function walkChannel(teamId: string, { position, limit }: PostQuery, channelId: string): Prisma.Sql {
  return Prisma.sql`
    select p.id as post_id, null::timestamptz as at from delivery d join post p on p.id = d.post_id
    where d.team_id = ${teamId} and d.channel_id = ${channelId} and p.discarded_at is null
      ${position ? Prisma.sql`and d.post_id < ${position.id}` : Prisma.empty}
    order by d.post_id desc limit ${limit}`;
}

/**
 * For each state one walk over the deliveries in it, of those posts of which no delivery is in a more urgent one. All else is
 * asked about row by row, what is cheap and rarely so first: joined, it would be walked along, however few deliveries there are.
 */
function walkStates(teamId: string, query: PostQuery, states: readonly DeliveryState[]): Prisma.Sql {
  const { channelId, position, limit } = query;
  return Prisma.sql`
    select w.post_id, null::timestamptz as at from unnest(${[...states]}::text[]) wanted (state) cross join lateral (
      select d.post_id from delivery d
      where d.team_id = ${teamId} and d.state = wanted.state
        ${position ? Prisma.sql`and d.post_id < ${position.id}` : Prisma.empty}
        and case when ${channelId ? isOnChannel(Prisma.sql`d.post_id`, channelId) : Prisma.sql`true`} then
          (select p.discarded_at from post p where p.id = d.post_id) is null
          and not exists (
            select from delivery o where o.post_id = d.post_id
              and (${urgencyOf('o')} < ${urgencyOf('d')} or o.state = d.state and o.id < d.id)) end
      order by d.post_id desc limit ${limit}
    ) w
    ${query.withRequested ? Prisma.sql`union ${walkRequested(teamId, query)}` : Prisma.empty}
    order by post_id desc limit ${limit}`;
}

/** What somebody asked about and nobody answered is little: it is read as a whole. */
function walkRequested(teamId: string, { channelId, position }: PostQuery): Prisma.Sql {
  return Prisma.sql`
    select q.post_id, null::timestamptz as at from (${requestedPostsSql(teamId)}) q
    where ${channelId ? isOnChannel(Prisma.sql`q.post_id`, channelId) : Prisma.sql`true`}
      ${position ? Prisma.sql`and q.post_id < ${position.id}` : Prisma.empty}`;
}

function orRequested(teamId: string, { withRequested }: PostQuery): Prisma.Sql {
  return withRequested ? Prisma.sql`or p.id in (${requestedPostsSql(teamId)})` : Prisma.empty;
}

/** A post stands at the time of its most urgent delivery that has one: that delivery stands for it, the others are passed. */
function walkTimes(teamId: string, query: PostQuery, { from, to }: { from: Date; to: Date }): Prisma.Sql {
  const { states, campaignId, position, limit } = query;
  // A draft has no time; what is drafted for one channel and out on another is found by the other's.
  const isByState = states && !states.includes('draft');
  return Prisma.sql`
    select d.post_id, coalesce(d.published_at, d.due_at) as at from delivery d join post p on p.id = d.post_id
    ${states ? POST_SQL : Prisma.empty}
    where d.team_id = ${teamId} and p.discarded_at is null
      and coalesce(d.published_at, d.due_at) >= ${from} and coalesce(d.published_at, d.due_at) < ${to}
      ${isByState ? Prisma.sql`and d.state = any(${[...states]})` : Prisma.empty}
      ${states ? Prisma.sql`and s.state = any(${[...states]})` : Prisma.empty}
      ${campaignId ? Prisma.sql`and p.campaign_id = ${campaignId}` : Prisma.empty}
      ${onChannel(query)}
      ${
        position
          ? Prisma.sql`and coalesce(d.published_at, d.due_at) >= ${position.key}::timestamptz
              and (coalesce(d.published_at, d.due_at), d.post_id) > (${position.key}::timestamptz, ${position.id})`
          : Prisma.empty
      }
      and not exists (
        select from delivery o where o.post_id = d.post_id and coalesce(o.published_at, o.due_at) is not null
          and (${urgencyOf('o')}, coalesce(o.published_at, o.due_at), o.id)
            < (${urgencyOf('d')}, coalesce(d.published_at, d.due_at), d.id))
    order by coalesce(d.published_at, d.due_at), d.post_id limit ${limit}`;
}

function onChannel({ channelId }: PostQuery): Prisma.Sql {
  return channelId ? Prisma.sql`and ${isOnChannel(Prisma.sql`p.id`, channelId)}` : Prisma.empty;
}

function isOnChannel(postId: Prisma.Sql, channelId: string): Prisma.Sql {
  // As `exists` it would be answered from a list of all that was ever on the channel.
  return Prisma.sql`(select c.id from delivery c where c.post_id = ${postId} and c.channel_id = ${channelId}) is not null`;
}

/** The smaller, the more urgent. */
function urgencyOf(alias: 'd' | 'o' | 'x'): Prisma.Sql {
  const column = { d: Prisma.sql`d.state`, o: Prisma.sql`o.state`, x: Prisma.sql`x.state` }[alias];
  return Prisma.sql`array_position(${[...DELIVERY_STATES]}::text[], ${column})`;
}

/** Of post `p`, as `s`: its state, and its time, which is that of its most urgent delivery that has one. */
const POST_SQL = Prisma.sql`cross join lateral (
  select coalesce((array_agg(x.state order by ${urgencyOf('x')}))[1], 'draft') as state,
    (array_agg(coalesce(x.published_at, x.due_at) order by ${urgencyOf('x')}, coalesce(x.published_at, x.due_at))
      filter (where coalesce(x.published_at, x.due_at) is not null))[1] as at
  from delivery x where x.post_id = p.id
) s`;
