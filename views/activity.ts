import { ACTION_WORDS, hrefOfTarget } from './activity-words.ts';
import { Button, EmptyState, LinkButton, Notice, Pager, Select } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ShownActivity {
  id: string;
  at: Date;
  since: Date;
  count: number;
  actor: 'connection' | 'person' | 'system';
  personName: string | null;
  clientName: string | null;
  connectionId: string | null;
  action: string;
  target: string | null;
  result: string;
  /** Whom or what a person dealt with, by name. */
  about: string | null;
  /** In words. */
  rule: string | null;
  address: string | null;
}

/** What the page is asked for; an empty text asks for nothing. */
export interface ActivityFields {
  who: string;
  client: string;
  connection: string;
  what: string;
  target: string;
  result: string;
  from: string;
  to: string;
}

export interface ActivityViewProps {
  viewer: Viewer;
  timeZone: string;
  fields: ActivityFields;
  problem: string | undefined;
  choices: { people: readonly Choice[]; clients: readonly Choice[] };
  activities: readonly ShownActivity[];
  isFiltered: boolean;
  nextHref: string | undefined;
  firstHref: string | undefined;
}

interface Choice {
  id: string;
  name: string;
}

export function ActivityView(props: ActivityViewProps) {
  const { viewer, timeZone, activities, isFiltered, problem, nextHref, firstHref } = props;
  const back = { href: '/', label: 'Home' };
  return html`<${Layout}
    title="Activity"
    viewer=${viewer}
    section="activity"
    back=${back}
    scripts=${['live']}
  >
    <h1>Activity</h1>
    <p>
      What people, clients and Grantcast itself did in ${viewer.team.name}. Nothing here is ever changed or
      removed:${' '}
      <a href="/activity/days">every day is signed</a>.
    </p>
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
    <${Filters} ...${props} />
    <div id="activity-list" class="through" data-live>
      ${
        activities.length === 0
          ? html`<${NothingShown} isFiltered=${isFiltered} />`
          : html`<ul class="list" aria-label="Activity">
              ${activities.map(
                (activity) =>
                  html`<${ActivityLine} key=${activity.id} activity=${activity} timeZone=${timeZone} />`,
              )}
            </ul>`
      }
    </div>
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  <//>`;
}

const GROUPS = [
  { value: '', label: 'Everything' },
  { value: 'tools', label: 'What clients asked for' },
  { value: 'posts', label: 'Posts and deliveries' },
  { value: 'connections', label: 'Connections and tokens' },
  { value: 'people', label: 'People and sign-in' },
  { value: 'setup', label: 'Channels and policy' },
];
const RESULTS = [
  { value: '', label: 'Any result' },
  { value: 'ok', label: 'Done' },
  { value: 'not_ok', label: 'Refused, failed or stopped' },
];

function Filters({ fields, choices, isFiltered }: ActivityViewProps) {
  const people = [{ value: '', label: 'Anybody' }, ...toOptions(choices.people)];
  const clients = [{ value: '', label: 'Any client' }, ...toOptions(choices.clients)];
  return html`<details open=${isFiltered}>
    <summary>Filter</summary>
    <form method="get" action="/activity" class="filters" aria-label="Filter">
      ${(['connection', 'target'] as const).map(
        (name) =>
          fields[name] && html`<input key=${name} type="hidden" name=${name} value=${fields[name]} />`,
      )}
      ${fields.target && html`<p class="hint">Only what concerns <a href=${hrefOfTarget(fields.target) ?? '/'}>this</a>.</p>`}
      ${fields.connection && html`<p class="hint">Only under <a href=${`/connections/${fields.connection}`}>this connection</a>.</p>`}
      <${Select} label="Who" name="who" options=${people} value=${fields.who} />
      <${Select} label="Client" name="client" options=${clients} value=${fields.client} />
      <${Select} label="What" name="what" options=${GROUPS} value=${fields.what} />
      <${Select} label="Result" name="result" options=${RESULTS} value=${fields.result} />
      <${Day} label="From" name="from" value=${fields.from} />
      <${Day} label="To" name="to" value=${fields.to} />
      <div class="actions">
        <${Button}>Show<//>
        ${isFiltered && html`<${LinkButton} href="/activity">Show everything<//>`}
      </div>
    </form>
  </details>`;
}

function Day({ label, name, value }: { label: string; name: string; value: string }) {
  return html`<div class="field">
    <label for=${`field-${name}`}>${label}</label>
    <input type="date" id=${`field-${name}`} name=${name} value=${value} />
  </div>`;
}

function toOptions(choices: readonly Choice[]) {
  return choices.map(({ id, name }) => ({ value: id, label: name }));
}

function NothingShown({ isFiltered }: { isFiltered: boolean }) {
  if (!isFiltered) return html`<${EmptyState} title="Nothing happened yet." />`;
  return html`<${EmptyState} title="Nothing like this happened.">
    <p><a href="/activity">Show everything</a></p>
  <//>`;
}

const MINUTE_MS = 60_000;

function ActivityLine({ activity, timeZone }: { activity: ShownActivity; timeZone: string }) {
  const { at, since, count, result, about, rule, address } = activity;
  const href = hrefOfTarget(activity.target);
  const words = ACTION_WORDS[activity.action] ?? activity.action.replaceAll(/[._]/g, ' ');
  const reason = result.replaceAll('_', ' ');
  return html`<li>
    <div class="line">
      <span>
        <strong>${actorOf(activity)}</strong>${' '}
        ${href ? html`<a href=${href}>${words}</a>` : words}${about && html`: <bdi>${about}</bdi>`}
        ${count > 1 && html` × ${count}`}
      </span>
      ${result !== 'ok' && html`<span class="badge" data-tone="warning">${activity.actor === 'connection' ? `Not done: ${reason}` : reason}</span>`}
    </div>
    <p class="meta">
      ${
        at.getTime() - since.getTime() >= MINUTE_MS
          ? html`<span
              ><${Moment} at=${since} timeZone=${timeZone} /> to <${Moment} at=${at} timeZone=${timeZone}
            /></span>`
          : html`<${Moment} at=${at} timeZone=${timeZone} />`
      }
      ${rule && html`<span>Rule: ${rule}</span>`} ${address && html`<span>from ${address}</span>`}
    </p>
  </li>`;
}

function actorOf({ actor, personName, clientName, action }: ShownActivity): string {
  // Nobody proved to be that person.
  if (action === 'person.sign_in_failed') return `Somebody as ${personName ?? 'a person who left'}`;
  if (actor === 'system') return 'Grantcast';
  const person = personName ?? 'Somebody who left';
  return actor === 'connection' && clientName ? `${clientName} for ${person}` : person;
}
