import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { invalidInput, notAllowed, notFound } from '../errors.ts';
import { readCursor, toPage, type Page, type PageInput, type Position } from '../paging.ts';
import type { Role } from '../scopes.ts';

export const ROLES: readonly Role[] = ['owner', 'editor', 'viewer'];

export interface Member {
  personId: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: Date;
  isDisabled: boolean;
}

/** What stops when somebody leaves the team. */
export interface Leaving extends Member {
  /** Clients that work in this team under their name. */
  connections: number;
  /** Posts that wait to go out under their name. */
  waitingPosts: number;
}

const ORDER = 'members-oldest';
const PAGE_SIZE = 50;

/** Who came first, first. */
export async function listMembers(
  context: Context,
  caller: PersonCaller,
  { cursor }: PageInput,
): Promise<Page<Member>> {
  const position = readCursor(ORDER, cursor);
  const rows = await context.db.$queryRaw<(Member & Position)[]>`
    select p.id, p.id as "personId", m.created_at::text as key, p.name, p.email, m.role, m.created_at as "joinedAt",
      p.disabled_at is not null as "isDisabled"
    from membership m join person p on p.id = m.person_id
    where m.team_id = ${caller.teamId}
      and (${position?.key ?? null}::text is null
        or (m.created_at, p.id) > (${position?.key ?? null}::timestamptz, ${position?.id ?? null}))
    order by m.created_at, p.id
    limit ${PAGE_SIZE + 1}`;
  return toPage(rows, PAGE_SIZE, ORDER, ({ key: _key, id: _id, ...member }) => member);
}

/** @throws AppError NotFound */
export async function findLeaving(
  context: Context,
  caller: PersonCaller,
  personId: string,
): Promise<Leaving> {
  const [row] = await context.db.$queryRaw<Leaving[]>`
    select p.id as "personId", p.name, p.email, m.role, m.created_at as "joinedAt",
      p.disabled_at is not null as "isDisabled",
      (select count(*) from connection c
       where c.team_id = m.team_id and c.person_id = p.id and c.revoked_at is null)::int as connections,
      (select count(distinct d.post_id) from delivery d
       left join connection c on c.team_id = d.team_id and c.id = d.scheduled_by_connection_id
       where d.team_id = m.team_id and coalesce(c.person_id, d.scheduled_by_person_id) = p.id
         and d.state in ('scheduled', 'awaiting_approval', 'claimed', 'prepared'))::int as "waitingPosts"
    from membership m join person p on p.id = m.person_id
    where m.team_id = ${caller.teamId} and m.person_id = ${personId}`;
  if (!row) throw notAMember();
  return row;
}

/** @throws AppError NotAllowed (`not_owner`) */
export function assertOwner(caller: PersonCaller): void {
  if (caller.role === 'owner') return;
  throw notAllowed({ code: 'not_owner', message: 'Only an owner of the team can do this.' });
}

/** @throws AppError InvalidInput (`invalid_role`) */
export function parseRole(role: string): Role {
  const known = ROLES.find((one) => one === role);
  if (known) return known;
  throw invalidInput({ code: 'invalid_role', field: 'role', message: 'Choose owner, editor or viewer.' });
}

export function notAMember() {
  return notFound({ code: 'not_found', message: 'This person is not a member of the team.' });
}
