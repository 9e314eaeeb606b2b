import { CalendarEntry, type ShownEntry } from './calendar-entry.ts';
import { clockChangeWords, dayWords, type ShownClockChange } from './calendar-words.ts';
import { html } from './html.ts';

export interface CalendarAgendaProps {
  today: string;
  entries: readonly ShownEntry[];
  clockChanges: readonly ShownClockChange[];
}

/** Day by day what goes out; days without anything are left out. */
export function CalendarAgenda({ today, entries, clockChanges }: CalendarAgendaProps) {
  const byDay = Map.groupBy(entries, ({ date }) => date);
  const dates = [...new Set([...byDay.keys(), ...clockChanges.map(({ date }) => date)])].toSorted();
  return html`<div class="agenda">
    ${dates.map(
      (date) =>
        html`<section key=${date} aria-labelledby=${`day-${date}`}>
          <h3 id=${`day-${date}`}>${dayWords(date)}${date === today && ', today'}</h3>
          ${clockChanges
            .filter((change) => change.date === date)
            .map((change) => html`<p class="clocks">${clockChangeWords(change)}</p>`)}
          <ul>
            ${byDay.get(date)?.map((entry) => html`<${CalendarEntry} key=${`${entry.time}${entry.postId}`} entry=${entry} />`)}
          </ul>
        </section>`,
    )}
  </div>`;
}
