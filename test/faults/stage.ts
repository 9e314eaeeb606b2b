import type { CrashOrder } from './crash-orders.ts';
import type { DeliveryPlan } from './delivery-plan.ts';
import { createRandom } from './fault-counts.ts';
import { startPersonalityServer, type IncomingSend, type PersonalityServer } from './personality-server.ts';
import { createFates } from './send-fates.ts';
import { startWorkerPool, type WorkerPool } from './worker-pool.ts';

export interface StageInput {
  seed: number;
  program: string;
  env: Record<string, string>;
  clockShiftsMs?: readonly number[] | undefined;
  /** Asked before a worker dies at a named point; false: this one is spared. */
  mayDie(): Promise<boolean>;
}

/** A delivery over which a worker died as it was told to. */
export interface Death {
  deliveryId: string;
  point: string;
  /** Milliseconds since the epoch. */
  atMs: number;
}

/** The networks of a campaign and the workers that publish to them, each of which dies where the plan of a delivery says so. */
export interface Stage extends AsyncDisposable {
  /** By delivery; the campaign adds them. */
  plans: Map<string, DeliveryPlan>;
  oracle: PersonalityServer;
  pool: WorkerPool;
  deaths: Death[];
  /** Workers that died at a named point. */
  killsAtPoints(): number;
}

export async function openStage(input: StageInput): Promise<Stage> {
  const { mayDie } = input;
  const plans = new Map<string, DeliveryPlan>();
  /** Who was told to die over which delivery. */
  const orders = new Map<string, { pid: number; point: string }>();
  /** The part over which the network kills the worker that sends it. */
  const inFlight = new Map<string, number>();
  const deaths: Death[] = [];
  let killsAtPoints = 0;

  const diesInFlight = ({ deliveryId, partNo }: IncomingSend) =>
    inFlight.get(deliveryId) === partNo && inFlight.delete(deliveryId);
  const orderFor = async (deliveryId: string, pid: number): Promise<CrashOrder | null> => {
    const death = plans.get(deliveryId)?.death;
    if (!death || orders.has(deliveryId)) return null;
    const { point, partNo, turn } = death;
    orders.set(deliveryId, { pid, point });
    if (!(await mayDie())) {
      orders.set(deliveryId, { pid: 0, point });
      return null;
    }
    if (point !== 'in_flight') return { deliveryId, partNo, point };
    if (turn === 'not_begun') return { deliveryId, partNo, point: 'begun' };
    inFlight.set(deliveryId, partNo);
    return null;
  };
  const onDeath = (pid: number) => {
    const over = [...orders].filter(([, order]) => order.pid === pid);
    killsAtPoints += over.length > 0 ? 1 : 0;
    for (const [deliveryId, { point }] of over) {
      deaths.push({ deliveryId, point, atMs: Date.now() });
      orders.set(deliveryId, { pid: 0, point });
    }
  };

  await using opened = new AsyncDisposableStack();
  const fates = createFates({
    planOf: (deliveryId) => plans.get(deliveryId),
    diesInFlight,
    kill: (pid) => pool.kill(pid),
    random: createRandom(input.seed),
  });
  const oracle = opened.use(await startPersonalityServer(fates));
  const pool = opened.use(
    startWorkerPool({
      program: input.program,
      serverUrl: oracle.url,
      env: { ...input.env, ALLOW_PRIVATE_HOSTS: new URL(oracle.url).host },
      clockShiftsMs: input.clockShiftsMs ?? [],
      orderFor,
      onDeath,
    }),
  );
  const running = opened.move();
  return {
    plans,
    oracle,
    pool,
    deaths,
    killsAtPoints: () => killsAtPoints,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
