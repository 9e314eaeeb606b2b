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
  const rows = await context.db.$queryRaw<Position[]>`
    select m.id, m.created_at::text as key from media m
    where m.team_id = ${caller.teamId}
      and ${filter.ids ? Prisma.sql`m.id = any(${[...filter.ids]})` : Prisma.sql`m.state = 'ready'`}
      ${filter.query ? Prisma.sql`and ${matches(filter.query)}` : Prisma.empty}
      ${filter.type ? Prisma.sql`and m.mime_type = ${`image/${filter.type}`}` : Prisma.empty}
      ${filter.isMissingAlt === undefined ? Prisma.empty : Prisma.sql`and (m.alt_text is null) = ${filter.isMissingAlt}`}
      ${position ? Prisma.sql`and (m.created_at, m.id) < (${position.key}::timestamptz, ${position.id})` : Prisma.empty}
    order by m.created_at desc, m.id desc
    limit ${limit + 1}`;
  const media = await findById(context, rows);
  return toPage(rows, limit, ORDER, ({ id }) => toMediaDetails(media.get(id)!));
}

function matches(query: string): Prisma.Sql {
  const pattern = `%${query.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  return Prisma.sql`search_grams(media_words(m.filename, m.alt_text, m.tags)) @> search_grams(${query}) and (m.filename ilike ${pattern} or m.alt_text ilike ${pattern}
    or exists (select from unnest(m.tags) as tag where tag ilike ${pattern}))`;
}

async function findById(context: Context, rows: readonly Position[]): Promise<Map<string, Media>> {
  const media = await context.db.media.findMany({ where: { id: { in: rows.map(({ id }) => id) } } });
  return new Map(media.map((row) => [row.id, row]));
}
