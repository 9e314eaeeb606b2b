import type { Context } from '../../../server/context.ts';

/** What looking and being refused may change: when a session was used last, and how often somebody asked. */
const RESTLESS = ['browser_session', 'rate_limit'];

/** A fingerprint of everything in the database. */
export async function readWholeState({ pool }: Context): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const queries = tables
    .filter(({ name }) => !RESTLESS.includes(name))
    .map(
      ({ name }) =>
        `select '${name}' as name, count(*) as rows, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as content from "${name}" t`,
    );
  const { rows } = await pool.query(queries.join(' union all '));
  return JSON.stringify(rows);
}
