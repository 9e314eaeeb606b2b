import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';

import { startTestCluster } from '../support/cluster.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { startMeasuredProcess } from './measured-process.ts';
import { seedBenchTeam } from './seed.ts';

/** How long before the first post is due the workers are there. */
const LEAD_SECONDS = 3;
const GIVE_UP_SECONDS = 300;
const POLL_MS = 500;

export interface PublishingLoad {
  channels: number;
  posts: number;
  /** Over which the due times lie evenly, each channel's turn after the other. */
  spreadSeconds: number;
  /** What one call of the network takes. */
  networkMs: number;
}

export interface PublishingFigures {
  queue: string;
  /** From the due time to `published`, by PostgreSQL's clock, one of each post that was published. */
  lateMs: number[];
  /** Posts that went out before one of their channel that was due earlier. */
  outOfOrder: number;
  early: number;
  cpuSeconds: number;
  /** Of all connections; NaN where the system does not tell. */
  databaseCpuSeconds: number;
}

/** Posts that a person scheduled, published by one worker process with the settings as they are, in a database of its own. */
export async function runPublishingLoad(load: PublishingLoad): Promise<PublishingFigures> {
  await using cluster = await startTestCluster();
  await using redis = hasRedisServer() ? await startTestRedis() : undefined;
  const { url } = cluster.postgres;
  const { publicUrl, secretKey } = await seedBenchTeam(url, { campaigns: 1 });
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  const environment = {
    ...{ DATABASE_URL: url, PUBLIC_URL: publicUrl, SECRET_KEY: secretKey, LOG_LEVEL: 'error' },
    ...(redis && { REDIS_URL: redis.url }),
  };
  const workers = await startMeasuredProcess('publishing-process.ts', environment, [`${load.networkMs}`]);
  try {
    for (const sql of statementsOf(load)) await owner.query(sql);
    await workers.readCpuUs();
    await waitUntilPublished(owner, load);
    const cpuSeconds = (await workers.readCpuUs()) / 1_000_000;
    const databaseCpuSeconds = await readDatabaseCpuSeconds(owner);
    const figures = await readFigures(owner);
    return { ...figures, queue: redis ? 'Redis' : 'PostgreSQL', cpuSeconds, databaseCpuSeconds };
  } finally {
    await workers.stop();
    await owner.end();
  }
}

const teamId = '(select id from team)';
const personId = '(select id from person)';
const postOf = `'pst_' || lpad(to_hex(n), 32, '0')`;
const channelOf = (n: string) => `'chn_' || lpad(to_hex(${n}), 32, '0')`;

function statementsOf({ channels, posts, spreadSeconds }: PublishingLoad): string[] {
  const all = `generate_series(1, ${posts}) n`;
  const due = `start + make_interval(secs => (n - 1) * ${spreadSeconds / posts})`;
  return [
    'begin',
    `insert into channel (id, team_id, network, handle, remote_account_id)
      select ${channelOf('n')}, ${teamId}, 'playground', 'channel-' || n, 'account-' || n from generate_series(1, ${channels}) n`,
    `insert into post (id, team_id, campaign_id, created_by_person_id)
      select ${postOf}, ${teamId}, (select id from campaign), ${personId} from ${all}`,
    `insert into post_revision (team_id, post_id, rev, text, content_hash)
      select ${teamId}, ${postOf}, 1, 'Post ' || n, sha256(n::text::bytea) from ${all}`,
    `insert into caption (team_id, post_id, rev, channel_id, parts)
      select ${teamId}, ${postOf}, 1, ${channelOf(`1 + n % ${channels}`)}, array['Post ' || n] from ${all}`,
    `insert into approval (id, team_id, post_id, rev, content_hash, person_id, decision)
      select 'apr_' || lpad(to_hex(n), 32, '0'), ${teamId}, ${postOf}, 1, sha256(n::text::bytea), ${personId}, 'approved' from ${all}`,
    `insert into delivery (id, team_id, post_id, channel_id, rev, state, due_at, not_before, not_after, scheduled_at,
        scheduled_by_person_id)
      select 'dlv_' || lpad(to_hex(n), 32, '0'), ${teamId}, ${postOf}, ${channelOf(`1 + n % ${channels}`)}, 1, 'scheduled',
        ${due}, ${due}, ${due} + interval '30 minutes', start, ${personId}
      from ${all}, (select clock_timestamp() + make_interval(secs => ${LEAD_SECONDS}) as start) times`,
    'commit',
    // Not what is empty yet: a plan for an empty table reads all of it, and would be kept while it fills.
    'analyze channel, post, post_revision, caption, approval, delivery',
    "select pg_notify('grantcast_due', '')",
  ];
}

async function waitUntilPublished(owner: pg.Client, { posts, spreadSeconds }: PublishingLoad): Promise<void> {
  const giveUpAt = performance.now() + (spreadSeconds + GIVE_UP_SECONDS) * 1000;
  while (performance.now() < giveUpAt) {
    const { rows } = await owner.query<{ count: number }>(
      `select count(*)::int as count from delivery where state = 'published'`,
    );
    if (rows[0]!.count === posts) return;
    await pause(POLL_MS);
  }
}

/** proc(5): utime and stime of each connection's process, in hundredths of a second. */
async function readDatabaseCpuSeconds(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  const seconds = rows.map(async ({ pid }) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  });
  return (await Promise.all(seconds)).reduce((sum, each) => sum + each, 0);
}

async function readFigures(
  owner: pg.Client,
): Promise<Pick<PublishingFigures, 'lateMs' | 'outOfOrder' | 'early'>> {
  const { rows } = await owner.query<{ lateMs: number; isOutOfOrder: boolean }>(`
    select (extract(epoch from d.published_at - d.due_at) * 1000)::float8 as "lateMs",
      coalesce(sent.at < max(sent.at) over (partition by d.channel_id order by d.due_at, d.id
        rows between unbounded preceding and 1 preceding), false) as "isOutOfOrder"
    from delivery d
    cross join lateral (select max(started_at) as at from attempt where delivery_id = d.id and kind = 'send') sent
    where d.state = 'published'`);
  return {
    lateMs: rows.map(({ lateMs }) => lateMs),
    outOfOrder: rows.filter(({ isOutOfOrder }) => isOutOfOrder).length,
    early: rows.filter(({ lateMs }) => lateMs < 0).length,
  };
}
