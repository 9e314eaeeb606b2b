import pg from 'pg';

import type { ConnectionCaller } from '../../server/caller.ts';
import { readConfig } from '../../server/config.ts';
import { openContext, type Context } from '../../server/context.ts';
import { readNextDueMs } from '../../server/deliveries/next-due.ts';
import { scanDue } from '../../server/deliveries/scan-due.ts';
import { createCallRate } from '../../server/mcp/call-rate.ts';
import { guardToolHandler } from '../../server/mcp/guard-tool-handler.ts';
import { SCOPES } from '../../server/scopes.ts';
import { tools } from '../../tools/catalog.ts';
import { startTestCluster } from '../support/cluster.ts';
import { median, printTarget, quantile } from './figures.ts';
import { GROWTH_CALLS, takeSample, type GrowthCall, type Sample } from './growth-calls.ts';
import { seedGrowth } from './seed-growth.ts';
import { seedBenchTeam } from './seed.ts';

const SMALL = { posts: 1_000, days: 30 };
const LARGE = { posts: 1_000_000, days: 5 * 365 };
const WARM_UP_ROUNDS = 5;
const ROUNDS = 30;
const SCANS = 100;
/** Deliveries that a scan finds. */
const DUE = 20;
const GOAL_RATIO = 1.5;
const GOAL_SCAN_MS = 5;
const callRate = createCallRate(1_000_000_000);

export interface GrowthTeam extends AsyncDisposable {
  context: Context;
  caller: ConnectionCaller;
  sample: Sample;
}

/**
 * P11: the same tool calls, guarded and audited as the endpoint runs them, on a team with 1,000 posts and on one with
 * 1,000,000, each in a database of its own. The calls interleave, so that noise of the machine falls on both.
 */
export async function benchGrowth(): Promise<void> {
  await using cluster = await startTestCluster();
  await using small = await openGrowthTeam(cluster.postgres, 'growth_small', SMALL);
  await using large = await openGrowthTeam(cluster.postgres, 'growth_large', LARGE);
  await measureGrowth(small, large);
}

/** Prints the figures of each call, and the target's line. */
export async function measureGrowth(small: GrowthTeam, large: GrowthTeam): Promise<void> {
  const figures: { label: string; smallMs: number; largeMs: number; ratio: number }[] = [];
  for (const call of GROWTH_CALLS) {
    const [smallMs, largeMs] = await measureCall(call, small, large);
    const figure = { label: `${call.tool} (${call.name})`, smallMs, largeMs, ratio: largeMs / smallMs };
    figures.push(figure);
    const times = `${smallMs.toFixed(2)} ms | ${largeMs.toFixed(2)} ms | ${figure.ratio.toFixed(2)}`;
    process.stdout.write(`P11 ${figure.label}: ${times}\n`);
  }
  const scanMs = await measureScan(large);
  const worst = figures.reduce((one, other) => (other.ratio > one.ratio ? other : one));
  printTarget(
    'P11',
    `${figures.length} calls at ${SMALL.posts} and ${LARGE.posts} posts: worst p50 ratio ${worst.ratio.toFixed(2)}, ${worst.label}; scan with ${DUE} due p50 ${median(scanMs).toFixed(1)} ms, p99 ${quantile(scanMs, 0.99).toFixed(1)} ms`,
    `p50 ratio <= ${GOAL_RATIO} each, due-scan <= ${GOAL_SCAN_MS} ms`,
    worst.ratio <= GOAL_RATIO && median(scanMs) <= GOAL_SCAN_MS,
  );
}

