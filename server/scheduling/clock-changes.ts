import { Temporal } from 'temporal-polyfill';

/** A day on which the clocks of a zone are put forward or back. */
export interface ClockChange {
  /** 2026-10-25 */
  date: string;
  isForward: boolean;
  /** What the clocks show before and after, HH:MM. */
  from: string;
  to: string;
}

/** The changes from the first moment of one day to the first moment of another, in order. */
export function findClockChanges(timeZone: string, firstDay: string, endDay: string): ClockChange[] {
  const end = Temporal.PlainDate.from(endDay).toZonedDateTime(timeZone);
  // A change in the first moment of the day is one of that day.
  let at = Temporal.PlainDate.from(firstDay).toZonedDateTime(timeZone).subtract({ seconds: 1 });
  const changes: ClockChange[] = [];
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (!next || Temporal.ZonedDateTime.compare(next, end) >= 0) return changes;
    const offsetBefore = next.subtract({ nanoseconds: 1 }).offsetNanoseconds;
    const moved = next.offsetNanoseconds - offsetBefore;
    const wallBefore = next.toPlainDateTime().subtract({ nanoseconds: moved });
    // Where a zone only changed its name nothing happens to the clocks.
    if (moved !== 0) changes.push(toChange(wallBefore, next.toPlainDateTime()));
    at = next;
  }
}

function toChange(before: Temporal.PlainDateTime, after: Temporal.PlainDateTime): ClockChange {
  return {
    date: before.toPlainDate().toString(),
    isForward: Temporal.PlainDateTime.compare(after, before) > 0,
    from: toTime(before),
    to: toTime(after),
  };
}

function toTime(moment: Temporal.PlainDateTime): string {
  return moment.toPlainTime().toString({ smallestUnit: 'minute' });
}
