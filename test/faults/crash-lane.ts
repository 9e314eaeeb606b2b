import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';

import pg from 'pg';
import { vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { notifyDue } from '../../server/deliveries/notify-due.ts';
import { startWorkers } from '../../workers/start-workers.ts';
import { createFakeChannel } from '../publishing/fake-channel.ts';
import { createPublishingTeam, scheduleTestDelivery } from '../publishing/fixtures.ts';
import { startFakePds, type FakePds, type WriteFault } from '../support/fakes/fake-pds.ts';
import { openTestContext } from '../support/test-context.ts';

const SECRET_KEY = 'a test secret of at least 32 characters';
const WAIT = { timeout: 60_000, interval: 20 };
const POINT_WAIT = { timeout: 10_000, interval: 10 };

/** Where the worker is when it is killed. */
export const CRASH_POINTS = ['before_send', 'not_accepted', 'in_flight', 'before_settle'] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export interface LaneResult {
  kills: number;
  /** What became of each that is not live, or not known to be. */
  lost: string[];
  duplicates: number;
  /** Of them: with the delivery in the state that belongs to the point. */
  killsAtPoint: number;
}

interface Lane {
  context: Context;
  fake: FakePds;
  /** Of its own, so that a lock can be held while the pool goes on. */
  locker: { pid: number; query: pg.Client['query'] };
}

interface Target {
  deliveryId: string;
  channelId: string;
  text: string;
}

/**
 * Kills workers with kill -9, one after the other, until `wanted` of them died at the very point; then lets a last one finish
 * and counts what the network shows. On a busy machine a call may end before its worker is killed: such a kill is one more.
 */
export async function runCrashLane(
  point: CrashPoint,
  wanted: number,
  redisUrl?: string,
): Promise<LaneResult> {
  await using fake = await startFakePds();
  const settings = {
    PUBLISH_LEASE_SECONDS: '3',
    PUBLISH_QUARANTINE_SECONDS: '1',
    PUBLISH_CONCURRENCY: '4',
    DATABASE_CONNECTIONS: '6',
    ALLOW_PRIVATE_HOSTS: new URL(fake.url).host,
    ...(redisUrl && { REDIS_URL: redisUrl }),
  };
  await using context = await openTestContext(settings);
  const locker = new pg.Client({ connectionString: context.config.databaseUrl });
  await locker.connect();
  const { rows } = await locker.query<{ pid: number }>('select pg_backend_pid() as pid');
  const lane: Lane = { context, fake, locker: { pid: rows[0]!.pid, query: locker.query.bind(locker) } };
  const team = await createPublishingTeam(context);
  const result: LaneResult = { kills: 0, lost: [], duplicates: 0, killsAtPoint: 0 };
  const targets: Target[] = [];
  let next = startWorker(context, settings);
  try {
    for (let round = 0; result.killsAtPoint < wanted && round < 2 * wanted + 4; round += 1) {
      const worker = next;
      await worker.isReady;
      await settleWorn(context, targets);
      const channelId = await createFakeChannel(context, team, fake);
      const text = `${point} ${round}`;
      const schedule = async () => {
        const { id } = await scheduleTestDelivery(context, team, { channelId, parts: [text] });
        await notifyDue(context.db);
        targets.push({ deliveryId: id, channelId, text });
        return { deliveryId: id, channelId, text };
      };
      result.killsAtPoint += await CRASHES[point](lane, schedule, channelId, text, async () => {
        result.kills += await kill(worker.child);
        next = startWorker(context, settings);
      });
    }
    await next.isReady;
  } finally {
    await kill(next.child);
    fake.isDeaf = false;
    await locker.end();
  }
  const workers = await startWorkers(context);
  const ids = targets.map(({ deliveryId }) => deliveryId);
  await vi
    .waitFor(async () => {
      const open = await context.db.delivery.count({
        where: { id: { in: ids }, state: { not: 'published' } },
      });
      if (open > 0) throw new Error(`${open} deliveries of ${point} are not published yet`);
    }, WAIT)
    .catch(() => undefined);
  await workers.stop();
  for (const { deliveryId, text } of targets) {
    const shown = fake.records.filter(({ value }) => value.text === text);
    const delivery = await context.db.delivery.findUniqueOrThrow({ where: { id: deliveryId } });
    const { state, remoteId, problemCode, fence } = delivery;
    if (shown.length === 0 || state !== 'published' || remoteId !== shown[0]!.uri)
      result.lost.push(`${state} ${problemCode} at fence ${fence}, ${shown.length} live`);
    if (shown.length > 1) result.duplicates += shown.length - 1;
  }
  return result;
}

/**
 * A send that was cut off is repeated twice, then a person looks, as one does after three deaths. So what is near that comes to
 * its end before the next worker is killed: on a busy machine the kills that are meant for others would else use up its tries.
 */
async function settleWorn({ db }: Context, targets: readonly Target[]): Promise<void> {
  const ids = targets.map(({ deliveryId }) => deliveryId);
  const where = {
    id: { in: ids },
    state: { notIn: ['published', 'needs_attention'] },
    OR: [{ resendCount: { gt: 0 } }, { crashCount: { gt: 1 } }],
  };
  await vi.waitFor(async () => {
    if ((await db.delivery.count({ where })) > 0) throw new Error('something is near its last try still');
  }, WAIT);
}

/** @returns 1 when the delivery was in the point's state at the moment of the kill */
type Crash = (
  lane: Lane,
  schedule: () => Promise<Target>,
  channelId: string,
  text: string,
  killWorker: () => Promise<void>,
) => Promise<number>;

const CRASHES: Record<CrashPoint, Crash> = {
  /** The guard waits for the channel's row, which the test holds. */
  async before_send(lane, schedule, channelId, _, killWorker) {
    await lane.locker.query('begin');
    await lane.locker.query('select from channel where id = $1 for no key update', [channelId]);
    const { deliveryId } = await schedule();
    const isWaiting = await guardOrSettleWaits(lane);
    const isInState = isWaiting ? await isIn(lane, deliveryId, 'prepared') : 0;
    await killWorker();
    await endWaiting(lane);
    await lane.locker.query('rollback');
    return isInState;
  },
  /** The send is begun; its connection is never read from. */
  async not_accepted({ fake, context }, schedule, _, __, killWorker) {
    fake.isDeaf = true;
    const { deliveryId } = await schedule();
    let isInState = 0;
    await vi.waitFor(async () => {
      isInState = await isIn({ context }, deliveryId, 'sending');
      if (isInState === 0 || fake.unreadConnections() === 0)
        throw new Error('the worker has not connected yet');
    }, WAIT);
    await killWorker();
    fake.isDeaf = false;
    return isInState;
  },
  /** The network has the request and holds its answer; by turns it takes the post before, after, or never. */
  async in_flight({ fake, context }, schedule, _, text, killWorker) {
    const reached = Promise.withResolvers<void>();
    const killed = Promise.withResolvers<void>();
    const turn = Number(text.split(' ').at(-1)) % 3;
    interceptOnce(fake, text, async (write) => {
      if (turn === 0) write.commit();
      reached.resolve();
      await killed.promise;
      if (turn === 1) write.commit();
      return 'cut';
    });
    const { deliveryId } = await schedule();
    await reached.promise;
    const isInState = await isIn({ context }, deliveryId, 'sending');
    await killWorker();
    killed.resolve();
    return isInState;
  },
  /** The post is live; the worker cannot write that down, because the test holds the delivery's row. */
  async before_settle(lane, schedule, _, text, killWorker) {
    const reached = Promise.withResolvers<void>();
    const isLocked = Promise.withResolvers<void>();
    interceptOnce(lane.fake, text, async (write) => {
      reached.resolve();
      await isLocked.promise;
      write.commit();
      return 'answer';
    });
    const { deliveryId } = await schedule();
    await reached.promise;
    await lane.locker.query('begin');
    await lane.locker.query('select from delivery where id = $1 for update', [deliveryId]);
    isLocked.resolve();
    const isWaiting = await guardOrSettleWaits(lane);
    const isInState = isWaiting ? await isIn(lane, deliveryId, 'sending') : 0;
    await killWorker();
    await endWaiting(lane);
    await lane.locker.query('rollback');
    return isInState;
  },
};

function interceptOnce(fake: FakePds, text: string, fault: WriteFault): void {
  const before = fake.onWrite;
  fake.onWrite = async (write) => {
    if (write.text !== text) return before(write);
    fake.onWrite = before;
    return fault(write);
  };
}

/** The statements that wait for the row that the test holds. Asked in another session: within one transaction the view stands still. */
async function findWaiting({ locker, context }: Lane): Promise<number[]> {
  const { rows } = await context.pool.query<{ pid: number }>(
    `select pid from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and $1::int = any (pg_blocking_pids(pid))`,
    [locker.pid],
  );
  return rows.map(({ pid }) => pid);
}

/** Until a statement of the worker waits; false when none does for long. */
async function guardOrSettleWaits(lane: Lane): Promise<boolean> {
  const isWaiting = vi.waitFor(async () => {
    if ((await findWaiting(lane)).length === 0) throw new Error('no statement of the worker waits yet');
    return true;
  }, POINT_WAIT);
  return isWaiting.catch(() => false);
}

/** The statements of the dead: PostgreSQL would run them to their end before it noticed that nobody listens any more. */
async function endWaiting(lane: Lane): Promise<void> {
  await vi.waitFor(async () => {
    const pids = await findWaiting(lane);
    if (pids.length === 0) return;
    await lane.context.pool.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]);
    throw new Error('a statement of the dead worker waits still');
  }, WAIT);
}

async function isIn({ context }: Pick<Lane, 'context'>, deliveryId: string, state: string): Promise<number> {
  return context.db.delivery.count({ where: { id: deliveryId, state } });
}

interface Worker {
  child: ChildProcess;
  isReady: Promise<unknown>;
}

function startWorker(context: Context, settings: Record<string, string>): Worker {
  const child = fork(path.join(import.meta.dirname, 'worker-process.ts'), {
    execPath: process.execPath,
    execArgv: [],
    env: {
      ...settings,
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: path.join(os.tmpdir(), 'grantcast-compile-cache'),
      DATABASE_URL: context.config.databaseUrl,
      SECRET_KEY,
      LOG_LEVEL: 'fatal',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return { child, isReady: once(child, 'message') };
}

/** @returns 1 when it was alive and is dead by the signal now */
async function kill(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return 0;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return child.signalCode === 'SIGKILL' ? 1 : 0;
}
