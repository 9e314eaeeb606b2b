import pg from 'pg';

export interface GrowthInput {
  /** A superuser's, of the team's database: triggers and foreign keys are left out while rows are made by the million. */
  superuserUrl: string;
  teamId: string;
  personId: string;
  connectionId: string;
  posts: number;
  /** How long the team has been posting. */
  days: number;
}

const CHANNELS = 20;
const POSTS_PER_CAMPAIGN = 100;
const POSTS_PER_PICTURE = 10;
/** Its handle: what is told of a channel's last days can be compared there, because as much was published in them. */
export const STEADY_CHANNEL = 'steady';
const STEADY_POSTS_PER_DAY = 2;
/** How far ahead it plans. */
const PLANNED_DAYS = 7;
/** Numbers older than this are there as well, but need no reading in any call. */
const MEASURED_DAYS = 90;

/**
 * A team's history: posts evenly over its days and some days ahead, on one or two of 20 channels, in campaigns of 100; states
 * as they come to be, with what rarely happens as rare as it is. The n-th row is the same in every run. One more channel,
 * STEADY_CHANNEL, gets two posts a day in every team.
 */
export async function seedGrowth({ superuserUrl, ...input }: GrowthInput): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query("set maintenance_work_mem = '512MB'");
    for (const sql of statementsOf(input)) await client.query(sql);
  } finally {
    await client.end();
  }
}

/** An id as server/ids.ts makes them, of a moment and a number: ids of one kind sort by time. */
const id = (prefix: string, at: string, seed: string) =>
  `'${prefix}_' || lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7' || substr(md5('${prefix}' || ${seed}), 1, 19)`;
/** 0 to 999, the same for the same number. */
const chance = (seed: string) => `(abs(hashint8(${seed}::int8)) % 1000)`;
const channelOf = (seed: string) => `(select id from bench_channel where n = (${seed}) % ${CHANNELS})`;

