import { Temporal } from 'temporal-polyfill';

/** What a wall time is in a zone: one instant; two, where clocks go back over it; or none, where they go forward. */
export type WallTimeReading =
  | { occurs: 'once'; at: Temporal.ZonedDateTime }
  | { occurs: 'twice'; at: Temporal.ZonedDateTime; secondAt: Temporal.ZonedDateTime }
  /** `next` is the first moment after the gap. */
  | { occurs: 'never'; next: Temporal.ZonedDateTime };

/** `timeZone` is an IANA name that this runtime knows. */
export function readWallTime(wallTime: Temporal.PlainDateTime, timeZone: string): WallTimeReading {
  const at = wallTime.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const secondAt = wallTime.toZonedDateTime(timeZone, { disambiguation: 'later' });
  if (at.equals(secondAt)) return { occurs: 'once', at };
  // In a gap the earlier reading lies before it, and shows another wall time than was asked for.
  if (!at.toPlainDateTime().equals(wallTime)) return { occurs: 'never', next: findEndOfGap(at, secondAt) };
  return { occurs: 'twice', at, secondAt };
}

/** To the second, in which the zones of today are: the two readings lie around the gap, and the offset tells which side. */
function findEndOfGap(before: Temporal.ZonedDateTime, after: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const timeZone = before.timeZoneId;
  const toZoned = (seconds: number) =>
    Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO(timeZone);
  let last = Math.floor(before.epochMilliseconds / 1000);
  let first = Math.ceil(after.epochMilliseconds / 1000);
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2);
    if (toZoned(middle).offsetNanoseconds === before.offsetNanoseconds) last = middle;
    else first = middle;
  }
  return toZoned(first);
}
