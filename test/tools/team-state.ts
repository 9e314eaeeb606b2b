import type { Context } from '../../server/context.ts';

/** What every call leaves behind, and the connection's own signs of use. */
const LEFT_OUT: ReadonlySet<string> = new Set(['activity', 'activity_digest', 'connection']);

/** Every row of a team, by table; and the parts and attempts of its deliveries. */
export async function readTeamState(
  { pool }: Pick<Context, 'pool'>,
  teamId: string,
): Promise<Record<string, unknown>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select c.table_name as name from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and c.column_name = 'team_id' and t.table_type = 'BASE TABLE' order by 1`,
  );
  const ofTeam = tables
    .filter(({ name }) => !LEFT_OUT.has(name))
    .map(({ name }) => ({ name, where: 'r.team_id = $1' }));
  const ofDelivery = ['delivery_part', 'attempt'].map((name) => ({
    name,
    where: 'r.delivery_id in (select id from delivery where team_id = $1)',
  }));
  const selects = [...ofTeam, ...ofDelivery, { name: 'team', where: 'r.id = $1' }].map(
    ({ name, where }) =>
      `select '${name}' as name, coalesce(jsonb_agg(to_jsonb(r) order by r::text), '[]') as rows from "${name}" r where ${where}`,
  );
  const { rows } = await pool.query<{ name: string; rows: unknown }>(selects.join(' union all '), [teamId]);
  return Object.fromEntries(rows.map(({ name, rows: found }) => [name, found]));
}
