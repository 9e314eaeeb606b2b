import { CalendarAgenda } from './calendar-agenda.ts';
import type { ShownEntry } from './calendar-entry.ts';
import { CalendarTable } from './calendar-table.ts';
import { rangeWords, type CalendarViewName, type ShownClockChange } from './calendar-words.ts';
import { CampaignChannelFilter } from './campaign-channel-filter.ts';
import { EmptyState, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { Layout, type Viewer } from './layout.ts';
import type { NamedChannel } from './networks.ts';

export interface CalendarViewProps {
  viewer: Viewer;
  done: string | undefined;
  timeZone: string;
  view: CalendarViewName;
  anchor: string;
  days: readonly string[];
  previous: string;
  next: string;
  today: string;
  campaignId: string;
  channelId: string;
  campaigns: readonly { id: string; name: string }[];
  channels: readonly (NamedChannel & { id: string })[];
  entries: readonly ShownEntry[];
  /** Another one when any entry is, also one that no cell has room for. */
  mark: string;
  clockChanges: readonly ShownClockChange[];
  /** There is more than what is shown, after its last day. */
  hasMore: boolean;
  /** An owner or editor. */
  mayMove: boolean;
}

const VIEWS: readonly { id: CalendarViewName; label: string }[] = [
  { id: 'month', label: 'Month' },
  { id: 'week', label: 'Week' },
  { id: 'agenda', label: 'Agenda' },
];
const PER_DAY = { month: 3, week: 12 };

/** What went out and what goes out, by day. Where scripts run and there is room, posts can be dragged. */
export function CalendarView(props: CalendarViewProps) {
  const { viewer, done, view, timeZone, hasMore, entries } = props;
  return html`<${Layout}
    title="Calendar"
    viewer=${viewer}
    section="calendar"
    width="full"
    styles=${view === 'agenda' ? ['calendar'] : ['fullcalendar', 'fullcalendar-theme', 'calendar', 'calendar-grid']}
    scripts=${view === 'agenda' ? ['live'] : ['live', 'calendar']}
  >
    <h1>Calendar</h1>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <div class="calendar-bar">
      <${Turn} ...${props} />
      <nav class="tabs" aria-label="View">
        ${VIEWS.map(
          ({ id, label }) =>
            html`<a
              key=${id}
              href=${hrefOf(props, dayFor(id, props), id)}
              aria-current=${id === view ? 'page' : undefined}
              >${label}</a
            >`,
        )}
      </nav>
    </div>
    <p class="meta">
      <span>Times are those of ${timeZone}.</span>
      ${props.mayMove && view !== 'agenda' && html`<span class="only-dragging">Drag what is scheduled to another time; it then goes out under your name.</span>`}
    </p>
    <${Filters} ...${props} />
    ${
      hasMore &&
      html`<${Notice} tone="warning" title="There is more than fits here.">
        <p>
          Shown are the first posts of these days, up to ${lastOf(entries)}. Choose a campaign or a channel,
          or look at fewer days.
        </p>
      <//>`
    }
    <${Days} ...${props} />
  <//>`;
}

/** The day on which another view of the same days opens: today where it is among them. */
function dayFor(shown: CalendarViewName, { view, anchor, days, today }: CalendarViewProps): string {
  if (shown === view) return anchor;
  // A month is shown with days of its neighbours.
  const hasToday = view === 'month' ? today.slice(0, 7) === anchor.slice(0, 7) : days.includes(today);
  if (hasToday) return today;
  // A week is of the month of its Thursday, in which most of its days are.
  return view === 'week' && shown === 'month' ? days[3]! : anchor;
}

function Turn(props: CalendarViewProps) {
  const { view, anchor, days, previous, next, today } = props;
  return html`<nav class="turn" aria-label="Days">
    <a class="button plain" href=${hrefOf(props, previous)} aria-label=${`Previous ${UNITS[view]}`}
      ><${Icon} name="chevron-left"
    /></a>
    <a class="button plain" href=${hrefOf(props, next)} aria-label=${`Next ${UNITS[view]}`}
      ><${Icon} name="chevron-right"
    /></a>
    <${LinkButton} href=${hrefOf(props, today)}>Today<//>
    <h2>${rangeWords(view, anchor, days)}</h2>
  </nav>`;
}

const UNITS = { month: 'month', week: 'week', agenda: 'four weeks' };

function Filters(props: CalendarViewProps) {
  const { view, anchor, campaignId, channelId, campaigns, channels } = props;
  return html`<${CampaignChannelFilter}
    ...${{ campaignId, channelId, campaigns, channels }}
    action="/calendar"
    kept=${{ view, from: anchor }}
    allHref=${hrefOf({ ...props, campaignId: '', channelId: '' }, anchor)}
  />`;
}

function Days(props: CalendarViewProps) {
  const { viewer, view, anchor, days, timeZone, entries } = props;
  return html`<div
    class="calendar"
    data-view=${view}
    data-anchor=${anchor}
    data-campaign=${props.campaignId}
    data-channel=${props.channelId}
    data-time-zone=${timeZone}
    data-may-move=${props.mayMove ? '' : undefined}
    data-csrf=${viewer.csrfToken}
  >
    <div id="calendar-days" data-live data-mark=${props.mark}>
      ${entries.length === 0 && html`<${Nothing} ...${props} />`}
      ${
        view === 'agenda'
          ? html`<${CalendarAgenda} ...${props} />`
          : html`<${CalendarTable}
              ...${props}
              caption=${rangeWords(view, anchor, days)}
              month=${view === 'month' ? anchor.slice(0, 7) : undefined}
              perDay=${PER_DAY[view]}
              agendaHref=${(date: string) => hrefOf(props, date, 'agenda')}
            />`
      }
    </div>
  </div>`;
}

function Nothing({ campaignId, channelId }: CalendarViewProps) {
  return html`<${EmptyState} title="Nothing goes out in these days.">
    <p>
      ${
        campaignId || channelId
          ? 'Only what fits the filter is shown.'
          : 'Posts are drafted in your editor and turn up here once they have a time.'
      }
    </p>
  <//>`;
}

function hrefOf(
  { view, campaignId, channelId }: Pick<CalendarViewProps, 'view' | 'campaignId' | 'channelId'>,
  from: string,
  shown: CalendarViewName = view,
): string {
  const query = new URLSearchParams({ view: shown, from });
  if (campaignId) query.set('campaign', campaignId);
  if (channelId) query.set('channel', channelId);
  return `/calendar?${query}`;
}

function lastOf(entries: readonly ShownEntry[]): string {
  const last = entries.at(-1);
  return last ? `${last.date}, ${last.time}` : 'their first';
}
