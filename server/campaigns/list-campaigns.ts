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
import { findTimeZone } from '../posts/find-time-zone.ts';
import { formatLocalTime } from '../posts/local-time.ts';

export const CAMPAIGN_STATUSES = ['active', 'paused', 'archived'] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

export interface CampaignFilter extends PageInput {
  /** All but archived ones when absent. */
  status?: CampaignStatus | undefined;
  /** Part of the name, letter case ignored. */
  query?: string | undefined;
}

export interface CampaignSummary {
  id: string;
  name: string;
  status: CampaignStatus;
  /** Posts by state; states without posts are left out. */
  postCounts: Partial<Record<DeliveryState, number>>;
  /** When its next post goes out. */
  nextPostAt: Date | null;
  /** `nextPostAt` for people, in the team's zone. */
  nextLocalTime: string | null;
}

export interface CampaignPage extends Page<CampaignSummary> {
  /** The team's IANA zone. */
  timeZone: string;
}

/**
 * Newest first.
 * @throws AppError InvalidInput for a cursor of another list
 */
export async function listCampaigns(
  context: Context,
  caller: Caller,
  filter: CampaignFilter,
): Promise<CampaignPage> {
  const limit = filter.limit ?? DEFAULT_PAGE_SIZE;
  const position = readCursor(ORDER, filter.cursor);
  const timeZone = await findTimeZone(context, caller);
  const rows = await context.db.$queryRaw<CampaignRow[]>`
    select c.id, c.created_at::text as key, c.name, c.status, counts.by_state as "postCounts",
      (select min(d.due_at) from post p join delivery d on d.post_id = p.id
       where p.team_id = c.team_id and p.campaign_id = c.id
         and d.state in ('awaiting_approval', 'scheduled', 'claimed', 'prepared', 'sending')) as "nextPostAt"
    from campaign c
    cross join lateral (
      select coalesce(jsonb_object_agg(n.state, n.posts), '{}') as by_state
      from (
        select s.state, count(*) as posts
        from post p
        cross join lateral (select ${POST_STATE_SQL} as state from delivery d where d.post_id = p.id) s
        where p.team_id = c.team_id and p.campaign_id = c.id and p.discarded_at is null
        group by s.state
      ) n
    ) counts
    where c.team_id = ${caller.teamId}
      and ${filter.status ? Prisma.sql`c.status = ${filter.status}` : Prisma.sql`c.status <> 'archived'`}
      ${filter.query ? Prisma.sql`and search_grams(c.name) @> search_grams(${filter.query}) and c.name ilike ${`%${escapeLike(filter.query)}%`}` : Prisma.empty}
      ${position ? Prisma.sql`and (c.created_at, c.id) < (${position.key}::timestamptz, ${position.id})` : Prisma.empty}
    order by c.created_at desc, c.id desc
    limit ${limit + 1}`;
  return { ...toPage(rows, limit, ORDER, (row) => toSummary(row, timeZone)), timeZone };
}

const ORDER = 'campaigns-newest';

type CampaignRow = Omit<CampaignSummary, 'nextLocalTime'> & Position;

function toSummary({ key: _key, ...row }: CampaignRow, timeZone: string): CampaignSummary {
  return { ...row, nextLocalTime: row.nextPostAt && formatLocalTime(row.nextPostAt, timeZone) };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
