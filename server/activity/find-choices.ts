import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

export interface ActivityChoices {
  people: { id: string; name: string }[];
  /** A client by its id, under the name of its latest connection. */
  clients: { id: string; name: string }[];
}

const MOST = 200;

/** Whom and what the team's activity can be filtered by: its members, and the clients that were ever allowed. By name. */
export async function findActivityChoices(
  { db }: Pick<Context, 'db'>,
  caller: Caller,
): Promise<ActivityChoices> {
  const [people, clients] = await Promise.all([
    db.$queryRaw<ActivityChoices['people']>`
      select p.id, p.name from membership m join person p on p.id = m.person_id
      where m.team_id = ${caller.teamId} order by p.name, p.id limit ${MOST}::int`,
    db.$queryRaw<ActivityChoices['clients']>`
      select id, name from (
        select distinct on (client_id) client_id as id, client_name as name from connection
        where team_id = ${caller.teamId} order by client_id, created_at desc
      ) latest order by name, id limit ${MOST}::int`,
  ]);
  return { people, clients };
}
