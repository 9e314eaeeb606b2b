import { Prisma, type Media } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import {
  DEFAULT_PAGE_SIZE,
  readCursor,
  toPage,
  type Page,
  type PageInput,
  type Position,
} from '../paging.ts';
import { toMediaDetails, type MediaDetails } from './media-details.ts';

export interface MediaFilter extends PageInput {
  /** These, in whatever state they are; without it only pictures that are ready. */
  ids?: readonly string[] | undefined;
  /** Part of the file name, of the alt text or of a tag, letter case ignored. */
  query?: string | undefined;
  type?: 'jpeg' | 'png' | 'webp' | 'gif' | undefined;
  /** True: those without alt text; false: those with one. */
  isMissingAlt?: boolean | undefined;
  /** Exactly this one among its tags. */
  tag?: string | undefined;
}

const ORDER = 'media-newest';

/**
 * Newest first; what comes meanwhile moves no later page.
 * @throws AppError InvalidInput for a cursor of another list
 */
export async function listMedia(
  context: Context,
  caller: Caller,
  filter: MediaFilter,
): Promise<Page<MediaDetails>> {
  const limit = filter.limit ?? DEFAULT_PAGE_SIZE;
  const position = readCursor(ORDER, filter.cursor);
  const rows = await findRows(context, caller.teamId, filter, position, limit + 1);
  const media = await findById(context, rows);
  return toPage(rows, limit, ORDER, ({ id }) => toMediaDetails(media.get(id)!));
}

async function findRows(
  context: Context,
  teamId: string,
  filter: MediaFilter,
  position: Position | null,
  take: number,
): Promise<Position[]> {
  const { query, ids } = filter;
  const where = conditionsOf(teamId, filter);
  const after = position
    ? Prisma.sql`and (m.created_at, m.id) < (${position.key}::timestamptz, ${position.id})`
    : Prisma.empty;
  if (query !== undefined && !ids && Array.from(query).length >= MIN_LETTERS) {
    return searchBack(context, { teamId, query, where, after, take });
  }
  return context.db.$queryRaw<Position[]>`
    select m.id, m.created_at::text as key from media m
    where ${where} ${after} ${query === undefined ? Prisma.empty : Prisma.sql`and ${matches(query)}`}
    order by m.created_at desc, m.id desc
    limit ${take}`;
}

function conditionsOf(teamId: string, { ids, type, isMissingAlt, tag }: MediaFilter): Prisma.Sql {
  const alt = isMissingAlt ? Prisma.sql`and m.alt_text is null` : Prisma.sql`and m.alt_text is not null`;
  return Prisma.sql`m.team_id = ${teamId}
    and ${ids ? Prisma.sql`m.id = any(${[...ids]})` : Prisma.sql`m.state = 'ready'`}
    ${type ? Prisma.sql`and m.mime_type = ${`image/${type}`}` : Prisma.empty}
    ${tag === undefined ? Prisma.empty : Prisma.sql`and ${tag} = any(m.tags)`}
    ${isMissingAlt === undefined ? Prisma.empty : alt}`;
}

/** The index knows every two letters in a row, with the quarter of the year that the picture came in. */
const MIN_LETTERS = 2;
/** What many pictures match is found among so many of the newest, before the index is asked. */
const NEWEST = 200;

interface Search {
  teamId: string;
  query: string;
  where: Prisma.Sql;
  after: Prisma.Sql;
  take: number;
}

/**
 * The newest pictures are looked at, then one quarter after the other is asked for, back to the team's first picture or until
 * the page is full: so it costs the same however many match. `offset 0` keeps PostgreSQL from walking along the order instead
 * of asking the index.
 */
async function searchBack(
  context: Context,
  { teamId, query, where, after, take }: Search,
): Promise<Position[]> {
  return context.db.$queryRaw<Position[]>`
    with recursive newest as materialized (
      select m.id, m.created_at, ${matches(query)} as is_match from media m where ${where} ${after}
      order by m.created_at desc, m.id desc limit ${NEWEST}
    ),
    gram as materialized (
      select distinct substr(lower(${query}), place, 2) as letters
      from generate_series(1, length(lower(${query})) - 1) place
    ),
    step (quarter, ids, keys, seen) as (
      select date_trunc('quarter', (select min(created_at) from newest) at time zone 'UTC') + interval '3 months',
        near.ids, near.keys, near.seen
      from (
        select array_agg(id order by created_at desc, id desc) as ids,
          array_agg(created_at::text order by created_at desc, id desc) as keys, count(*)::int as seen
        from newest where is_match
      ) near
      union all
      select s.quarter - interval '3 months', f.ids, f.keys, s.seen + f.seen
      from step s cross join lateral (
        select array_agg(hit.id order by hit.created_at desc, hit.id desc) as ids,
          array_agg(hit.created_at::text order by hit.created_at desc, hit.id desc) as keys, count(*)::int as seen
        from (
          select found.* from (
            select m.id, m.created_at from media m
            where media_grams(m.team_id, m.created_at, media_words(m.filename, m.alt_text, m.tags)) @> array(
                select letters || (extract(year from s.quarter) * 4 + extract(quarter from s.quarter) - 1)::int || ${teamId}
                from gram)
              and ${matches(query)} and ${where}
              and (m.created_at, m.id) < (select created_at, id from newest order by created_at, id limit 1)
            offset 0
          ) found
          order by found.created_at desc, found.id desc limit ${take}
        ) hit
      ) f
      where s.seen < ${take}::int and (select count(*) from newest) = ${NEWEST}
        and s.quarter > (select min(created_at) at time zone 'UTC' from media where team_id = ${teamId})
    )
    select u.id, u.key from step cross join unnest(ids, keys) with ordinality as u (id, key, place)
    order by step.quarter desc, u.place
    limit ${take}`;
}

/** @param query its %, _ and backslashes are letters */
function matches(query: string): Prisma.Sql {
  const pattern = `%${query.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  return Prisma.sql`(m.filename ilike ${pattern} or m.alt_text ilike ${pattern}
    or exists (select from unnest(m.tags) as tag where tag ilike ${pattern}))`;
}

async function findById(context: Context, rows: readonly Position[]): Promise<Map<string, Media>> {
  const media = await context.db.media.findMany({ where: { id: { in: rows.map(({ id }) => id) } } });
  return new Map(media.map((row) => [row.id, row]));
}
