import { Temporal } from 'temporal-polyfill';

import { readWallTime } from './wall-time.ts';

/** A time of the week at which a channel's posts go out when they were given none. */
export interface WeeklySlot {
  /** 1 is Monday, 7 Sunday (ISO 8601). */
  weekday: number;
  /** Wall time HH:MM. */
  localTime: string;
}

/**
 * The instants of weekly slots in a zone, after `from` and up to `days` later, earliest first, no two alike. Where clocks go
 * forward over a slot it is the first moment after the gap; where they go back over it, the first of the two.
 */
export function* slotTimes(
  slots: readonly WeeklySlot[],
  timeZone: string,
  { from, days }: { from: Date; days: number },
): Generator<Date, void, undefined> {
  const start = Temporal.Instant.fromEpochMilliseconds(from.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const end = from.getTime() + days * 86_400_000;
  const timesByWeekday = Map.groupBy(slots, ({ weekday }) => weekday);
  let lastMs = from.getTime();
  // A gap may push the last slot of the day before into this one, and the last day is only a part of one.
  for (let day = -1; day <= days + 1; day += 1) {
    const date = start.add({ days: day });
    const times = (timesByWeekday.get(date.dayOfWeek) ?? []).map(({ localTime }) => localTime).toSorted();
    for (const time of times) {
      const atMs = toInstantMs(date.toPlainDateTime(time), timeZone);
      if (atMs > end) return;
      if (atMs <= lastMs) continue;
      lastMs = atMs;
      yield new Date(atMs);
    }
  }
}

function toInstantMs(wallTime: Temporal.PlainDateTime, timeZone: string): number {
  const reading = readWallTime(wallTime, timeZone);
  return (reading.occurs === 'never' ? reading.next : reading.at).epochMilliseconds;
}
