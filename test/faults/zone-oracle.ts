import type { Context } from '../../server/context.ts';

// What an instant is on a clock in a zone, and the other way round, without a library for time: by Intl's formatting, and by
// PostgreSQL with its own copy of the IANA database. Wall times are texts as in rows: 2026-12-01T09:00:00.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Further than any two wall times around one instant lie apart: a zone that crosses the date line drops a day. */
const AROUND_MS = 28 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

export function wallTimeByIntl(atMs: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    // Swedish writes dates as ISO 8601 does.
    const parts = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    } as const;
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, ...parts, second: '2-digit', hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  return format.format(atMs).replace(' ', 'T');
}

/** What the clock is ahead of UTC, in ms. */
export function offsetByIntl(atMs: number, timeZone: string): number {
  return toUtcMs(wallTimeByIntl(atMs, timeZone)) - atMs;
}

/** Every instant at which clocks show the wall time, in order: none in a gap, two where clocks go back. */
export function instantsByIntl(wallTime: string, timeZone: string): number[] {
  const middle = toUtcMs(wallTime);
  const offsets = new Set<number>();
  for (let probe = middle - AROUND_MS; probe <= middle + AROUND_MS; probe += HOUR_MS) {
    offsets.add(offsetByIntl(probe, timeZone));
  }
  return [...offsets]
    .map((offset) => middle - offset)
    .filter((atMs) => wallTimeByIntl(atMs, timeZone) === wallTime)
    .toSorted((a, b) => a - b);
}

/** The first minute at which clocks show a later wall time than one that they go over. */
export function endOfGapByIntl(wallTime: string, timeZone: string): number {
  const middle = toUtcMs(wallTime);
  for (let atMs = middle - AROUND_MS; atMs <= middle + AROUND_MS; atMs += MINUTE_MS) {
    if (wallTimeByIntl(atMs, timeZone) > wallTime) return atMs;
  }
  throw new Error(`no end of the gap over ${wallTime} in ${timeZone}`);
}

export interface ZoneTransition {
  timeZone: string;
  /** The first instant with the new offset. */
  atMs: number;
  /** ms ahead of UTC. */
  before: number;
  after: number;
}

/** When clocks are changed in a zone, by looking at each day and then closer. */
export function findTransitions(timeZone: string, fromYear: number, toYear: number): ZoneTransition[] {
  const transitions: ZoneTransition[] = [];
  const day = 24 * HOUR_MS;
  for (let ms = Date.UTC(fromYear, 0, 1); ms < Date.UTC(toYear, 0, 1); ms += day) {
    const [before, after] = [offsetByIntl(ms, timeZone), offsetByIntl(ms + day, timeZone)];
    if (before === after) continue;
    let [last, first] = [ms, ms + day];
    while (first - last > MINUTE_MS) {
      const middle = last + Math.floor((first - last) / 2 / MINUTE_MS) * MINUTE_MS;
      if (offsetByIntl(middle, timeZone) === before) last = middle;
      else first = middle;
    }
    transitions.push({ timeZone, atMs: first, before, after });
  }
  return transitions;
}

/** What PostgreSQL says that clocks show, one text per pair. */
export async function wallTimesByPostgres(
  { db }: Pick<Context, 'db'>,
  pairs: readonly { atMs: number; timeZone: string }[],
): Promise<string[]> {
  const rows = await db.$queryRaw<{ wall: string }[]>`
    select to_char(to_timestamp(ms / 1000.0) at time zone zone, 'YYYY-MM-DD"T"HH24:MI:SS') as wall
    from unnest(${pairs.map(({ atMs }) => atMs)}::float8[], ${pairs.map(({ timeZone }) => timeZone)}::text[])
      with ordinality as pair (ms, zone, no)
    order by no`;
  return rows.map(({ wall }) => wall);
}

/** Every instant at which PostgreSQL's clock shows the wall time, in order. */
export async function instantsByPostgres(
  { db }: Pick<Context, 'db'>,
  wallTime: string,
  timeZone: string,
): Promise<number[]> {
  const rows = await db.$queryRaw<{ ms: number }[]>`
    select distinct (extract(epoch from at) * 1000)::float8 as ms
    from generate_series(-28, 28) as hours,
      lateral (select (${wallTime}::timestamp at time zone 'UTC') + make_interval(hours => hours) as probe) probes,
      lateral (select (probe at time zone ${timeZone}) - (probe at time zone 'UTC') as ahead) offsets,
      lateral (select (${wallTime}::timestamp at time zone 'UTC') - ahead as at) candidates
    where at at time zone ${timeZone} = ${wallTime}::timestamp
    order by ms`;
  return rows.map(({ ms }) => ms);
}

export function toUtcMs(wallTime: string): number {
  return Date.parse(`${wallTime}Z`);
}

/** A wall time so many ms ahead of UTC. */
export function toText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
