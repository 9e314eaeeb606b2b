import { EmptyState, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ShownDay {
  /** UTC, 2026-12-01. */
  day: string;
  /** Null: it has so many rows that it is checked only when asked for. */
  checked: {
    state: 'unchanged' | 'changed' | 'waiting';
    problem: string | null;
    rowCount: number;
    signedRowCount: number | null;
    signedAt: Date | null;
  } | null;
}

export interface ActivityDaysViewProps {
  viewer: Viewer;
  timeZone: string;
  days: readonly ShownDay[];
  mayDownload: boolean;
  checkHref: (day: string) => string;
  nextHref: string | undefined;
  firstHref: string | undefined;
}

export function ActivityDaysView(props: ActivityDaysViewProps) {
  const { viewer, days, nextHref, firstHref } = props;
  const back = { href: '/activity', label: 'Activity' };
  return html`<${Layout} title="Signed days" viewer=${viewer} section="activity" back=${back}>
    <h1>Signed days</h1>
    <p>
      When a day (UTC) is over, Grantcast signs what happened in it, and the day before with it. Each look at
      this page compares the record with what was signed.
    </p>
    ${
      days.length === 0
        ? html`<${EmptyState} title="No day is over yet.">
            <p>The first one is signed some minutes after midnight UTC.</p>
          <//>`
        : html`<ul class="list" aria-label="Days">
            ${days.map((day) => html`<${DayLine} key=${day.day} ...${props} shown=${day} />`)}
          </ul>`
    }
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
    <${HowToCheck} />
  <//>`;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  rows_changed: 'A row is not what was signed.',
  rows_missing: 'Rows are missing.',
  rows_added: 'There are rows that were not there when it was signed.',
  digest_missing: 'Its signature is missing.',
  digest_changed: 'Its signature does not fit: what was signed was replaced, or SECRET_KEY is another one.',
  chain_broken: 'The day before it is not what was signed.',
};
const SIGNED_LATE_MS = 2 * 86_400_000;

function DayLine({ shown, timeZone, mayDownload, checkHref }: ActivityDaysViewProps & { shown: ShownDay }) {
  const { day, checked } = shown;
  return html`<li id=${day}>
    <div class="line">
      <span
        ><strong><time datetime=${day}>${nameOf(day)}</time></strong></span
      >
      <${Verdict} checked=${checked} />
    </div>
    ${checked?.problem && html`<p>${PROBLEMS[checked.problem] ?? checked.problem}</p>`}
    <p class="meta">
      ${checked && html`<span>${countOf(checked)}</span>`}
      ${
        checked?.signedAt &&
        html`<span>
          ${checked.state === 'unchanged' && 'Unchanged since it was '}signed${isLate(day, checked.signedAt) && ' late'},${' '}
          <${Moment} at=${checked.signedAt} timeZone=${timeZone} />
        </span>`
      }
      ${!checked && html`<a href=${checkHref(day)}>Check this day</a>`}
      ${mayDownload && checked?.signedAt && html`<a href=${`/activity/days/${day}`} download>Download</a>`}
    </p>
  </li>`;
}

function Verdict({ checked }: Pick<ShownDay, 'checked'>) {
  if (!checked) return html`<span class="badge">Not checked</span>`;
  if (checked.state === 'waiting') return html`<span class="badge">Not signed yet</span>`;
  if (checked.state === 'changed') return html`<span class="badge" data-tone="problem">Changed</span>`;
  return html`<span class="badge" data-tone="good">Unchanged</span>`;
}

function countOf({ rowCount, signedRowCount }: NonNullable<ShownDay['checked']>): string {
  const rows = rowCount === 1 ? '1 row' : `${rowCount} rows`;
  return signedRowCount === null || signedRowCount === rowCount
    ? rows
    : `${rows}, ${signedRowCount} were signed`;
}

/** The workers were not running, or somebody took the signature away and it was made anew. */
function isLate(day: string, signedAt: Date): boolean {
  return signedAt.getTime() - Date.parse(`${day}T00:00:00Z`) > SIGNED_LATE_MS;
}

const DAY_NAME = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

function nameOf(day: string): string {
  return DAY_NAME.format(new Date(`${day}T00:00:00Z`));
}

function HowToCheck() {
  return html`<details>
    <summary>Check a downloaded day without Grantcast</summary>
    <ol>
      <li>
        Take SHA-256 of these lines, each ended by a line feed: <code>grantcast-activity-1</code>, the team,
        the day, the digest of the day before (empty on the first), then every line of the file after its
        first. It is the digest of the first line.
      </li>
      <li>
        Check the Ed25519 signature with the public key over these, joined by line feeds without a last
        one:${' '}
        <code>grantcast-activity-1</code>, the team, the day, the number of rows, the digest, the time of
        signing.
      </li>
      <li>Keep the public key and the newest digest elsewhere: that is what a later file is held against.</li>
    </ol>
  </details>`;
}
