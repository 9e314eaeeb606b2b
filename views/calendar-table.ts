import { CalendarEntry, type ShownEntry } from './calendar-entry.ts';
import { clockChangeWords, dayWords, type ShownClockChange } from './calendar-words.ts';
import { html } from './html.ts';

export interface CalendarTableProps {
  caption: string;
  days: readonly string[];
  today: string;
  /** Days of other months are set back; absent where no month is shown. */
  month?: string | undefined;
  entries: readonly ShownEntry[];
  clockChanges: readonly ShownClockChange[];
  /** How many of a day are shown; the rest is behind a link. */
  perDay: number;
  /** The agenda from a day on. */
  agendaHref: (date: string) => string;
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Weeks as rows; on a phone the days with something in them as a list. */
export function CalendarTable({ caption, days, ...props }: CalendarTableProps) {
  const byDay = Map.groupBy(props.entries, ({ date }) => date);
  const weeks = Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
  return html`<table class="days">
    <caption class="hidden">
      ${caption}
    </caption>
    <thead>
      <tr>
        ${WEEKDAYS.map((name) => html`<th key=${name} scope="col"><abbr title=${name}>${name.slice(0, 3)}</abbr></th>`)}
      </tr>
    </thead>
    <tbody>
      ${weeks.map(
        (week) =>
          html`<tr key=${week[0]}>
            ${week.map((date) => html`<${Day} key=${date} date=${date} of=${byDay.get(date) ?? []} ...${props} />`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

interface DayProps extends Omit<CalendarTableProps, 'caption' | 'days'> {
  date: string;
  of: readonly ShownEntry[];
}

function Day({ date, of, today, month, clockChanges, perDay, agendaHref }: DayProps) {
  const changes = clockChanges.filter((change) => change.date === date);
  const isToday = date === today;
  const isBare = of.length === 0 && changes.length === 0;
  return html`<td
    class=${month && date.slice(0, 7) !== month ? 'outside' : undefined}
    data-bare=${isBare ? '' : undefined}
    aria-current=${isToday ? 'date' : undefined}
  >
    <a class="day" href=${agendaHref(date)}>
      <span class="number" aria-hidden="true">${Number(date.slice(8))}</span>
      <span class="name">${dayWords(date)}${isToday && ', today'}</span>
    </a>
    ${changes.map((change) => html`<p class="clocks">${clockChangeWords(change)}</p>`)}
    ${
      of.length > 0 &&
      html`<ul>
        ${of.slice(0, perDay).map((entry) => html`<${CalendarEntry} key=${`${entry.time}${entry.postId}`} entry=${entry} />`)}
      </ul>`
    }
    ${of.length > perDay && html`<a class="more" href=${agendaHref(date)}>+${of.length - perDay} more<span class="hidden"> on ${dayWords(date)}</span></a>`}
  </td>`;
}
