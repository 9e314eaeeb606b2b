import type { Context } from '../../server/context.ts';
import { connectSuperuser } from './superuser.ts';

export interface TimeSpan {
  days?: number;
  hours?: number;
  seconds?: number;
}

/** Numbers in stored payloads that are seconds since the epoch. */
const EPOCH_MEMBERS = ['exp', 'iat', 'iiat', 'authTime', 'loginTs'];

/**
 * Lets time pass, as far as the database knows: every timestamp of every table, and the epoch seconds in stored
 * payloads, move into the past by this span. No clock is touched and nothing waits. A superuser does it past the triggers,
 * which would take it for changes.
 */
export async function moveTime(context: Pick<Context, 'pool'>, span: TimeSpan): Promise<void> {
  const seconds = (span.days ?? 0) * 86_400 + (span.hours ?? 0) * 3600 + (span.seconds ?? 0);
  const client = await connectSuperuser(context);
  try {
    await client.query('set session_replication_role = replica');
    await client.query('begin');
    const { rows } = await client.query<{ table_name: string; column_name: string; data_type: string }>(
      `select table_name, column_name, data_type from information_schema.columns
       where table_schema = 'public' and table_name <> '_prisma_migrations'
         and (data_type = 'timestamp with time zone' or (data_type = 'jsonb' and column_name = 'payload'))
       order by table_name, column_name`,
    );
    const columnsByTable = Map.groupBy(rows, (row) => row.table_name);
    for (const [table, columns] of columnsByTable) {
      const assignments = columns.map(({ column_name: column, data_type: type }) =>
        type === 'jsonb'
          ? `"${column}" = ${shiftedPayload(`"${column}"`)}`
          : `"${column}" = "${column}" - make_interval(secs => $1::float8)`,
      );
      await client.query(`update "${table}" set ${assignments.join(', ')} where $1::float8 is not null`, [
        seconds,
      ]);
    }
    await client.query('update rate_limit set expire = expire - ($1::float8 * 1000)::bigint', [seconds]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    await client.end();
  }
}

function shiftedPayload(column: string): string {
  return EPOCH_MEMBERS.reduce(
    (payload, member) =>
      `case when jsonb_typeof(${column}->'${member}') = 'number'
         then jsonb_set(${payload}, '{${member}}', to_jsonb((${column}->>'${member}')::bigint - $1::float8::bigint))
         else ${payload} end`,
    column,
  );
}
