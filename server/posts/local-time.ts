const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant for people, in their zone: `Tue, 1 Dec 2026, 09:00 CET`. */
export function formatLocalTime(at: Date, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
    });
    formats.set(timeZone, format);
  }
  return format.format(at);
}
