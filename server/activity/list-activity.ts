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
import { groupCondition, type ActivityGroup } from './activity-groups.ts';

export interface ActivityFilter extends PageInput {
  /** What it was done to: the id of a post, a campaign, a connection, ... */
  target?: string | undefined;
  connectionId?: string | undefined;
  /** Every connection of this client. */
  clientId?: string | undefined;
  /** A connection's id, or a client by its name, letter case ignored. */
  client?: string | undefined;
  /** Who did it, also through a client. */
  personId?: string | undefined;
  /** A tool's name, or another action. */
  action?: string | undefined;
  group?: ActivityGroup | undefined;
  /** Without what only looked or kept a client signed in, as long as it was let. */
  isWithoutRoutine?: boolean | undefined;
  /** ok: as it was meant to; not_ok: refused, failed or stopped. */
  result?: 'ok' | 'not_ok' | undefined;
  /** From this instant on. */
  from?: Date | undefined;
  /** Before this instant. */
  to?: Date | undefined;
}

export interface ActivityRow {
  id: string;
  at: Date;
  actor: 'connection' | 'person' | 'system';
  personId: string | null;
  personName: string | null;
  clientName: string | null;
  connectionId: string | null;
  action: string;
  target: string | null;
  result: string;
  /** The id of the policy rule that decided. */
  rule: string | null;
  /** The network address it came from. */
  address: string | null;
  detail: Record<string, unknown> | null;
}

const ORDER = 'activity-newest';
const ROUTINE = '^(list_|get_|preview_|find_|token[.]refreshed$)';

/**
 * Newest first.
 * @throws AppError InvalidInput (`invalid_cursor`)
 */
export async function listActivity(
  context: Pick<Context, 'db'>,
  caller: Caller,
  filter: ActivityFilter,
): Promise<Page<ActivityRow>> {
  const limit = filter.limit ?? DEFAULT_PAGE_SIZE;
  const rows = await readRows(context, caller, filter, limit + 1);
  return toPage(rows, limit, ORDER, ({ key: _key, ...row }) => row);
}

/** The rows with the sort keys of a page's end; `activity-newest` is the order that their cursors name. */
export async function readRows(
  context: Pick<Context, 'db'>,
  caller: Caller,
  filter: ActivityFilter,
  limit: number,
): Promise<(ActivityRow & Position)[]> {
  const position = readCursor(ORDER, filter.cursor);
  const conditions = [
    Prisma.sql`a.team_id = ${caller.teamId}`,
    ...(filter.target ? [Prisma.sql`a.target = ${filter.target}`] : []),
    ...(filter.connectionId ? [Prisma.sql`a.connection_id = ${filter.connectionId}`] : []),
    ...(filter.clientId
      ? [
          Prisma.sql`a.connection_id = any (array(
            select id from connection where team_id = ${caller.teamId} and client_id = ${filter.clientId}))`,
        ]
      : []),
    ...(filter.client
      ? [
          Prisma.sql`a.connection_id = any (array(
            select id from connection where team_id = ${caller.teamId}
              and (id = ${filter.client} or lower(client_name) = lower(${filter.client}))))`,
        ]
      : []),
    ...(filter.personId ? [Prisma.sql`a.person_id = ${filter.personId}`] : []),
    ...(filter.action ? [Prisma.sql`a.action = ${filter.action}`] : []),
    ...(filter.group ? [groupCondition(filter.group)] : []),
    ...(filter.isWithoutRoutine ? [Prisma.sql`not (a.result = 'ok' and a.action ~ ${ROUTINE})`] : []),
    ...(filter.result
      ? [filter.result === 'ok' ? Prisma.sql`a.result = 'ok'` : Prisma.sql`a.result <> 'ok'`]
      : []),
    ...(filter.from ? [Prisma.sql`a.at >= ${filter.from}`] : []),
    ...(filter.to ? [Prisma.sql`a.at < ${filter.to}`] : []),
    ...(position ? [Prisma.sql`(a.at, a.id) < (${position.key}::timestamptz, ${position.id})`] : []),
  ];
  return context.db.$queryRaw<(ActivityRow & Position)[]>`
    select a.id, a.at::text as key, a.at, a.actor, a.person_id as "personId", p.name as "personName",
      c.client_name as "clientName", a.connection_id as "connectionId", a.action, a.target, a.result, a.rule, a.address,
      a.detail
    from activity a
    left join person p on p.id = a.person_id
    left join connection c on c.id = a.connection_id
    where ${Prisma.join(conditions, ' and ')}
    order by a.at desc, a.id desc
    limit ${limit}`;
}