function statementsOf(input: Omit<GrowthInput, 'superuserUrl'>): string[] {
  const { teamId, personId, connectionId, posts, days } = input;
  const made = `'${personId}', '${connectionId}'`;
  const steadyEvery = Math.ceil(posts / (days + PLANNED_DAYS) / STEADY_POSTS_PER_DAY);
  const span = `make_interval(secs => n * ${((days + PLANNED_DAYS) * 86_400) / posts})`;
  return [
    `create temp table bench_clock as select date_trunc('hour', clock_timestamp()) as now`,
    `create temp table bench_channel as
      select n, ${id('chn', "timestamptz '2020-01-01'", 'n')} as id from generate_series(0, ${CHANNELS}) n`,
    `insert into channel (id, team_id, network, handle, remote_account_id)
      select id, '${teamId}', case when n % 2 = 0 then 'bluesky' else 'playground' end, case n when ${CHANNELS}
        then '${STEADY_CHANNEL}' else 'channel-' || n end, 'account-' || n
      from bench_channel`,
    `insert into queue_slot (team_id, channel_id, weekday, local_time)
      select '${teamId}', id, weekday, local_time
      from bench_channel, generate_series(1, 5) weekday, unnest(array['09:00', '12:30', '17:00']) local_time`,
    `create temp table bench_post as
      select n, ${id('pst', 'created_at', 'n')} as id, ${id('cmp', 'campaign_at', `(n / ${POSTS_PER_CAMPAIGN})`)} as campaign_id,
        created_at, campaign_at, due_at, due_at < now as is_past, ${chance('n')} as luck
      from (
        select n, now, now - make_interval(days => ${days}) + ${span} as due_at,
          now - make_interval(days => ${days}) + ${span} - interval '10 days' as created_at,
          now - make_interval(days => ${days + 30}) + make_interval(secs => (n / ${POSTS_PER_CAMPAIGN}) * ${
            (POSTS_PER_CAMPAIGN * (days + PLANNED_DAYS) * 86_400) / posts
          }) as campaign_at
        from generate_series(0, ${posts - 1}) n, bench_clock
      ) times`,
    `insert into campaign (id, team_id, name, goal, audience, key_messages, status, created_by_person_id,
        created_by_connection_id, created_at)
      select distinct on (campaign_id) campaign_id, '${teamId}', 'Campaign ' || n / ${POSTS_PER_CAMPAIGN} || ' of the year',
        'Be seen', 'Developers', array['fast', 'safe'],
        case when n / ${POSTS_PER_CAMPAIGN} % 10 = 9 then 'archived' when n / ${POSTS_PER_CAMPAIGN} % 50 = 3 then 'paused'
          else 'active' end, ${made}, campaign_at
      from bench_post order by campaign_id`,
    `insert into campaign_channel (team_id, campaign_id, channel_id)
      select '${teamId}', c.id, b.id from campaign c, bench_channel b where b.n < 4 and c.team_id = '${teamId}'`,
    `insert into post (id, team_id, campaign_id, rev, created_by_person_id, created_by_connection_id, created_at)
      select id, '${teamId}', campaign_id, 1, ${made}, created_at from bench_post`,
    `insert into post_revision (team_id, post_id, rev, text, content_hash, created_at)
      select '${teamId}', id, 1, 'Post ' || n || ': what we made faster this week, why it took so long, and what comes next.',
        decode(md5(id), 'hex'), created_at from bench_post`,
    `create temp table bench_delivery as
      select d.*, ${id('dlv', 'created_at', "n || '/' || k")} as id, coalesce(d.on_channel, '') as channel_id,
        case
          when luck < 30 then 'draft'
          when is_past and luck < 50 then 'cancelled'
          when is_past and luck < 60 then 'failed'
          when is_past and luck < 65 then 'missed'
          when is_past and luck = 65 and n % 50 = 0 then 'needs_attention'
          when is_past then 'published'
          when luck < 130 then 'awaiting_approval'
          when luck < 160 then 'held'
          else 'scheduled' end as state
      from (
        select p.n, k, p.id as post_id, p.created_at, p.due_at, p.is_past, p.luck, case when k = 0 and p.n % ${steadyEvery} = 0
          then (select id from bench_channel where n = ${CHANNELS}) else ${channelOf('p.n + k * 7')} end as on_channel
        from bench_post p, generate_series(0, 1) k where k = 0 or p.luck % 2 = 0
      ) d`,
    `insert into caption (team_id, post_id, rev, channel_id, parts)
      select '${teamId}', post_id, 1, channel_id, array['Post ' || n || ': what we made faster this week.'] from bench_delivery`,
    `insert into delivery (id, team_id, post_id, channel_id, rev, state, due_at, time_zone, local_time, not_before, not_after,
        scheduled_at, scheduled_by_connection_id, problem_code, problem_message, remote_id, remote_url, published_at,
        metrics_due_at, created_at, updated_at)
      select id, '${teamId}', post_id, channel_id, 1, state, at, 'Europe/Berlin', at::text, at, at + interval '30 minutes',
        created_at, '${connectionId}',
        case when state in ('failed', 'held', 'missed', 'needs_attention') then 'campaign_paused' end,
        case when state in ('failed', 'held', 'missed', 'needs_attention') then 'It did not go out.' end,
        case when state = 'published' then 'at://did:plc:bench/app.bsky.feed.post/' || id end,
        case when state = 'published' then 'https://example.com/' || id end,
        case when state = 'published' then due_at + interval '1 second' end,
        case when state = 'published' then case when due_at < (select now from bench_clock) - interval '30 days'
          then 'infinity' else due_at + interval '30 days' end end, created_at, created_at
      from (select *, case when state <> 'draft' then due_at end as at from bench_delivery) d`,
    `insert into delivery_part (delivery_id, part_no, text, key, frozen_at, remote_id, remote_url, published_at)
      select id, 1, 'Post ' || n, id, due_at, id, 'https://example.com/' || id, due_at
      from bench_delivery where state = 'published'`,
    `insert into attempt (delivery_id, fence, part_no, kind, payload_hash, idempotency_key, started_at, finished_at, outcome)
      select id, 1, 1, 'send', '\\x00', id, due_at, due_at, 'published' from bench_delivery where state = 'published'`,
    `insert into metric_snapshot (team_id, delivery_id, captured_at, views, likes, comments, shares)
      select '${teamId}', id, due_at + make_interval(hours => age), case when n % 2 = 0 then 10 * age end, luck % 20, luck % 5, luck % 3
      from bench_delivery, unnest(array[0, 1, 6, 24, 72, 168, 720]) age, bench_clock
      where state = 'published' and due_at > now - make_interval(days => ${MEASURED_DAYS})
        and due_at + make_interval(hours => age) < now`,
    `insert into channel_snapshot (team_id, channel_id, day, captured_at, followers, posts)
      select '${teamId}', id, day, day, 1000 + n * 10, 1 from bench_channel, bench_clock,
        generate_series(now - make_interval(days => ${Math.min(days, 1825)}), now, interval '1 day') day`,
    `insert into media (id, team_id, state, source, filename, alt_text, tags, mime_type, width, height, byte_count, storage_key,
        content_hash, origin_hash, created_by_person_id, created_at)
      select ${id('med', 'created_at', 'n')}, '${teamId}', 'ready', 'url', 'picture-' || n || '.jpg',
        case when n % 200 > 0 then 'A chart of week ' || n end, array['chart'], 'image/jpeg', 1200, 630, 90000, md5(n::text),
        decode(md5(n::text), 'hex'), decode(md5(n::text), 'hex'), '${personId}', created_at
      from bench_post where n % ${POSTS_PER_PICTURE} = 0`,
    `insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, detail)
      select ${id('act', 'at', 'n || action')}, '${teamId}', at, actor, '${personId}', '${connectionId}', action, post_id, 'ok',
        jsonb_build_object('channelId', channel_id)
      from bench_delivery, bench_clock, lateral (values
        ('create_post', 'connection', created_at), ('list_posts', 'connection', created_at + interval '1 minute'),
        ('delivery.' || state, 'system', due_at)) as entry (action, actor, at)
      where k = 0 and at < now`,
    'vacuum analyze',
  ];
}
