import { Temporal } from 'temporal-polyfill';

/** Whole days of a zone, put together so that a series has at most as many points as were asked for. */
export interface DayBuckets {
  /** The first day of each point, earliest first: 2026-12-01. */
  starts: string[];
  daysPerPoint: number;
  /** The instants at which the first point begins and the last ends. */
  from: Date;
  to: Date;
}

/** The days that have a moment of [from, to) in them; there is at least one. The last point ends with the last of them. */
export function toDayBuckets(from: Date, to: Date, timeZone: string, maxPoints: number): DayBuckets {
  const last = dayOf(new Date(to.getTime() - 1), timeZone);
  const wanted = dayOf(from, timeZone);
  const first = Temporal.PlainDate.compare(wanted, last) > 0 ? last : wanted;
  const dayCount = first.until(last, { largestUnit: 'days' }).days + 1;
  const daysPerPoint = Math.ceil(dayCount / maxPoints);
  const points = Math.ceil(dayCount / daysPerPoint);
  const end = last.add({ days: 1 });
  const begin = end.subtract({ days: points * daysPerPoint });
  return {
    starts: Array.from({ length: points }, (_, index) =>
      begin.add({ days: index * daysPerPoint }).toString(),
    ),
    daysPerPoint,
    from: startOf(begin, timeZone),
    to: startOf(end, timeZone),
  };
}

/** The day of `now` and those before it, each a point of its own, however many hours they have. */
export function toLastDays(now: Date, timeZone: string, days: number): DayBuckets {
  const end = dayOf(now, timeZone).add({ days: 1 });
  const begin = end.subtract({ days });
  return {
    starts: Array.from({ length: days }, (_, index) => begin.add({ days: index }).toString()),
    daysPerPoint: 1,
    from: startOf(begin, timeZone),
    to: startOf(end, timeZone),
  };
}

/** As many days again, before those. */
export function toDaysBefore({ starts }: DayBuckets, timeZone: string): Pick<DayBuckets, 'from' | 'to'> {
  const end = Temporal.PlainDate.from(starts[0]!);
  return { from: startOf(end.subtract({ days: starts.length }), timeZone), to: startOf(end, timeZone) };
}

/** Which point a day belongs to; -1 when none. */
export function bucketIndexOf({ starts, daysPerPoint }: DayBuckets, day: string): number {
  const first = Temporal.PlainDate.from(starts[0]!);
  const index = Math.floor(
    first.until(Temporal.PlainDate.from(day), { largestUnit: 'days' }).days / daysPerPoint,
  );
  return index < starts.length ? Math.max(index, -1) : -1;
}

function dayOf(at: Date, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
}

function startOf(day: Temporal.PlainDate, timeZone: string): Date {
  return new Date(day.toZonedDateTime(timeZone).epochMilliseconds);
}
