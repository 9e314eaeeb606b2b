const DAY = format({ weekday: 'long', day: 'numeric', month: 'long' });
const SHORT_DAY = format({ day: 'numeric', month: 'short', year: 'numeric' });
const MONTH = format({ month: 'long', year: 'numeric' });

/** A day without a zone, which is read and shown as if it were one of UTC. */
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
}

/** 2026-11-24 as `Tuesday 24 November`. */
export function dayWords(date: string): string {
  return DAY.format(new Date(date));
}

export type CalendarViewName = 'month' | 'week' | 'agenda';

/** What a view shows: `November 2026`, `23–29 Nov 2026`. */
export function rangeWords(view: CalendarViewName, anchor: string, days: readonly string[]): string {
  return view === 'month'
    ? MONTH.format(new Date(anchor))
    : SHORT_DAY.formatRange(new Date(days[0]!), new Date(days.at(-1)!));
}

export interface ShownClockChange {
  date: string;
  isForward: boolean;
  from: string;
  to: string;
}

export function clockChangeWords({ isForward, from, to }: ShownClockChange): string {
  return `Clocks go ${isForward ? 'forward' : 'back'} at ${from}, to ${to}`;
}
