import { setTimeout as sleep } from 'node:timers/promises';

import type { Context } from '../context.ts';
import { readChangeMarks } from './read-change-marks.ts';

const PAUSE_MS = 300;
const PAUSE_AFTER_FAILURE_MS = 2_000;

export interface Watched {
  /** From now on no change is missed. */
  ready: Promise<void>;
  stop(): void;
}

export interface ChangeWatch {
  /** Calls back whenever something of the team has changed. */
  watch(teamId: string, onChange: () => void): Watched;
}

interface WatchedTeam {
  listeners: Set<() => void>;
  /** By `since`; empty until they were read for the first time. */
  marks: ReadonlyMap<string, string>;
  first: PromiseWithResolvers<void>;
}

/** One loop per process over all teams that somebody looks at; it rests while nobody does. */
export function createChangeWatch(context: Pick<Context, 'pool' | 'log'>): ChangeWatch {
  const teams = new Map<string, WatchedTeam>();
  let isRunning = false;

  async function lookOnce(): Promise<void> {
    const marks = Map.groupBy(await readChangeMarks(context, [...teams.keys()]), ({ teamId }) => teamId);
    for (const [teamId, read] of marks) {
      const team = teams.get(teamId);
      if (!team) continue;
      const isChanged = read.some(({ since, mark }) => (team.marks.get(since) ?? mark) !== mark);
      team.marks = new Map(read.map(({ since, mark }) => [since, mark]));
      team.first.resolve();
      if (isChanged) for (const tell of team.listeners) tell();
    }
  }

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    while (teams.size > 0) {
      let pauseMs = PAUSE_MS;
      try {
        await lookOnce();
      } catch (error) {
        context.log.warn({ err: error }, 'what changed could not be read; pages are told later');
        pauseMs = PAUSE_AFTER_FAILURE_MS;
      }
      await sleep(pauseMs, undefined, { ref: false });
    }
    isRunning = false;
  }

  return {
    watch(teamId, onChange) {
      const team = teams.get(teamId) ?? {
        listeners: new Set(),
        marks: new Map(),
        first: Promise.withResolvers<void>(),
      };
      teams.set(teamId, team);
      team.listeners.add(onChange);
      void run();
      return {
        ready: team.first.promise,
        stop() {
          team.listeners.delete(onChange);
          if (team.listeners.size === 0 && teams.get(teamId) === team) teams.delete(teamId);
        },
      };
    },
  };
}