/** A new database in the cluster with one team of this size. */
export async function openGrowthTeam(
  postgres: { url: string; superuserUrl: string },
  name: string,
  size: { posts: number; days: number },
): Promise<GrowthTeam> {
  const superuser = new pg.Client({ connectionString: postgres.superuserUrl });
  await superuser.connect();
  await superuser.query(`create database ${name} owner grantcast`);
  await superuser.end();
  const databaseUrl = withDatabase(postgres.url, name);
  await seedBenchTeam(databaseUrl, { campaigns: 0 });
  const caller = await findCaller(databaseUrl);
  const begunAt = performance.now();
  await seedGrowth({ superuserUrl: withDatabase(postgres.superuserUrl, name), ...caller, ...size });
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(0);
  process.stdout.write(`P11 a team with ${size.posts} posts in ${size.days} days, made in ${seconds} s\n`);
  return connectGrowthTeam(databaseUrl);
}

/** The team in a database that openGrowthTeam made. */
export async function connectGrowthTeam(databaseUrl: string): Promise<GrowthTeam> {
  const publicUrl = 'http://127.0.0.1:3000';
  const config = readConfig({ LOG_LEVEL: 'error', PUBLIC_URL: publicUrl, MCP_CALLS_PER_MINUTE: '1000000' });
  const secretKey = 'a secret of a bench with 32 characters';
  const context = openContext({ config, publicUrl, databaseUrl, secretKey });
  const caller = await findCaller(databaseUrl);
  const sample = await takeSample(context, caller.teamId);
  return { context, caller, sample, [Symbol.asyncDispose]: () => context[Symbol.asyncDispose]() };
}

function withDatabase(url: string, name: string): string {
  const named = new URL(url);
  named.pathname = `/${name}`;
  return named.href;
}

async function findCaller(databaseUrl: string): Promise<ConnectionCaller> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; team_id: string; person_id: string }>(
      'select id, team_id, person_id from connection',
    );
    const { id: connectionId, team_id: teamId, person_id: personId } = rows[0]!;
    const who = { kind: 'connection', role: 'owner', clientId: 'dyn_bench', clientName: 'Bench' } as const;
    return { ...who, teamId, personId, connectionId, policyVersion: 1, scopes: new Set(SCOPES) };
  } finally {
    await client.end();
  }
}

async function measureCall(
  call: GrowthCall,
  small: GrowthTeam,
  large: GrowthTeam,
): Promise<[number, number]> {
  const [smallMs, largeMs]: [number[], number[]] = [[], []];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const [one, other] = [await timeCall(call, small, round), await timeCall(call, large, round)];
    if (round < WARM_UP_ROUNDS) continue;
    smallMs.push(one);
    largeMs.push(other);
  }
  return [median(smallMs), median(largeMs)];
}

async function timeCall(
  call: GrowthCall,
  { context, caller, sample }: GrowthTeam,
  round: number,
): Promise<number> {
  const tool = tools.find(({ name }) => name === call.tool)!;
  const rawInput = call.input(sample, round);
  const begunAt = performance.now();
  const outcome = await guardToolHandler({ context, callRate, tool, caller, rawInput });
  const tookMs = performance.now() - begunAt;
  if (outcome.isError) throw new Error(`${call.tool} (${call.name}): ${outcome.error.message}`);
  return tookMs;
}

/** What every worker does each second and when something is due; each time so many deliveries are. */
async function measureScan({ context }: GrowthTeam): Promise<number[]> {
  const tookMs: number[] = [];
  for (let scan = 0; scan < SCANS; scan += 1) {
    await makeDue(context);
    const begunAt = performance.now();
    const { due } = await scanDue(context, 200);
    await readNextDueMs(context);
    tookMs.push(performance.now() - begunAt);
    if (due.length < DUE) throw new Error(`only ${due.length} deliveries were found due`);
  }
  return tookMs;
}

/** The same ones again, of a channel each, because one waits for another: as if nobody had been told of them yet. */
async function makeDue({ db }: Context): Promise<void> {
  await db.$executeRaw`
    update delivery set not_before = least(not_before, clock_timestamp() - interval '1 second'), hinted_at = null
    where id in (
      select distinct on (channel_id) id from delivery where state = 'scheduled'
      order by channel_id, due_at, id limit ${DUE})`;
}
