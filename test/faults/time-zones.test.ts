import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { AppError } from '../../server/errors.ts';
import { readPostTime, toWallTime } from '../../server/posts/post-time.ts';
import { slotTimes, type WeeklySlot } from '../../server/scheduling/slot-times.ts';
import { printTarget } from '../bench/figures.ts';
import { openTestContext } from '../support/test-context.ts';
import { faultCount, faultSeed } from './fault-counts.ts';
import {
  endOfGapByIntl,
  findTransitions,
  instantsByIntl,
  instantsByPostgres,
  toText,
  toUtcMs,
  wallTimeByIntl,
  wallTimesByPostgres,
  type ZoneTransition,
} from './zone-oracle.ts';

const SEED = faultSeed(20_261_121);
const RUNS = faultCount({ full: 10_000, short: 1000 });
const DAY_MS = 86_400_000;

/** Zone and the years in which four changes of its clocks are taken. */
const ZONES: readonly [zone: string, fromYear: number, toYear: number][] = [
  ['Europe/Berlin', 2097, 2100],
  ['Europe/Dublin', 2026, 2030],
  ['America/New_York', 2026, 2030],
  ['America/St_Johns', 2007, 2012],
  // Clocks go forward at midnight, so days begin at one.
  ['America/Sao_Paulo', 2015, 2020],
  ['America/Havana', 2026, 2030],
  ['America/Santiago', 2026, 2030],
  ['Asia/Beirut', 2024, 2030],
  ['Africa/Cairo', 2026, 2030],
  // Over the end of the day.
  ['America/Nuuk', 2026, 2030],
  // Pause in Ramadan.
  ['Africa/Casablanca', 2020, 2024],
  ['Asia/Gaza', 2021, 2025],
  // By half an hour, by two hours, to 45 minutes past, and changes of the standard time itself.
  ['Australia/Lord_Howe', 2026, 2030],
  ['Antarctica/Troll', 2026, 2030],
  ['Pacific/Chatham', 2026, 2030],
  ['Asia/Pyongyang', 1908, 2020],
  ['Asia/Colombo', 1940, 2010],
  ['Antarctica/Casey', 2009, 2024],
  // A day that never was: 30 December 2011.
  ['Pacific/Apia', 2011, 2013],
  ['Asia/Tehran', 2019, 2023],
];
const TRANSITIONS_A_ZONE = 4;

let context: Context;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());

test('R9: no post goes out at another instant than its wall time says, whatever clocks do', async () => {
  const transitions = (await Promise.all(ZONES.map(chooseTransitions))).flat();
  const wrong: string[] = [];
  for (const transition of transitions) {
    const [edge, inside] = wallTimesOf(transition);
    for (const check of [
      checkWallTime(transition, edge),
      checkWallTime(transition, inside),
      checkSlot(transition, inside),
    ]) {
      const problem = await check;
      if (problem) wrong.push(`${transition.timeZone} ${toText(transition.atMs)}: ${problem}`);
    }
  }
  const cases = transitions.length * 3;
  const shown = await runProperties();
  const disagreements = await compareWithPostgres(shown);
  const figure = `${wrong.length + disagreements.length} wrong of ${cases} and ${RUNS} (seed ${SEED}, tz ${process.versions.tz ?? 'unknown'})`;
  const isMet = cases === 240 && wrong.length + disagreements.length === 0;
  printTarget('R9', figure, '0 of 240 and 10,000', isMet);
  expect([...wrong, ...disagreements]).toEqual([]);
  expect(cases).toBe(240);
});

/** Of those that PostgreSQL, whose copy of the IANA database is of another day, knows just so: the last four. */
async function chooseTransitions([timeZone, fromYear, toYear]: (typeof ZONES)[number]): Promise<
  ZoneTransition[]
> {
  const known: ZoneTransition[] = [];
  for (const transition of findTransitions(timeZone, fromYear, toYear)) {
    const around = [-8 * DAY_MS, -1000, 0, 8 * DAY_MS].map((distance) => ({
      timeZone,
      atMs: transition.atMs + distance,
    }));
    const walls = await wallTimesByPostgres(context, around);
    if (around.every(({ atMs }, index) => walls[index] === wallTimeByIntl(atMs, timeZone)))
      known.push(transition);
  }
  return known.slice(-TRANSITIONS_A_ZONE);
}

/** The first wall time that clocks go over, or that comes twice; and one in the middle. */
function wallTimesOf({ atMs, before, after }: ZoneTransition): [string, string] {
  const [from, to] = [atMs + Math.min(before, after), atMs + Math.max(before, after)];
  const minutes = Math.floor((to - from) / 2 / 60_000);
  return [toText(from), toText(from + minutes * 60_000)];
}

