import { Temporal } from 'temporal-polyfill';

/** The day of an instant in a zone: midnight to midnight, 23 or 25 hours when clocks change. */
export interface DueDay {
  from: Date;
  /** Not included. */
  to: Date;
  /** The instant's wall time, HH:MM. */
  wallTime: string;
}

export function dueDayOf(at: Date, timeZone: string): DueDay {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  const start = local.startOfDay();
  return {
    from: new Date(start.epochMilliseconds),
    to: new Date(start.add({ days: 1 }).startOfDay().epochMilliseconds),
    wallTime: local.toPlainTime().toString({ smallestUnit: 'minute' }),
  };
}

/** The day that ends at this instant, YYYY-MM-DD. */
export function dayBefore(at: Date, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime() - 1).toZonedDateTimeISO(timeZone);
  return local.toPlainDate().toString();
}
