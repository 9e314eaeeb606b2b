import { Prisma } from '../../prisma/generated/client.ts';
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

export interface ActivityFilter extends PageInput {
  /** What it was done to. */
  target?: string | undefined;
  connectionId?: string | undefined;
}

export interface ActivityRow {
  id: string;
  at: Date;
  actor: 'connection' | 'person' | 'system';
  personName: string | null;
  clientName: string | null;
  connectionId: string | null;
  action: string;
  target: string | null;
  result: string;
}

const ORDER = 'activity-newest';

/** Newest first. */
export async function listActivity(
  context: Context,
  caller: Caller,
  filter: ActivityFilter,
): Promise<Page<ActivityRow>> {
  const limit = filter.limit ?? DEFAULT_PAGE_SIZE;
  const position = readCursor(ORDER, filter.cursor);
  const rows = await context.db.$queryRaw<(ActivityRow & Position)[]>`
    select a.id, a.at::text as key, a.at, a.actor, p.name as "personName", c.client_name as "clientName",
      a.connection_id as "connectionId", a.action, a.target, a.result
    from activity a
    left join person p on p.id = a.person_id
    left join connection c on c.id = a.connection_id
    where a.team_id = ${caller.teamId}
      ${filter.target ? Prisma.sql`and a.target = ${filter.target}` : Prisma.empty}
      ${filter.connectionId ? Prisma.sql`and a.connection_id = ${filter.connectionId}` : Prisma.empty}
      ${position ? Prisma.sql`and (a.at, a.id) < (${position.key}::timestamptz, ${position.id})` : Prisma.empty}
    order by a.at desc, a.id desc
    limit ${limit + 1}`;
  return toPage(rows, limit, ORDER, ({ key: _key, ...row }) => row);
}
