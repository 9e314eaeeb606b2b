import pg from 'pg';

/** A column in which text of people, clients or networks is kept. */
export interface Sink {
  no: number;
  table: string;
  column: string;
  kind: 'text' | 'list' | 'json';
}

/** Columns of text that nobody outside can choose: made or checked by the server, each value one of a few. */
const OWN_WORDS = new Set(
  `
  activity.action activity.actor activity.result approval.decision attempt.kind attempt.outcome campaign.status
  channel.imitates channel.network channel.status channel.granted_scopes channel.own_limits channel.quota
  client_event.kind connection.scopes delivery.held_from delivery.local_time delivery.problem_code
  delivery.scheduled_by_tool delivery.state delivery.time_zone delivery_part.key delivery_part.prepared
  delivery_part.remote_ref attempt.idempotency_key invitation.role kill_switch.kind kill_switch.target
  media.mime_type media.problem_code media.source media.state media.storage_key membership.role network_app.network
  network_app.server notice.kind notice.target oidc_state.kind oidc_state.uid oidc_token.kind person.password_hash
  playground_post.liked_by playground_post.viewed_by policy_rule.condition policy_rule.effect policy_rule.quiet_from
  policy_rule.quiet_to policy_rule.tool queue_slot.local_time rate_limit.key rendition.mime_type rendition.storage_key
  team.time_zone team.language channel_link.network activity.target notice.detail oidc_grant.payload oidc_token.payload
  oidc_state.payload
  external_identity.issuer external_identity.subject
  `
    .split(/\s+/)
    .filter(Boolean),
);
/** Of other parts: the queue's, and what migrations keep. */
const OTHER_TABLES = /^(_prisma|bullmq|pgmq|job)/;
const KEYS_OF_JSON: Readonly<Record<string, readonly string[]>> = { 'client.payload': ['client_name'] };

/**
 * Puts a payload into every text of every row: each row another one, each column beginning with another one. What is
 * already there is overwritten past all rules of the database, since whoever gets past those is tried here too.
 * @param payloads with `TOKEN`, which becomes `p<payload>s<sink>q`
 */
export async function fillTexts(databaseUrl: string, payloads: readonly string[]): Promise<Sink[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica`);
    const sinks = await findSinks(client);
    for (const sink of sinks) await fill(client, sink, payloads);
    return sinks;
  } finally {
    await client.end();
  }
}

async function findSinks(client: pg.Client): Promise<Sink[]> {
  const { rows } = await client.query<{ table: string; column: string; type: string }>(
    `select table_name as "table", column_name as "column", data_type as type
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE'
       and (data_type in ('text', 'character varying', 'jsonb', 'json')
            or (data_type = 'ARRAY' and udt_name in ('_text', '_varchar')))
     order by 1, 2`,
  );
  return rows
    .filter(({ table, column }) => !OTHER_TABLES.test(table) && !/^(.*_)?id$/.test(column))
    .filter(({ table, column }) => !OWN_WORDS.has(`${table}.${column}`))
    .map(({ table, column, type }, no) => ({
      ...{ no, table, column },
      kind: type === 'ARRAY' ? 'list' : type.startsWith('json') ? 'json' : 'text',
    }));
}

async function fill(client: pg.Client, { no, table, column, kind }: Sink, payloads: readonly string[]) {
  const keys = KEYS_OF_JSON[`${table}.${column}`];
  const value = `replace(p.body, 'TOKEN', 'p' || p.no || 's${no}q')`;
  const newValue =
    kind === 'text'
      ? value
      : kind === 'list'
        ? `array_fill(${value}, array[greatest(cardinality(t."${column}"), 1)])`
        : `(select jsonb_object_agg(key, case when jsonb_typeof(value) = 'string' ${keys ? `and key = any($3)` : 'and $3::text[] is null'}
             then to_jsonb(${value}) else value end) from jsonb_each(t."${column}"))`;
  await client.query(
    `with numbered as (select ctid as place, row_number() over (order by ctid) as n from "${table}" where "${column}" is not null)
     update "${table}" t set "${column}" = ${newValue}
     from numbered join unnest($1::text[]) with ordinality as p(body, no) on (numbered.n + $2) % cardinality($1::text[]) = p.no - 1
     where t.ctid = numbered.place ${kind === 'json' ? `and jsonb_typeof(t."${column}") = 'object'` : ''}`,
    kind === 'json' ? [payloads, no * 7, keys ?? null] : [payloads, no * 7],
  );
}
