import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';

import type { CrashOrder, CrashQuestion, CrashReply } from './crash-orders.ts';
import { isFullRun } from './fault-counts.ts';

export const WORKERS = 3;
/** Started ahead: in a full campaign a start takes longer than what a worker lives. */
const SPARES = isFullRun() ? 3 : 1;
/** Then no more are started: the program does not run at all. */
const TOO_MANY_EXITS = 6;

export interface FaultWorker {
  child: ChildProcess;
  pid: number;
  slot: number;
  isReady: boolean;
  isStopped: boolean;
}

export interface WorkerPoolInput {
  /** A file beside this one. */
  program: string;
  serverUrl: string;
  env: Record<string, string>;
  /** How far the clocks of the workers in each slot are off. */
  clockShiftsMs?: readonly number[];
  /** Where a worker that begins with a delivery is to die. */
  orderFor(deliveryId: string, pid: number): Promise<CrashOrder | null>;
  onDeath(pid: number): void;
}

export interface WorkerPool extends AsyncDisposable {
  /** Those that work now. */
  working(): FaultWorker[];
  /** @returns whether it was alive and is dead by the signal now */
  kill(pid: number): Promise<boolean>;
  /** As a deployment does: a new one takes its place, and it ends when it has finished what it has in hand. */
  replace(worker: FaultWorker): void;
  /** Deaths by kill -9 so far, by whoever sent it. */
  kills(): number;
  /** Exits that nobody asked for. */
  unexpected: string[];
}

/** Three workers that are replaced as soon as they die, by ones that were started before. */
export function startWorkerPool(input: WorkerPoolInput): WorkerPool {
  const { clockShiftsMs = [] } = input;
  const slots: (FaultWorker | undefined)[] = Array.from({ length: WORKERS });
  const spares: FaultWorker[] = [];
  const leaving = new Set<FaultWorker>();
  let kills = 0;
  const unexpected: string[] = [];
  let isOver = false;
  const isShifted = clockShiftsMs.some((shiftMs) => shiftMs !== 0);

  const answer = async ({ child, pid }: FaultWorker, { deliveryId }: CrashQuestion) => {
    const reply: CrashReply = { deliveryId, order: await input.orderFor(deliveryId, pid) };
    if (child.connected) child.send(reply, () => undefined);
  };
  const open = (slot: number): FaultWorker => {
    const child = fork(path.join(import.meta.dirname, input.program), [input.serverUrl], {
      execPath: process.execPath,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {
        ...input.env,
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: path.join(os.tmpdir(), 'grantcast-compile-cache'),
        FAULT_CLOCK_SHIFT_MS: String(clockShiftsMs[slot] ?? 0),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const worker: FaultWorker = { child, pid: child.pid!, slot, isReady: false, isStopped: false };
    child.on('error', () => undefined);
    child.on('message', (message: CrashQuestion | 'ready') => {
      if (message === 'ready') {
        worker.isReady = true;
        fill();
        return;
      }
      void answer(worker, message);
    });
    child.on('exit', (code, signal) => {
      leaving.delete(worker);
      const spare = spares.indexOf(worker);
      if (spare !== -1) spares.splice(spare, 1);
      const isWorking = slots[worker.slot] === worker;
      if (isWorking) slots[worker.slot] = undefined;
      if (signal === 'SIGKILL' && !isOver) {
        kills += 1;
        input.onDeath(worker.pid);
      } else if (!isOver && code !== 0) unexpected.push(`${code} ${signal}`);
      fill();
    });
    return worker;
  };
  /** Spares with another clock than a slot's do not fit it. */
  const fill = () => {
    if (isOver || unexpected.length >= TOO_MANY_EXITS) return;
    for (let slot = 0; slot < WORKERS; slot += 1) {
      if (slots[slot]) continue;
      const index = spares.findIndex((spare) => spare.isReady && (!isShifted || spare.slot === slot));
      if (index === -1) continue;
      const [worker] = spares.splice(index, 1);
      worker!.slot = slot;
      slots[slot] = worker;
      worker!.child.send('start', () => undefined);
    }
    const empty = slots.filter((worker) => !worker).length;
    while (spares.length < SPARES + empty) spares.push(open(findBarestSlot()));
  };
  /** An empty slot before the others, then the one with the fewest spares. */
  const findBarestSlot = () => {
    const stock = slots.map(
      (worker, slot) => spares.filter((spare) => spare.slot === slot).length - (worker ? 0 : 1),
    );
    return stock.indexOf(Math.min(...stock));
  };
  const kill = async (worker: FaultWorker): Promise<boolean> => {
    const { child } = worker;
    if (child.exitCode !== null || child.signalCode !== null) return false;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    return child.signalCode === 'SIGKILL';
  };
  const working = () => slots.filter((worker) => worker !== undefined);
  fill();
  return {
    working,
    kill: async (pid) => {
      const worker = [...working(), ...leaving].find((each) => each.pid === pid);
      return worker ? kill(worker) : false;
    },
    replace(worker) {
      if (slots[worker.slot] !== worker) return;
      slots[worker.slot] = undefined;
      leaving.add(worker);
      worker.child.kill('SIGTERM');
      fill();
    },
    kills: () => kills,
    unexpected,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await Promise.all([...working(), ...spares, ...leaving].map(kill));
    },
  };
}
