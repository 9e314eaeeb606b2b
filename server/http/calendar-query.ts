import { CALENDAR_VIEWS } from '../scheduling/calendar-range.ts';

/** What of a calendar's address says which one it is: its view, its day and its filter. Anything else is left out. */
export function readCalendarQuery(query: Readonly<Record<string, unknown>>): URLSearchParams {
  const kept = ['from', 'campaign', 'channel'].flatMap((name) => {
    const value = query[name];
    return typeof value === 'string' && value !== '' && !value.includes('\0') ? [[name, value]] : [];
  });
  const view = CALENDAR_VIEWS.find((one) => one === query['view']);
  return new URLSearchParams(view ? [['view', view], ...kept] : kept);
}
