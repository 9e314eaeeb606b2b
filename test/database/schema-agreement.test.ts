import { readFile } from 'node:fs/promises';

import pg from 'pg';
import { expect, test } from 'vitest';

import { diffSchemas } from '../../prisma/diff-schemas.ts';
import { createTestDatabase } from '../support/test-database.ts';

/** What prisma/schema.prisma cannot say and only the migrations do. Whoever adds one writes it down here. */
const ONLY_IN_SQL = [
  'constraint activity.activity_actor',
  'constraint approval.approval_decision',
  'constraint attempt.attempt_kind',
  'constraint campaign.campaign_status',
  'constraint caption.caption_has_parts',
  'constraint channel.channel_imitates',
  'constraint channel.channel_status',
  'constraint delivery.delivery_crash_count',
  'constraint delivery.delivery_has_one_authority',
  'constraint delivery.delivery_published_has_remote',
  'constraint delivery.delivery_sending_is_recorded',
  'constraint delivery.delivery_state',
  'constraint delivery.delivery_stop_has_reason',
  'constraint delivery.delivery_waiting_has_times',
  'constraint delivery.delivery_work_is_leased',
  'constraint invitation.invitation_role',
  'constraint kill_switch.kill_switch_kind',
  'constraint kill_switch.kill_switch_target',
  'constraint media.media_focal_point',
  'constraint media.media_ready_has_file',
  'constraint media.media_source',
  'constraint media.media_state',
  'constraint membership.membership_role',
  'constraint metric_snapshot.metric_snapshot_counts',
  'constraint oidc_token.oidc_token_kind',
  'constraint policy_rule.policy_rule_condition',
  'constraint policy_rule.policy_rule_effect',
  'constraint policy_rule.policy_rule_posts_per_day',
  'constraint post.post_current_revision',
  'constraint post_revision.post_revision_counts',
  'constraint queue_slot.queue_slot_time',
  'constraint revision_media.revision_media_place',
  'function give_notice',
  'function media_grams',
  'function media_words',
  'function new_activity_id',
  'function notice_channel',
  'function notice_delivery',
  'function notice_request',
  'function record_delivery_change',
  'function record_held_anew',
  'function refuse_change',
  'function search_grams',
  'index attempt.attempt_one_open',
  'index campaign.campaign_search',
  'index delivery.delivery_channel_window',
  'index delivery.delivery_due',
  'index delivery.delivery_held',
  'index delivery.delivery_leased',
  'index delivery.delivery_metrics',
  'index delivery.delivery_one_sending_per_channel',
  'index delivery.delivery_order',
  'index delivery.delivery_remote_id',
  'index delivery.delivery_window',
  'index kill_switch.kill_switch_once',
  'index media.media_missing_alt',
  'index media.media_search',
  'index webhook_call.webhook_call_due',
  'trigger activity.activity_is_append_only',
  'trigger activity_digest.activity_digest_is_append_only',
  'trigger approval_request.approval_request_is_noticed',
  'trigger channel.channel_is_noticed',
  'trigger delivery.delivery_is_held_anew',
  'trigger delivery.delivery_is_noticed',
  'trigger delivery.delivery_is_recorded',
  'trigger metric_snapshot.metric_snapshot_is_never_changed',
];

test('the migrations make what the schema says, and beyond it only what is listed', async () => {
  await using migrated = await createTestDatabase();
  await using declared = await createTestDatabase({ isMigrated: false });
  const schema = await readFile('prisma/schema.prisma', 'utf8');
  await runSql(declared.url, await diffSchemas(undefined, schema, declared.url));

  const inMigrations = await describeDatabase(migrated.url);
  const inSchema = await describeDatabase(declared.url);
  const beyond = [...inMigrations.keys()].filter((name) => !inSchema.has(name));
  expect(beyond.toSorted()).toEqual(ONLY_IN_SQL);

  for (const name of beyond) inMigrations.delete(name);
  expect(Object.fromEntries(inMigrations)).toEqual(Object.fromEntries(inSchema));
});

/** Every column, constraint, index, trigger and function, by kind and name, with its definition in PostgreSQL's words. */
async function describeDatabase(url: string): Promise<Map<string, string>> {
  const rows = await runSql(
    url,
    `with tables as (
       select oid, relname from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> '_prisma_migrations')
     select 'column ' || relname || '.' || attname as name,
       format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
         || coalesce(' default ' || pg_get_expr(adbin, adrelid), '') as definition
     from tables join pg_attribute on attrelid = tables.oid and attnum > 0 and not attisdropped
     left join pg_attrdef on adrelid = attrelid and adnum = attnum
     union all
     select 'constraint ' || relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
     from tables join pg_constraint on conrelid = tables.oid where contype <> 'n'
     union all
     select 'index ' || relname || '.' || indexrelid::regclass::text, pg_get_indexdef(indexrelid)
     from tables join pg_index on indrelid = tables.oid
     union all
     select 'trigger ' || relname || '.' || tgname, pg_get_triggerdef(pg_trigger.oid)
     from tables join pg_trigger on tgrelid = tables.oid and not tgisinternal
     union all
     select 'function ' || proname, pg_get_functiondef(oid)
     from pg_proc where pronamespace = 'public'::regnamespace`,
  );
  return new Map(rows.map(({ name, definition }) => [String(name), String(definition)]));
}

async function runSql(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows ?? [];
  } finally {
    await client.end();
  }
}
