import { Temporal } from 'temporal-polyfill';

export const CALENDAR_VIEWS = ['month', 'week', 'agenda'] as const;
export type CalendarView = (typeof CALENDAR_VIEWS)[number];

/** The days that a calendar shows. Dates are 2026-12-01. */
export interface CalendarRange {
  view: CalendarView;
  /** What the view is of: the first of the month, the Monday of the week, the first day of the agenda. */
  anchor: string;
  /** Every day that is shown, in order; a month has whole weeks. */
  days: string[];
  /** The day after the last. */
  end: string;
  /** The first and last instant in the zone; `to` is not included. */
  from: Date;
  to: Date;
  previous: string;
  next: string;
  /** Today in the zone. */
  today: string;
}

const AGENDA_DAYS = 28;
const DATE = /^(?:19[7-9]\d|20\d\d|21\d\d)-\d{2}-\d{2}$/;

/** @param date a day of the view; what is no date, or out of reach, is today */
export function findCalendarRange(
  view: CalendarView,
  date: string | undefined,
  { timeZone, now }: { timeZone: string; now: Date },
): CalendarRange {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const { anchor, first, end, step } = findDays(view, readDate(date) ?? today);
  return {
    view,
    anchor: anchor.toString(),
    days: Array.from({ length: first.until(end).days }, (_, index) => first.add({ days: index }).toString()),
    end: end.toString(),
    from: toInstant(first, timeZone),
    to: toInstant(end, timeZone),
    previous: anchor.subtract(step).toString(),
    next: anchor.add(step).toString(),
    today: today.toString(),
  };
}

export function readDate(text: string | undefined): Temporal.PlainDate | null {
  if (!text || !DATE.test(text)) return null;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return null;
  }
}

interface Days {
  anchor: Temporal.PlainDate;
  first: Temporal.PlainDate;
  end: Temporal.PlainDate;
  step: Temporal.DurationLike;
}

function findDays(view: CalendarView, day: Temporal.PlainDate): Days {
  if (view === 'agenda')
    return { anchor: day, first: day, end: day.add({ days: AGENDA_DAYS }), step: { days: AGENDA_DAYS } };
  if (view === 'week') {
    const monday = mondayOf(day);
    return { anchor: monday, first: monday, end: monday.add({ days: 7 }), step: { days: 7 } };
  }
  const anchor = day.with({ day: 1 });
  const last = anchor.add({ months: 1 }).subtract({ days: 1 });
  return { anchor, first: mondayOf(anchor), end: mondayOf(last).add({ days: 7 }), step: { months: 1 } };
}

function mondayOf(day: Temporal.PlainDate): Temporal.PlainDate {
  return day.subtract({ days: day.dayOfWeek - 1 });
}

function toInstant(day: Temporal.PlainDate, timeZone: string): Date {
  return new Date(day.toZonedDateTime(timeZone).epochMilliseconds);
}