/** What is wrong about how a post's time is read; null for nothing. */
async function checkWallTime({ timeZone }: ZoneTransition, wallTime: string): Promise<string | null> {
  const instants = instantsByIntl(wallTime, timeZone);
  const other = await instantsByPostgres(context, wallTime, timeZone);
  if (String(instants) !== String(other))
    return `the oracles differ about ${wallTime}: ${inWords(instants)} and ${inWords(other)}`;
  const expected =
    instants.length === 0 ? `never, next ${toText(endOfGapByIntl(wallTime, timeZone))}` : inWords(instants);
  const read = readInWords(wallTime, timeZone);
  return read === expected ? null : `${wallTime} is read as ${read}, and it is ${expected}`;
}

function readInWords(wallTime: string, timeZone: string): string {
  try {
    const { at, secondAt } = readPostTime(wallTime, timeZone);
    return [at, secondAt].flatMap((instant) => (instant ? [toText(instant.getTime())] : [])).join(', ');
  } catch (error) {
    if (!(error instanceof AppError) || error.details.code !== 'nonexistent_time') throw error;
    const next = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d/.exec(error.message)?.[0] ?? '';
    return `never, next ${toText(Date.parse(next))}`;
  }
}

/** A slot at that time of that day, from the week before on: each week its wall time, or the end of the gap over it. */
function checkSlot({ timeZone, atMs }: ZoneTransition, wallTime: string): string | null {
  const weeks = [-7, 0, 7].map((days) => toText(toUtcMs(wallTime) + days * DAY_MS));
  const expected = weeks.map((wall) => instantsByIntl(wall, timeZone)[0] ?? endOfGapByIntl(wall, timeZone));
  const from = new Date(Math.min(expected[0]!, atMs) - 2 * DAY_MS);
  const slot = { weekday: weekdayOf(wallTime), localTime: wallTime.slice(11, 16) };
  const found = [...slotTimes([slot], timeZone, { from, days: 30 })].slice(0, 3).map((at) => at.getTime());
  return String(found) === String(expected)
    ? null
    : `slots at ${inWords(found)}, expected ${inWords(expected)}`;
}

const inWords = (instants: readonly number[]) => instants.map(toText).join(', ');

/** ISO 8601: 1 is Monday. */
function weekdayOf(wallTime: string): number {
  return new Date(toUtcMs(wallTime)).getUTCDay() || 7;
}

const zones = Intl.supportedValuesOf('timeZone');
const anySlot = fc.record({
  weekday: fc.integer({ min: 1, max: 7 }),
  localTime: fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':')),
});

interface Shown {
  atMs: number;
  timeZone: string;
  wallTime: string;
}

/** @returns what we say that clocks show, for the other oracle */
async function runProperties(): Promise<Shown[]> {
  const shown: Shown[] = [];
  const minutes = { min: Date.UTC(1973, 0, 1) / 60_000, max: Date.UTC(2100, 0, 1) / 60_000 };
  fc.assert(
    fc.property(
      fc.integer(minutes),
      fc.constantFrom(...zones),
      fc.array(anySlot, { minLength: 1, maxLength: 4 }),
      (minute, timeZone, slots) => {
        const atMs = minute * 60_000;
        const wallTime = wallTimeByIntl(atMs, timeZone);
        expect(toWallTime(new Date(atMs), timeZone)).toBe(wallTime);
        shown.push({ atMs, timeZone, wallTime });
        const time = readPostTime(wallTime, timeZone);
        expect([time.at.getTime(), time.secondAt?.getTime()]).toContain(atMs);
        checkSlots(slots, timeZone, atMs);
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
  return shown;
}

/** Ever later, and each at its own wall time, or at the end of a gap over it. */
function checkSlots(slots: readonly WeeklySlot[], timeZone: string, fromMs: number): void {
  let lastMs = fromMs;
  for (const at of slotTimes(slots, timeZone, { from: new Date(fromMs), days: 8 })) {
    expect(at.getTime()).toBeGreaterThan(lastMs);
    lastMs = at.getTime();
    const wallTime = wallTimeByIntl(lastMs, timeZone);
    const isOwn = slots.some(
      ({ weekday, localTime }) => weekday === weekdayOf(wallTime) && wallTime.endsWith(`T${localTime}:00`),
    );
    if (!isOwn)
      expect(wallTimeByIntl(lastMs - 1000, timeZone).slice(0, 16)).not.toBe(
        toText(toUtcMs(wallTime) - 1000).slice(0, 16),
      );
  }
}

/** The years that both copies of the database tell alike: past ones, since 1990. */
async function compareWithPostgres(shown: readonly Shown[]): Promise<string[]> {
  const past = shown.filter(({ wallTime }) => wallTime > '1990' && wallTime < '2025');
  const names = await context.db.$queryRaw<{ name: string }[]>`select name from pg_timezone_names`;
  const known = new Set(names.map(({ name }) => name));
  const pairs = past.filter(({ timeZone }) => known.has(timeZone));
  const walls = await wallTimesByPostgres(context, pairs);
  return pairs.flatMap(({ timeZone, wallTime }, index) =>
    walls[index] === wallTime ? [] : [`${timeZone}: ${wallTime} here, ${walls[index]} in PostgreSQL`],
  );
}
