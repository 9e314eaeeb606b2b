import type { Context } from '../../server/context.ts';
import { createPublishingTeam } from '../publishing/fixtures.ts';
import { startChaos, type ChaosInput } from './chaos.ts';
import { checkInvariants, type EndedDelivery, type Violation } from './checker.ts';
import { planDelivery, type PlanInput } from './delivery-plan.ts';
import { installEdgeLog, readEdgeLog, type LoggedEdge } from './edge-log.ts';
import { countOpen, isAnyDying, isAnyHurt, readEnded, readLastChange } from './ended-deliveries.ts';
import { createRandom } from './fault-counts.ts';
import { patiently } from './patiently.ts';
import type { VisiblePost } from './personality-server.ts';
import { createCampaignChannels, placePlanned } from './place-planned.ts';
import { pollUntil } from './poll-until.ts';
import { openStage, type Death } from './stage.ts';

const BATCH = 10;
const START_MS = 60_000;
/** What has not changed for so long changes no more: the longest lease and quarantine several times over. */
const STILL_MS = 120_000;
export const LONGEST_REST_MS = 600_000;
/** A named death waits this long for what an earlier death left to be in no worker's hands. */
const HURT_WAIT_MS = 500;

export interface CampaignInput {
  seed: number;
  context: Context;
  redisUrl?: string | undefined;
  /** It goes on until all of these are reached. */
  until: {
    kills?: number;
    deliveries?: number;
    /** Of something else that happens, by its name. */
    others?: Record<string, number>;
  };
  /** Deliveries under way at any time; more only make them wait. */
  openAtOnce?: number;
  /** By the names of .env.example, over the campaign's own. */
  settings?: Record<string, string>;
  plan?: Partial<PlanInput>;
  chaos?: ChaosInput;
  clockShiftsMs?: readonly number[];
  /** How long it may take until then. */
  patienceMs: number;
}

export interface CampaignResult {
  deliveries: EndedDelivery[];
  edges: LoggedEdge[];
  violations: Violation[];
  posts: readonly VisiblePost[];
  kills: number;
  killsAtPoints: number;
  deaths: Death[];
  /** Exits of workers that nobody asked for. */
  unexpectedExits: string[];
  tookMs: number;
  /** What else happened, and how often. */
  counts: Record<string, number>;
}

/** Settings of workers under which an orphan is taken over soon, so that thousands of deaths fit into a run. */
export const QUICK_SETTINGS = {
  PUBLISH_LEASE_SECONDS: '4',
  PUBLISH_CONCURRENCY: '3',
  DATABASE_CONNECTIONS: '5',
  DRAIN_SECONDS: '10',
  LOG_LEVEL: 'fatal',
  SECRET_KEY: 'a test secret of at least 32 characters',
};

const PLAN = { channelsPerNetwork: 30, deathShare: 0, faultShare: 0 };

/** Deliveries over ten kinds of networks, three workers that die, and whatever else the chaos does; then the seven invariants. */
export async function runCampaign(input: CampaignInput): Promise<CampaignResult> {
  const { context, seed, until, openAtOnce = 60 } = input;
  const databaseUrl = context.config.databaseUrl!;
  const plan = { ...PLAN, ...input.plan, seed };
  const startedAtMs = performance.now();
  await installEdgeLog(databaseUrl);
  await using stage = await openStage({
    seed,
    program: 'fault-worker-process.ts',
    env: {
      ...QUICK_SETTINGS,
      ...input.settings,
      DATABASE_URL: databaseUrl,
      ...(input.redisUrl && { REDIS_URL: input.redisUrl }),
    },
    clockShiftsMs: input.clockShiftsMs,
    mayDie: () => pollUntil(async () => !(await patiently(() => isAnyHurt(context))), HURT_WAIT_MS),
  });
  const { plans, pool, oracle } = stage;
  const team = await createPublishingTeam(context);
  const channels = await createCampaignChannels(context, team, plan.channelsPerNetwork);
  const isRunning = await pollUntil(async () => pool.working().length > 0, START_MS);
  if (!isRunning) throw new Error(`no worker starts: ${pool.unexpected.join(', ')}`);
  const chaos = startChaos({
    ...input.chaos,
    mayHarm: async () => !(await patiently(() => isAnyDying(context))),
    pool,
    random: createRandom(seed + 1),
  });
  const isEnough = () =>
    pool.kills() >= (until.kills ?? 0) &&
    plans.size >= (until.deliveries ?? 0) &&
    Object.entries(until.others ?? {}).every(([name, times]) => (chaos.counts[name] ?? 0) >= times);
  await pollUntil(async () => {
    if ((await patiently(() => countOpen(context))) < openAtOnce) {
      const next = Array.from({ length: BATCH }, (_, at) => planDelivery(plan, plans.size + at));
      await placePlanned(context, team, channels, next, (id, at) => plans.set(id, next[at]!));
    }
    return isEnough();
  }, input.patienceMs);
  await chaos.stop();
  await comeToRest(context);
  const deliveries = await patiently(() => readEnded(context, [...plans.keys()]));
  const edges = await readEdgeLog(databaseUrl);
  return {
    deliveries,
    edges,
    violations: checkInvariants({ deliveries, edges, oracle }),
    posts: oracle.posts,
    kills: pool.kills(),
    killsAtPoints: stage.killsAtPoints(),
    deaths: stage.deaths,
    unexpectedExits: pool.unexpected,
    tookMs: performance.now() - startedAtMs,
    counts: chaos.counts,
  };
}

/** Until every delivery is at its end, or nothing happens any more. */
async function comeToRest(context: Context): Promise<void> {
  let [lastChange, changedAtMs] = [0, performance.now()];
  await pollUntil(async () => {
    const change = await patiently(() => readLastChange(context));
    if (change !== lastChange) [lastChange, changedAtMs] = [change, performance.now()];
    const isStill = performance.now() - changedAtMs > STILL_MS;
    return isStill || (await patiently(() => countOpen(context))) === 0;
  }, LONGEST_REST_MS);
}
