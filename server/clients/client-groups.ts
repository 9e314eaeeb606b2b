import { Prisma } from '../../prisma/generated/client.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { readCursor, toPage, type Page, type PageInput, type Position } from '../paging.ts';

/** inForce: a connection of the client may act now; ended: one has ended, or it never finished connecting. */
export type GroupFilter = 'inForce' | 'ended' | 'all';

/** A client that asked a person of the team, or registered, and has no connection. */
export interface UnconnectedClient {
  clientId: string;
  /** As people are shown it. */
  clientName: string;
  redirectHost: string;
  at: Date;
}

/** Clients of one name that answer to one host: an editor that registered ten times is one of these. */
export interface ClientGroup {
  id: string;
  clientName: string;
  redirectHost: string;
  /** Of the latest use, connection or registration. */
  at: Date;
  inForce: number;
  ended: number;
  /** Registered or asked, and never connected. */
  unconnected: number;
  clientIds: string[];
}

export interface GroupListInput extends PageInput {
  filter: GroupFilter;
  /** A part of the name or host. */
  search?: string | undefined;
  unconnected: readonly UnconnectedClient[];
}

const ORDER = 'client-groups';
const PAGE_SIZE = 20;

/** Every client of the team, those of one name and host together; the latest active first. */
export async function listClientGroups(
  context: Context,
  caller: PersonCaller,
  input: GroupListInput,
): Promise<Page<ClientGroup>> {
  const position = readCursor(ORDER, input.cursor);
  const search = input.search ? `%${input.search.replaceAll(/[\\%_]/g, '\\$&')}%` : null;
  const rows = await context.db.$queryRaw<(ClientGroup & Position)[]>`
    ${groupsOf(caller, input.unconnected)}
    select *, at::text as key from client_group
    where (${search}::text is null or "clientName" ilike ${search} or "redirectHost" ilike ${search})
      and case ${input.filter} when 'inForce' then "inForce" > 0 when 'ended' then ended > 0 or "inForce" = 0 else true end
      ${position ? Prisma.sql`and (at, id) < (${position.key}::timestamptz, ${position.id})` : Prisma.empty}
    order by at desc, id desc limit ${PAGE_SIZE + 1}`;
  return toPage(rows, PAGE_SIZE, ORDER, ({ key: _key, ...group }) => group);
}

/** How many clients there are by filter. */
export async function countClientGroups(
  context: Context,
  caller: PersonCaller,
  unconnected: readonly UnconnectedClient[],
): Promise<Record<GroupFilter, number>> {
  const [counts] = await context.db.$queryRaw<[Record<GroupFilter, number>]>`
    ${groupsOf(caller, unconnected)}
    select count(*) filter (where "inForce" > 0)::int as "inForce",
      count(*) filter (where ended > 0 or "inForce" = 0)::int as ended, count(*)::int as "all"
    from client_group`;
  return counts;
}

/** @throws AppError NotFound: also for a group of another team */
export async function findClientGroup(
  context: Context,
  caller: PersonCaller,
  groupId: string,
  unconnected: readonly UnconnectedClient[],
): Promise<ClientGroup> {
  const [group] = await context.db.$queryRaw<ClientGroup[]>`
    ${groupsOf(caller, unconnected)} select * from client_group where id = ${groupId}`;
  if (group) return group;
  throw notFound({ code: 'client_not_found', message: 'No client of your team has this address.' });
}

/** A group's id says its name and host; connections of the team are the truth, the others are handed in. */
function groupsOf(caller: PersonCaller, unconnected: readonly UnconnectedClient[]): Prisma.Sql {
  return Prisma.sql`
    with member as (
      select client_name, redirect_host, client_id, true as is_connected, coalesce(last_used_at, created_at) as at,
        revoked_at is null and (ends_at is null or ends_at > clock_timestamp()) as is_in_force
      from connection where team_id = ${caller.teamId}
      union all
      select "clientName", "redirectHost", "clientId", false, at, false
      from jsonb_to_recordset(${JSON.stringify(unconnected)}::jsonb)
        as asked ("clientId" text, "clientName" text, "redirectHost" text, at timestamptz)
    ), client_group as (
      select 'grp_' || md5(client_name || chr(10) || redirect_host) as id, client_name as "clientName",
        redirect_host as "redirectHost", max(at) as at, count(*) filter (where is_in_force)::int as "inForce",
        count(*) filter (where is_connected and not is_in_force)::int as ended,
        count(distinct client_id) filter (where not is_connected)::int as unconnected,
        (array_agg(distinct client_id))[1:500] as "clientIds"
      from member group by client_name, redirect_host
    )`;
}
