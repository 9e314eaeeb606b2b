import { setTimeout as delay } from 'node:timers/promises';

import type { WorkerPool } from './worker-pool.ts';

/** What happens to the workers and the servers under them while they work; absent: it does not. */
export interface ChaosInput {
  /** A worker by chance, on average this often. */
  killEveryMs?: number;
  /** A worker by chance stands still for longer than its lease. */
  stopEveryMs?: number;
  stopForMs?: readonly [number, number];
  /** Each worker in turn is replaced, as by a deployment. */
  replaceEveryMs?: number;
  /** Asked before a worker is killed or stopped by chance; false: not now. */
  mayHarm?(): Promise<boolean>;
  others?: readonly { name: string; everyMs: number; times?: number; run(): Promise<void> }[];
}

export interface Chaos {
  counts: Record<string, number>;
  /** Ends what is going on, and lets go of all that stands still. */
  stop(): Promise<void>;
}

export function startChaos(input: ChaosInput & { pool: WorkerPool; random(): number }): Chaos {
  const { pool, random } = input;
  const counts: Record<string, number> = {};
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const wait = (ms: number) => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const loop = (
    everyMs: number | undefined,
    isRegular: boolean,
    run: () => Promise<unknown>,
    times = Infinity,
  ) => {
    if (!everyMs) return;
    const go = async () => {
      for (let turn = 0; turn < times; turn += 1) {
        await wait(isRegular ? everyMs : everyMs * (0.5 + random()));
        if (stopping.signal.aborted) return;
        await run();
      }
    };
    loops.push(go());
  };
  const pickVictim = async () => {
    if (input.mayHarm && !(await input.mayHarm())) return undefined;
    const all = pool.working();
    return all[Math.floor(random() * all.length)];
  };
  loop(input.killEveryMs, false, async () => {
    const worker = await pickVictim();
    if (worker && (await pool.kill(worker.pid))) count('random kills');
  });
  loop(input.stopEveryMs, false, async () => {
    const worker = await pickVictim();
    const [shortest, longest] = input.stopForMs ?? [4_500, 7_000];
    if (!worker?.child.kill('SIGSTOP')) return;
    count('stops');
    await wait(shortest + random() * (longest - shortest));
    worker.child.kill('SIGCONT');
  });
  let turn = 0;
  loop(input.replaceEveryMs, true, async () => {
    const all = pool.working();
    const worker = all[turn % all.length];
    turn += 1;
    if (!worker) return;
    pool.replace(worker);
    count('replaced');
  });
  for (const { name, everyMs, times, run } of input.others ?? []) {
    loop(
      everyMs,
      true,
      async () => {
        await run();
        count(name);
      },
      times,
    );
  }
  return {
    counts,
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
