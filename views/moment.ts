import { html } from './html.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
  });
  formats.set(timeZone, format);
  return format;
}

/** An instant in words, in a zone. */
export function Moment({ at, timeZone }: { at: Date; timeZone: string }) {
  return html`<time datetime=${at.toISOString()}>${formatIn(timeZone).format(at)}</time>`;
}
